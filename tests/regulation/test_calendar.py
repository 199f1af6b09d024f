"""Working days and the deadlines that are counted in them."""

import csv
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from app.kernel.errors import Invalid
from app.regulation.calendar import MESSAGES, WorkCalendar, end_of_day, local_day, parse_calendar

SEED = Path(__file__).resolve().parents[2] / "seeds" / "reference" / "calendar.csv"
BEIJING = timezone(timedelta(hours=8))
HEADER = "paper_year,date,name,type\n"


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    return parse_calendar(SEED.read_text(encoding="utf-8"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.rule("R-23.1")
def test_every_day_of_2023_to_2026_is_what_the_notices_say(calendar):
    with SEED.open(encoding="utf-8") as lines:
        said = {row["date"]: row["type"] for row in csv.DictReader(lines)}
    day, seen = date(2023, 1, 1), 0
    while day < date(2027, 1, 1):
        by_weekday = "off" if day.isoweekday() in (6, 7) else "work"
        assert calendar.is_working_day(day) == (said.get(day.isoformat(), by_weekday) == "work"), day
        day, seen = day + timedelta(days=1), seen + 1
    assert seen == 365 * 4 + 1


@pytest.mark.parametrize(("year", "days"), [(2023, 249), (2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_the_notices_leave(calendar, year, days):
    # Counted by hand from the notices: weekdays of the year, less weekdays off, plus weekend days worked.
    assert calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == days


def test_the_sunday_that_is_worked_counts(calendar):
    # Sunday 4 January 2026 makes up for the New Year's bridge day.
    assert calendar.add_working_days(date(2025, 12, 31), 2).date == date(2026, 1, 5)
    assert calendar.is_working_day(date(2026, 1, 4))


@pytest.mark.rule("R-23.1")
def test_the_day_of_the_push_does_not_count_and_the_second_day_lasts_until_midnight(calendar):
    due = calendar.deadline(at("2026-03-04 09:00"), 2)
    assert due.last_day == date(2026, 3, 6)
    assert due.due_at == datetime(2026, 3, 6, 16, 0, tzinfo=UTC)
    assert due.due_at.utcoffset() == timedelta(0)
    assert due.is_met(at("2026-03-06 23:59:59.999999"))
    assert not due.is_met(at("2026-03-07 00:00"))
    assert not due.provisional


@pytest.mark.rule("R-23.1")
def test_a_push_around_midnight_belongs_to_the_day_in_shanghai(calendar):
    before = calendar.deadline(datetime(2026, 3, 4, 15, 59, 59, tzinfo=UTC), 2)
    after = calendar.deadline(datetime(2026, 3, 4, 16, 0, tzinfo=UTC), 2)
    assert (before.last_day, after.last_day) == (date(2026, 3, 6), date(2026, 3, 9))


@pytest.mark.rule("R-23.1")
def test_a_push_before_spring_festival_is_answered_after_it(calendar):
    # 14 February 2026 (Saturday) is worked, 15 to 23 February are off, 28 February (Saturday) is worked.
    assert calendar.deadline(at("2026-02-13 17:00"), 2).last_day == date(2026, 2, 24)
    assert calendar.deadline(at("2026-02-14 17:00"), 2).last_day == date(2026, 2, 25)
    assert calendar.deadline(at("2026-02-18 10:00"), 2).last_day == date(2026, 2, 25)
    assert calendar.deadline(at("2026-02-26 10:00"), 2).last_day == date(2026, 2, 28)


def test_twenty_working_days_run_over_the_national_holiday(calendar):
    # 20 September and 10 October 2026 are worked, 25 September and 1 to 7 October are off.
    assert calendar.deadline(at("2026-09-16 12:00"), 20).last_day == date(2026, 10, 20)


def test_2027_has_no_notice_and_every_deadline_in_it_is_provisional(calendar):
    due = calendar.deadline(at("2027-03-03 10:00"), 2)
    assert (due.last_day, due.provisional) == (date(2027, 3, 5), True)
    assert not calendar.is_working_day(date(2027, 3, 6))


def test_a_deadline_that_only_passes_through_an_unsettled_day_is_provisional(calendar):
    assert not calendar.deadline(at("2026-12-22 10:00"), 2).provisional
    assert calendar.deadline(at("2026-12-23 10:00"), 2).provisional
    # Late December waits for the notice of the next year, which may give a weekend day to work.
    assert calendar.deadline(at("2026-12-25 10:00"), 2).provisional
    assert not calendar.deadline(at("2025-12-25 10:00"), 2).provisional


def test_a_settled_day_reached_over_an_unsettled_one_is_provisional():
    gap = WorkCalendar(frozenset(), frozenset(), frozenset({2025, 2027}))
    reached = gap.add_working_days(date(2026, 12, 30), 2)
    assert (reached.date, reached.provisional, gap.is_settled(reached.date)) == (date(2027, 1, 1), True, True)


def test_the_notice_of_the_next_year_settles_the_end_of_december():
    text = HEADER + "2022,2022-10-01,国庆节,off\n"
    assert parse_calendar(text).add_working_days(date(2022, 12, 29), 1).provisional
    settled = parse_calendar(text + "2023,2022-12-31,元旦,off\n2023,2023-01-02,元旦,off\n")
    assert settled.official_years == {2022, 2023}
    counted = settled.add_working_days(date(2022, 12, 29), 2)
    assert (counted.date, counted.provisional) == (date(2023, 1, 3), False)


def test_a_day_in_december_does_not_make_its_year_official(calendar):
    assert calendar.official_years == {2023, 2024, 2025, 2026}
    assert not calendar.is_settled(date(2022, 6, 1))


def test_what_is_left_of_a_period_turns_negative_when_it_is_late(calendar):
    last = date(2026, 3, 6)
    assert calendar.working_days_between(date(2026, 3, 4), last) == 2
    assert calendar.working_days_between(last, last) == 0
    assert calendar.working_days_between(date(2026, 3, 8), last) == 0
    assert calendar.working_days_between(date(2026, 3, 10), last) == -2


def test_counting_back_is_the_reverse_of_counting_forward(calendar):
    day = date(2023, 1, 3)
    while day < date(2026, 12, 1):
        for n in (1, 2, 20):
            there = calendar.add_working_days(day, n).date
            assert calendar.working_days_between(day, there) == n
            if calendar.is_working_day(day):
                assert calendar.add_working_days(there, -n).date == day
        day += timedelta(days=1)
    assert calendar.add_working_days(date(2026, 3, 7), 0).date == date(2026, 3, 7)


def test_a_moment_without_time_zone_and_a_period_without_a_day_are_refused(calendar):
    with pytest.raises(ValueError, match="time zone"):
        calendar.deadline(datetime(2026, 3, 4, 9, 0), 2)
    with pytest.raises(ValueError, match="at least one"):
        calendar.deadline(at("2026-03-04 09:00"), 0)


def test_the_day_ends_at_16_hours_utc():
    assert end_of_day(date(2026, 12, 31)) == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert local_day(end_of_day(date(2026, 12, 31))) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("", "calendar_columns", 1),
        ("date,type\n2026-01-01,off\n", "calendar_columns", 1),
        (HEADER, "calendar_empty", 1),
        (HEADER + "26,2026-01-01,元旦,off\n", "calendar_year", 2),
        (HEADER + "２０２６,2026-01-01,元旦,off\n", "calendar_year", 2),
        (HEADER + "2026,2026-02-30,春节,off\n", "calendar_date", 2),
        (HEADER + "2026,2026-W01-1,元旦,off\n", "calendar_date", 2),
        (HEADER + "2026,,,\n", "calendar_date", 2),
        (HEADER + "2026,2026-01-01,元旦,holiday\n", "calendar_type", 2),
        (HEADER + "2026,2027-01-01,元旦,off\n", "calendar_year_of_date", 2),
        (HEADER + "2026,2025-11-30,元旦,off\n", "calendar_year_of_date", 2),
        (HEADER + "2026,2026-01-01,元旦,off\n2026,2026-01-01,元旦,work\n", "calendar_contradiction", 3),
        (HEADER + "2026,2026-01-01," + "x" * 200_000 + ",off\n", "calendar_unreadable", 2),
    ],
)
def test_a_faulty_calendar_is_refused_with_line_and_reason(text, code, row):
    with pytest.raises(Invalid) as refused:
        parse_calendar(text)
    (fault,) = refused.value.faults
    assert (fault.code, fault.row) == (code, row)
    assert MESSAGES[code] % {"value": fault.value, **fault.facts}
    assert MESSAGES[refused.value.code] % refused.value.facts


def test_all_faults_of_a_calendar_are_named_at_once():
    with pytest.raises(Invalid) as refused:
        parse_calendar(HEADER + "x,2026-01-01,元旦,off\n2026,y,元旦,off\n2026,2026-01-03,元旦,z\n")
    assert [fault.row for fault in refused.value.faults] == [2, 3, 4]


def test_a_calendar_with_byte_order_mark_and_windows_lines_is_read():
    read = parse_calendar("\ufeff" + HEADER.replace("\n", "\r\n") + "2026,2026-01-04,元旦,work\r\n")
    assert read.work == {date(2026, 1, 4)}
