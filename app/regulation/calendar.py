"""Statutory working days and the deadlines counted in them (article 23; Asia/Shanghai).

The notices of the State Council say which days are off and which weekend days are worked. A day that no
notice has settled yet is taken from its weekday and marked provisional, to be counted again later.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO

from app.kernel.clock import SHANGHAI, UTC
from app.kernel.errors import Fault, Invalid
from app.regulation.registry import implements

CSV_COLUMNS = ("paper_year", "date", "name", "type")

# New Year's Day takes its bridge and make-up days from the weekend before it, by the notice of the new year
# (2022-12-31 was a day off by the notice for 2023). The earliest such weekend begins on 26 December.
_NEXT_NOTICE_FROM = (12, 25)

_ONE_DAY = timedelta(days=1)

MESSAGES = {
    "calendar_columns": "The first line must name the columns paper_year, date, name and type.",
    "calendar_unreadable": "The line is no comma-separated text.",
    "calendar_empty": "The calendar holds no day.",
    "calendar_year": "The year of the notice is not a year: %(value)s.",
    "calendar_date": "The date must look like 2026-01-04, not %(value)s.",
    "calendar_type": "The type must be off or work, not %(value)s.",
    "calendar_year_of_date": "The date %(value)s cannot stand in the notice for %(paper_year)s.",
    "calendar_contradiction": "The date %(value)s is said to be off and to be worked.",
    "calendar_faulty": "The calendar was not taken over: %(count)s faulty lines.",
}


@dataclass(frozen=True, slots=True)
class DayResult:
    """A day that was counted to. `provisional`: a day on the way is not settled by a notice yet."""

    date: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due_at` (aware, UTC) is the first moment that is too late: 24:00 Asia/Shanghai of `last_day`."""

    due_at: datetime
    last_day: date
    provisional: bool

    def is_met(self, at: datetime) -> bool:
        """Whether an act at this moment (aware) is in time."""
        return at < self.due_at


def local_day(at: datetime) -> date:
    """The day in Asia/Shanghai of an aware moment. Raises `ValueError` for a naive one."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("a moment without a time zone has no day")
    return at.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """24:00 Asia/Shanghai of the day, in UTC."""
    return datetime.combine(day + _ONE_DAY, time(), SHANGHAI).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Days off, weekend days that are worked, and the years that have a notice of their own."""

    off: frozenset[date]
    work: frozenset[date]
    official_years: frozenset[int]

    def is_working_day(self, day: date) -> bool:
        if day in self.off:
            return False
        return day in self.work or day.weekday() < 5

    def is_settled(self, day: date) -> bool:
        """Whether every notice that can speak about this day has been published."""
        if (day.month, day.day) >= _NEXT_NOTICE_FROM and day.year + 1 not in self.official_years:
            return False
        return day.year in self.official_years

    def add_working_days(self, start: date, n: int) -> DayResult:
        """The nth working day after `start` (before it when n is negative); `start` itself does not count.

        With n = 0 it is `start`, working day or not.
        """
        step = _ONE_DAY if n > 0 else -_ONE_DAY
        day, left, provisional = start, abs(n), False
        while left:
            day += step
            left -= self.is_working_day(day)
            provisional = provisional or not self.is_settled(day)
        return DayResult(day, provisional)

    def working_days_between(self, a: date, b: date) -> int:
        """Working days after `a` up to and including `b`: what is left at `a` of a period that ends on `b`.

        Negative when `b` lies before `a`: then it is the number of working days that `a` is late.
        """
        if b < a:
            return -self.working_days_between(b, a)
        span = (b - a).days
        return sum(self.is_working_day(a + timedelta(days=i)) for i in range(1, span + 1))

    @implements("R-23.1")
    def deadline(self, after: datetime, working_days: int) -> Deadline:
        """The end of a period of working days that begins on the day after `after` (aware).

        Raises `ValueError` for a naive moment or a period of less than one day.
        """
        if working_days < 1:
            raise ValueError(f"a period has at least one working day, not {working_days}")
        last = self.add_working_days(local_day(after), working_days)
        return Deadline(end_of_day(last.date), last.date, last.provisional)


def parse_calendar(csv_text: str) -> WorkCalendar:
    """Read `paper_year,date,name,type` (type: off or work), where `paper_year` is the year of the notice.

    Official are the years that have a notice of their own: a day of December that the next year's notice
    settles does not make its own year official. Raises `Invalid("calendar_faulty")` with all faults and rows.
    """
    days: dict[date, str] = {}
    years: set[int] = set()
    faults: list[Fault] = []
    for row, line in _lines(csv_text):
        parsed = _parse_line(line, row)
        if isinstance(parsed, Fault):
            faults.append(parsed)
            continue
        year, day, kind = parsed
        if days.setdefault(day, kind) != kind:
            faults.append(Fault("type", "calendar_contradiction", value=day.isoformat(), row=row))
        years.add(year)
    if not days and not faults:
        faults.append(Fault("date", "calendar_empty", row=1))
    if faults:
        raise Invalid("calendar_faulty", faults, count=len(faults))
    return WorkCalendar(
        off=frozenset(day for day, kind in days.items() if kind == "off"),
        work=frozenset(day for day, kind in days.items() if kind == "work"),
        official_years=frozenset(years),
    )


def _lines(csv_text: str) -> list[tuple[int, dict[str, str | None]]]:
    reader = csv.DictReader(StringIO(csv_text.removeprefix("\ufeff")))
    try:
        if not set(CSV_COLUMNS) <= set(reader.fieldnames or ()):
            raise Invalid("calendar_faulty", [Fault("header", "calendar_columns", row=1)], count=1)
        return [(reader.line_num, line) for line in reader]
    except csv.Error:
        unreadable = Fault("line", "calendar_unreadable", row=reader.line_num + 1)
        raise Invalid("calendar_faulty", [unreadable], count=1) from None


def _parse_line(line: dict[str, str | None], row: int) -> tuple[int, date, str] | Fault:
    text = {column: (line[column] or "").strip() for column in CSV_COLUMNS}
    if not (text["paper_year"].isascii() and text["paper_year"].isdigit() and len(text["paper_year"]) == 4):
        return Fault("paper_year", "calendar_year", value=text["paper_year"], row=row)
    try:
        day = datetime.strptime(text["date"], "%Y-%m-%d").date()
    except ValueError:
        return Fault("date", "calendar_date", value=text["date"], row=row)
    if text["type"] not in ("off", "work"):
        return Fault("type", "calendar_type", value=text["type"], row=row)
    year = int(text["paper_year"])
    if day.year != year and not (day.year == year - 1 and (day.month, day.day) >= _NEXT_NOTICE_FROM):
        return Fault("date", "calendar_year_of_date", value=text["date"], row=row, paper_year=year)
    return year, day, text["type"]
