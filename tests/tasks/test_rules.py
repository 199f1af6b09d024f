"""The rules of tasks, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from app.kernel.clock import SHANGHAI
from app.regulation.calendar import WorkCalendar, parse_calendar
from app.tasks.rules import (
    TRANSITIONS,
    Mover,
    ResponseState,
    Scheme,
    TaskState,
    Window,
    are_published,
    is_joint,
    is_overdue,
    may_answer,
    may_move,
    may_release,
    may_respond,
    may_state_reason,
    outcome,
    reminder_at,
    response_deadline,
    scheme_faults,
    task_number,
    working_days_left,
)

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "reference"
ALL_EDGES = [
    ("draft", "push", "pushed"),
    ("pushed", "make_ready", "ready"),
    ("pushed", "fall_back", "draft"),
    ("ready", "draw", "drawn"),
    ("drawn", "void_draw", "ready"),
    ("matched", "void_draw", "ready"),
    ("drawn", "match", "matched"),
    ("matched", "check", "checking"),
    ("checking", "close", "closed"),
    ("closed", "archive", "archived"),
    ("draft", "cancel", "cancelled"),
    ("pushed", "cancel", "cancelled"),
    ("ready", "cancel", "cancelled"),
]


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    return parse_calendar((SEEDS / "calendar.csv").read_text(encoding="utf-8"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.rule("R-21.1")
@pytest.mark.rule("R-6.1")
def test_the_table_holds_these_edges_and_no_other() -> None:
    table = {(str(start), verb, str(edge.end)) for verb, edge in TRANSITIONS.items() for start in edge.start}
    assert table == set(ALL_EDGES)


@pytest.mark.rule("R-21.1")
@pytest.mark.parametrize("state", list(TaskState))
@pytest.mark.parametrize("verb", list(TRANSITIONS))
def test_no_step_is_taken_from_any_other_state(state: TaskState, verb: str) -> None:
    known = (state.value, verb) in {(start, name) for start, name, _ in ALL_EDGES}
    decision = may_move(state, verb)
    assert bool(decision) is known
    if not known:
        assert (decision.code, decision.rule) == ("task_wrong_state", "R-21.1")


@pytest.mark.rule("R-21.1")
def test_each_step_names_who_takes_it() -> None:
    assert {verb: edge.by for verb, edge in TRANSITIONS.items()} == {
        "push": Mover.INITIATOR,
        "make_ready": Mover.ANSWERS,
        "fall_back": Mover.ANSWERS,
        "draw": Mover.DRAW,
        "void_draw": Mover.DRAW,
        "match": Mover.MATCHING,
        "check": Mover.CHECKS,
        "close": Mover.ARCHIVE,
        "archive": Mover.ARCHIVE,
        "cancel": Mover.INITIATOR,
    }


@pytest.mark.rule("R-21.1")
def test_the_only_way_to_archived_goes_through_every_state() -> None:
    state = TaskState.DRAFT
    for verb in ("push", "make_ready", "draw", "match", "check", "close", "archive"):
        assert may_move(state, verb)
        state = TRANSITIONS[verb].end
    assert state == TaskState.ARCHIVED


@pytest.mark.rule("R-2.1")
@pytest.mark.parametrize(
    ("items", "code"),
    [
        ({1: 1}, "task_too_few_agencies"),
        ({1: 3}, "task_too_few_agencies"),
        ({1: 1, 2: 0}, "task_agency_without_item"),
        ({2: 1, 3: 1}, "task_initiator_without_item"),
        ({}, "task_initiator_without_item"),
    ],
)
def test_fewer_than_two_agencies_with_items_are_no_joint_task(items: dict[int, int], code: str) -> None:
    decision = is_joint(1, items)
    assert not decision
    assert decision.code == code


@pytest.mark.rule("R-2.1")
def test_two_agencies_with_an_item_each_are_a_joint_task() -> None:
    assert is_joint(1, {1: 1, 2: 1})


@pytest.mark.rule("N-1")
def test_an_item_that_is_not_published_is_named() -> None:
    assert are_published([("a", True)], 2026)
    decision = are_published([("a", True), ("消防", False)], 2026)
    assert not decision
    assert decision.facts == {"items": "消防", "year": 2026}


WINDOW = Window(date(2026, 10, 1), date(2026, 12, 31), date(2026, 11, 23))
GOOD = Scheme("检查", date(2026, 11, 25), date(2026, 12, 4))


@pytest.mark.rule("R-22.1")
def test_a_whole_scheme_has_no_fault_and_is_on_site_by_default() -> None:
    assert scheme_faults(GOOD, WINDOW) == []
    assert GOOD.method == "on_site"


@pytest.mark.rule("R-22.1")
@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"content": "  "}, "content", "required"),
        ({"content": "字" * 4001}, "content", "too_long"),
        ({"period_from": None}, "period_from", "required"),
        ({"period_to": None}, "period_to", "required"),
        ({"period_to": date(2026, 11, 24)}, "period_to", "period_backwards"),
        ({"period_from": date(2026, 9, 30)}, "period_from", "period_outside_plan"),
        ({"period_to": date(2027, 1, 1)}, "period_from", "period_outside_plan"),
        ({"period_from": date(2026, 11, 1), "period_to": date(2026, 11, 22)}, "period_to", "period_over"),
        ({"method": "by_rumour"}, "method", "not_a_choice"),
        ({"announced": True}, "announced_reason", "required"),
    ],
)
def test_each_gap_of_a_scheme_is_told_with_its_field(changes: dict, field: str, code: str) -> None:
    faults = scheme_faults(replace(GOOD, **changes), WINDOW)
    assert [(fault.field, fault.code) for fault in faults] == [(field, code)]


@pytest.mark.rule("R-22.1")
def test_all_gaps_are_told_at_once() -> None:
    assert {f.field for f in scheme_faults(Scheme("", None, None), WINDOW)} == {
        "content",
        "period_from",
        "period_to",
    }


@pytest.mark.rule("R-23.1")
@pytest.mark.parametrize(
    ("pushed", "last_day", "provisional"),
    [
        ("2026-11-23 09:00", date(2026, 11, 25), False),
        ("2026-11-23 00:00", date(2026, 11, 25), False),
        ("2026-11-23 23:59:59", date(2026, 11, 25), False),
        ("2026-11-27 10:00", date(2026, 12, 1), False),
        ("2026-11-28 10:00", date(2026, 12, 1), False),
        ("2026-09-18 10:00", date(2026, 9, 21), False),  # Sunday 20 September is worked
        ("2026-09-30 17:00", date(2026, 10, 9), False),  # the week of the national holiday is off
        ("2026-10-09 17:00", date(2026, 10, 12), False),  # Saturday 10 October is worked
        ("2027-03-01 10:00", date(2027, 3, 3), True),
    ],
)
def test_two_working_days_after_the_day_of_the_push(
    calendar: WorkCalendar, pushed: str, last_day: date, provisional: bool
) -> None:
    deadline = response_deadline(at(pushed), calendar)
    assert (deadline.last_day, deadline.provisional) == (last_day, provisional)
    assert deadline.due_at == at(f"{last_day + timedelta(days=1)} 00:00")


@pytest.mark.rule("R-23.1")
@pytest.mark.rule("R-23.2")
def test_the_last_second_is_in_time_and_midnight_of_shanghai_is_too_late(calendar: WorkCalendar) -> None:
    due_at = response_deadline(at("2026-11-23 09:00"), calendar).due_at
    assert not is_overdue("pending", due_at, at("2026-11-25 23:59:59"))
    assert is_overdue("pending", due_at, at("2026-11-26 00:00:00"))
    assert not is_overdue("accepted", due_at, at("2026-11-28 00:00:00"))
    assert not is_overdue("pending", None, at("2026-11-28 00:00:00"))


@pytest.mark.rule("R-23.1")
def test_an_answer_is_given_once_while_the_task_waits() -> None:
    assert may_answer("pushed", "pending")
    assert may_answer("draft", "pending").code == "response_not_asked"
    assert may_answer("ready", "accepted").code == "response_given"
    assert may_answer("pushed", "declined").code == "response_given"
    assert may_answer("pushed", "released").code == "response_released"


@pytest.mark.rule("R-23.1")
def test_a_participant_confirms_at_least_one_of_its_own_items() -> None:
    assert may_respond("pushed", "pending", [1], [1, 2])
    assert may_respond("pushed", "pending", [], [1, 2]).code == "response_without_item"
    assert may_respond("pushed", "pending", [1, 3], [1, 2]).code == "response_foreign_item"


@pytest.mark.rule("R-23.2")
def test_a_reason_is_for_a_late_answer_only() -> None:
    due = at("2026-11-26 00:00")
    assert may_state_reason("pending", False, due, at("2026-11-26 00:00"))
    assert may_state_reason("accepted", True, due, at("2026-11-27 00:00"))
    assert may_state_reason("pending", False, due, at("2026-11-25 12:00")).code == "response_not_overdue"


@pytest.mark.rule("R-23.1")
def test_silence_is_released_after_two_more_working_days_and_a_decline_at_once(
    calendar: WorkCalendar,
) -> None:
    due_at = response_deadline(at("2026-11-23 09:00"), calendar).due_at
    early = may_release("pending", due_at, at("2026-11-27 23:59:59"), calendar)
    assert (early.code, early.facts["last_day"]) == ("release_too_early", "2026-11-27")
    assert may_release("pending", due_at, at("2026-11-28 00:00"), calendar)
    assert may_release("declined", due_at, at("2026-11-23 10:00"), calendar)
    assert may_release("accepted", due_at, at("2026-12-28 00:00"), calendar).code == "release_not_open"
    assert may_release("released", due_at, at("2026-12-28 00:00"), calendar).code == "release_not_open"


@pytest.mark.rule("R-21.1")
@pytest.mark.parametrize(
    ("states", "verb"),
    [
        (["accepted", "accepted"], "make_ready"),
        (["accepted", "released"], "make_ready"),
        (["released", "released"], "fall_back"),
        (["released"], "fall_back"),
        (["accepted", "pending"], None),
        (["accepted", "declined"], None),
        (["released", "pending"], None),
    ],
)
def test_what_the_answers_make_of_a_task(states: list[str], verb: str | None) -> None:
    assert outcome(states) == verb


def test_the_reminder_leaves_on_the_morning_of_the_last_day() -> None:
    assert reminder_at(at("2026-11-26 00:00")) == at("2026-11-25 09:00")


def test_working_days_left_are_counted_to_the_last_day(calendar: WorkCalendar) -> None:
    due = at("2026-11-26 00:00")
    assert working_days_left(due, at("2026-11-23 10:00"), calendar) == 2
    assert working_days_left(due, at("2026-11-25 23:00"), calendar) == 0
    assert working_days_left(due, at("2026-11-26 00:00"), calendar) == -1
    assert working_days_left(due, at("2026-11-28 12:00"), calendar) == -2


@pytest.mark.parametrize(
    ("code", "no"),
    [("640100", "6401-2026-0007"), ("640000", "6400-2026-0007"), ("640104", "640104-2026-0007")],
)
def test_no_two_regions_share_a_number(code: str, no: str) -> None:
    assert task_number(code, 2026, 7) == no


def test_every_answer_has_a_state_that_the_outcome_knows() -> None:
    assert {str(s) for s in ResponseState} == {"pending", "accepted", "declined", "released"}
