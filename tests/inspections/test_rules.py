"""The pure rules: the table of a form's life, the faults of a form, deadlines."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timezone

import pytest

from app.inspections.rules import (
    Choice,
    FollowUpAct,
    FollowUpState,
    FormAct,
    FormEntry,
    FormState,
    GroupMember,
    LineEntry,
    Settlement,
    after,
    follow_up_due,
    form_faults,
    form_warnings,
    lines_of_items,
    may_be_exempt,
    may_carry_out,
    may_close,
    may_close_follow_up,
    may_fill,
    may_read_form,
    may_step,
    may_step_follow_up,
    needs_follow_up,
    publication_deadline,
    read_entry,
    starts_after_approval,
    what_is_missing,
)
from app.regulation.calendar import WorkCalendar, parse_calendar
from seeds.reader import REFERENCE

DAY = date(2026, 11, 23)
NOTHING = Choice("no_problem", False, False)
PROBLEM = Choice("problem", True, True)
CORRECT = Choice("correct", True, True)
OTHER = Choice("other", True, True, needs_text=True)
CLOSED = Choice("closed", False, False)
COMPLETE = FormEntry(result_id=1, lines={"1-1": LineEntry("ok")}, started_on=DAY, ended_on=DAY)

EDGES = {
    ("not_started", "save"): "saved",
    ("saved", "save"): "saved",
    ("returned", "save"): "saved",
    ("not_started", "submit"): "submitted",
    ("saved", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "return"): "returned",
    ("submitted", "approve"): "approved",
    ("submitted", "exempt"): "exempt",
    ("approved", "exempt"): "exempt",
    ("approved", "publish"): "published",
}


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    return parse_calendar((REFERENCE / "calendar.csv").read_text(encoding="utf-8"))


@pytest.mark.rule("R-26.1")
@pytest.mark.parametrize(("state", "act"), list(itertools.product(FormState, FormAct)))
def test_a_form_takes_the_steps_of_the_table_and_no_other(state, act):
    wanted = EDGES.get((state.value, act.value))
    assert after(state, act) == wanted
    assert bool(may_step(state, act)) is (wanted is not None)


@pytest.mark.rule("R-28.1")
@pytest.mark.parametrize(("state", "act"), list(itertools.product(FollowUpState, FollowUpAct)))
def test_a_case_is_handled_then_closed(state, act):
    allowed = {("open", "handle"), ("handled", "handle"), ("handled", "close")}
    assert bool(may_step_follow_up(state, act)) is ((state.value, act.value) in allowed)


def codes(entry, result, disposition=None, today=DAY):
    return {(f.field, f.code) for f in form_faults(entry, ["1-1"], result, disposition, today)}


@pytest.mark.rule("R-26.1")
def test_an_empty_form_lists_every_fault():
    assert codes(FormEntry(), None) == {
        ("result", "result_missing"),
        ("line-1-1", "line_unanswered"),
        ("started_on", "day_missing"),
        ("ended_on", "day_missing"),
    }


@pytest.mark.rule("R-26.1")
@pytest.mark.parametrize(
    ("changes", "result", "disposition", "expected"),
    [
        ({}, NOTHING, None, set()),
        ({}, PROBLEM, CORRECT, {("problem_text", "problem_needs_text")}),
        ({"problem_text": "未登记"}, PROBLEM, None, set()),
        ({"problem_text": "未登记"}, PROBLEM, CORRECT, set()),
        ({"problem_text": "未登记"}, PROBLEM, OTHER, {("disposition_text", "disposition_needs_text")}),
        ({"problem_text": "未登记", "disposition_text": "约谈"}, PROBLEM, OTHER, set()),
        ({"lines": {}}, NOTHING, None, {("line-1-1", "line_unanswered")}),
        ({"lines": {}}, CLOSED, None, set()),
        (
            {"lines": {"1-1": LineEntry("problem")}},
            NOTHING,
            None,
            {("remark-1-1", "problem_needs_text"), ("result", "result_contradicts_lines")},
        ),
        ({"ended_on": None}, NOTHING, None, {("ended_on", "day_missing")}),
        (
            {"started_on": date(2026, 11, 24)},
            NOTHING,
            None,
            {("started_on", "day_in_future"), ("ended_on", "days_out_of_order")},
        ),
        ({"ended_on": date(2026, 11, 22)}, NOTHING, None, {("ended_on", "days_out_of_order")}),
        ({"problem_text": "长" * 2001}, NOTHING, None, {("problem_text", "too_long")}),
        ({"accompanied_by": "人" * 201}, NOTHING, None, {("accompanied_by", "too_long")}),
    ],
)
def test_each_fault_of_a_form(changes, result, disposition, expected):
    assert codes(FormEntry(**{**COMPLETE.__dict__, **changes}), result, disposition) == expected


def test_a_visit_outside_the_period_is_a_warning_only():
    assert [w.code for w in form_warnings(COMPLETE, date(2026, 12, 1), date(2026, 12, 31))] == [
        "outside_period"
    ]
    assert form_warnings(COMPLETE, date(2026, 11, 1), date(2026, 11, 23)) == []


def test_what_is_sent_is_read_with_its_broken_shapes():
    sent = {
        "result": "7",
        "line-1-1": "perhaps",
        "remark-1-1": " 说明 ",
        "started_on": "2026-02-30",
        "ended_on": "2026-11-23",
        "version": "x",
    }
    entry, faults = read_entry(sent, ["1-1"])
    assert entry.result_id == 7
    assert entry.lines == {"1-1": LineEntry("", "说明")}
    assert (entry.started_on, entry.ended_on) == (None, DAY)
    assert {(f.field, f.code) for f in faults} == {
        ("line-1-1", "not_a_choice"),
        ("started_on", "not_a_date"),
        ("version", "not_a_choice"),
    }


def test_what_is_missing_is_named_once_and_in_order():
    faults = form_faults(FormEntry(), ["a", "b"], None, None, DAY)
    assert what_is_missing([*faults, *faults]) == ["result", "line-a", "line-b", "started_on", "ended_on"]


@pytest.mark.rule("R-26.1")
def test_an_item_without_lines_becomes_one_line():
    lines = lines_of_items([(4, "登记事项", []), (5, "公示", [(9, "年报", "查系统")])])
    assert [(line["key"], line["text"]) for line in lines] == [("4-0", "登记事项"), ("5-9", "年报")]


@pytest.mark.rule("R-27.1")
@pytest.mark.parametrize(
    ("ended", "last"),
    [
        (date(2026, 11, 23), date(2026, 12, 21)),
        (date(2026, 11, 22), date(2026, 12, 18)),
        (date(2026, 11, 21), date(2026, 12, 18)),
        (date(2026, 9, 23), date(2026, 10, 28)),
    ],
)
def test_publication_is_due_twenty_working_days_after_the_day_the_visit_ended(calendar, ended, last):
    deadline = publication_deadline(ended, calendar)
    assert deadline.last_day == last
    assert not deadline.provisional
    days = [
        d
        for d in range((last - ended).days + 1)
        if d and calendar.is_working_day(date.fromordinal(ended.toordinal() + d))
    ]
    assert len(days) == 20


@pytest.mark.rule("R-27.1")
def test_a_deadline_in_a_year_without_calendar_is_provisional(calendar):
    assert publication_deadline(date(2026, 12, 21), calendar).provisional


@pytest.mark.rule("R-27.1")
@pytest.mark.parametrize(
    ("basis", "allowed"), [("政府信息公开条例第十四条", True), ("", False), ("  ", False)]
)
def test_an_exemption_names_its_basis(basis, allowed):
    assert bool(may_be_exempt(basis)) is allowed


@pytest.mark.rule("R-28.1")
def test_follow_up_is_due_by_what_is_to_be_done(calendar):
    assert follow_up_due("transfer", DAY, calendar) == date(2026, 11, 26)
    assert follow_up_due("notify", DAY, calendar) == date(2026, 11, 30)
    assert follow_up_due("correct", DAY, calendar) == date(2026, 12, 21)
    assert follow_up_due(None, DAY, calendar) == date(2026, 12, 21)


@pytest.mark.rule("R-28.1")
def test_a_case_is_needed_by_the_result_or_by_the_disposition():
    assert needs_follow_up(PROBLEM, None)
    assert needs_follow_up(NOTHING, CORRECT)
    assert not needs_follow_up(NOTHING, Choice("none", False, False))
    assert not needs_follow_up(NOTHING, None)


@pytest.mark.rule("R-28.1")
def test_whoever_handled_a_case_does_not_close_it():
    assert not may_close_follow_up("u1", "u1")
    assert may_close_follow_up("u1", "u2")


def member(**changes):
    values = {
        "name": "甲",
        "certificate_no": "640100-1",
        "agency_id": 1,
        "user_id": 7,
        "lead": True,
        "certified": True,
        "certificate_until": date(2026, 11, 23),
    }
    return GroupMember(**{**values, **changes})


@pytest.mark.rule("N-6")
@pytest.mark.parametrize(
    ("group", "code"),
    [
        ([member()], None),
        ([], "not_assigned"),
        ([member(user_id=8)], "not_assigned"),
        ([member(user_id=None)], "not_assigned"),
        ([member(agency_id=2)], "not_assigned"),
        ([member(certified=False)], "not_certified"),
        ([member(active=False)], "not_certified"),
        ([member(certificate_until=date(2026, 11, 22))], "not_certified"),
        ([member(certificate_until=None)], "not_certified"),
    ],
)
def test_only_assigned_certified_inspectors_of_the_agency_sign(group, code):
    assert getattr(may_fill(group, 1, 7, DAY), "code", None) == code


@pytest.mark.rule("N-6")
def test_nobody_without_account_is_taken_for_an_inspector_without_one():
    assert not may_fill([member(user_id=None)], 1, None, DAY)


@pytest.mark.rule("R-15.3")
@pytest.mark.parametrize(
    ("method", "number", "allowed"), [("on_site", 2, True), ("on_site", 1, False), ("online", 1, True)]
)
def test_a_check_on_site_needs_two_certified_inspectors(method, number, allowed):
    group = [member(user_id=i) for i in range(number)] + [member(certified=False), member(agency_id=2)]
    assert bool(may_carry_out(group, 1, method, DAY)) is allowed


@pytest.mark.rule("N-4")
def test_a_visit_does_not_lie_before_its_approval():
    approved = datetime(2026, 11, 22, 16, 30, tzinfo=timezone.utc)
    assert starts_after_approval(DAY, approved) == []
    assert [f.code for f in starts_after_approval(date(2026, 11, 22), approved)] == ["visit_before_approval"]


@pytest.mark.rule("R-26.1")
@pytest.mark.parametrize(
    ("found", "code"),
    [
        (Settlement(2, 0, 0, 0), None),
        (Settlement(0, 0, 0, 0), "nothing_was_drawn"),
        (Settlement(2, 1, 0, 0), "forms_open"),
        (Settlement(2, 0, 1, 0), "forms_open"),
        (Settlement(2, 0, 0, 1), "forms_unpublished"),
    ],
)
def test_when_a_task_may_close(found, code):
    assert getattr(may_close(found), "code", None) == code
    assert found.is_settled is (code is None)


def test_another_agency_reads_a_form_once_it_is_submitted():
    assert may_read_form(1, "saved", {1})
    assert not may_read_form(1, "saved", {2})
    assert not may_read_form(1, "returned", {2})
    assert may_read_form(1, "submitted", {2})
