"""Tasks and results of a national system come in once, whatever way, and nothing is overwritten silently (R-6.2)."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import func, select

from app.db.history import RowHistory
from app.directories.sources.models import SourcePush
from app.directories.targets.models import Target
from app.inspections.national.models import NationalConflict, NationalResult, NationalTask
from app.inspections.national.pushing import push_results, push_tasks
from app.kernel.errors import NotFound, Refused
from tests.inspections.national.world import (
    DAY,
    PROBLEM,
    SYSTEM,
    day,
    faults,
    results,
    system,
    task,
    tasks,
    told,
)


def count(session, model) -> int:
    return session.scalar(select(func.count()).select_from(model))


@pytest.mark.rule("R-6.2")
def test_a_task_said_again_is_unchanged_and_said_otherwise_changed(rows, act_as, session):
    assert told(tasks(act_as, task())) == ["unchanged"]
    again = tasks(act_as, task(name="改名任务"), task(2, random=False, drawn_on=None))
    assert told(again) == ["changed", "new"] and again["rows"][0]["changed"] == ["name"]
    stored = session.scalars(select(NationalTask).order_by(NationalTask.source_id)).all()
    assert [(row.source_id, row.name, row.random) for row in stored] == [
        ("T1", "改名任务", True),
        ("T2", "第2号专网任务", False),
    ]
    kept = session.scalars(
        select(RowHistory).where(RowHistory.table_name == "national_task", RowHistory.op == "UPDATE")
    ).one()
    assert kept.before["name"] == "第1号专网任务" and kept.cause == f"sync:{SYSTEM}"


@pytest.mark.rule("R-6.2")
def test_results_come_in_once(rows, act_as, session):
    first = results(act_as, rows.result(1), rows.result(2, 1, result=PROBLEM, problem_text="未登记"))
    assert told(first) == ["new", "new"] and first["rows"][0]["no"].startswith("NR-")
    assert told(
        results(act_as, rows.result(1), rows.result(2, 1, result=PROBLEM, problem_text="未登记"))
    ) == [
        "unchanged",
        "unchanged",
    ]
    assert count(session, NationalResult) == 2
    stored = session.scalars(select(NationalResult).order_by(NationalResult.id)).first()
    assert stored.inspector_ids == sorted(person.id for person in rows.people[:2])
    assert (stored.target_id, stored.checked_on, stored.state) == (rows.targets[0].id, day(DAY), "received")
    assert stored.publish_due_at > datetime.fromisoformat("2026-03-29T00:00:00+08:00")
    assert session.scalars(select(SourcePush.what).order_by(SourcePush.id)).all() == [
        "tasks",
        "results",
        "results",
    ]


def test_a_field_that_is_left_out_says_nothing_and_an_empty_one_that_there_is_none(rows, act_as, session):
    results(act_as, rows.result(1, result=PROBLEM, problem_text="未登记", corrected_on="2026-03-05"))
    short = {"source_id": "R1", "problem_text": "登记不全"}
    body = results(act_as, short)
    assert told(body) == ["changed"] and body["rows"][0]["changed"] == ["problem_text"]
    assert told(results(act_as, {"source_id": "R1", "corrected_on": ""})) == ["changed"]
    stored = session.scalars(select(NationalResult)).one()
    assert (stored.problem_text, stored.corrected_on, stored.checked_on) == ("登记不全", None, day(DAY))


def test_the_code_of_a_target_is_found_however_it_is_written(rows, act_as, session):
    code = rows.targets[0].code
    wide = code[:2].lower() + " " + "".join(chr(ord(sign) + 0xFEE0) for sign in code[2:])
    assert told(results(act_as, rows.result(1, target=wide))) == ["new"]
    with act_as("office") as unit:
        unit.session.get_one(Target, rows.targets[1].id).code = "YY-640104-1"
    assert told(results(act_as, rows.result(2, target="YY-640104-1"))) == ["new"]


def test_a_correction_comes_later_and_the_deadline_follows_the_day(rows, act_as, session):
    results(act_as, rows.result(1))
    due = session.scalars(select(NationalResult.publish_due_at)).one()
    assert told(results(act_as, rows.result(1, checked_on="2026-03-09"))) == ["changed"]
    session.expire_all()
    assert session.scalars(select(NationalResult.publish_due_at)).one() > due


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"source_id": ""}, ("source_id", "sync_source_id")),
        ({"task": "T9"}, ("task", "national_task_unknown")),
        ({"task": ...}, ("task", "required")),
        ({"target": "NOWHERE-1"}, ("target", "linked_target_unknown")),
        ({"target": ...}, ("target", "required")),
        ({"inspectors": ["没有这个人"]}, ("inspectors", "national_inspector_unknown")),
        ({"inspectors": ["a"] * 51}, ("inspectors", "sync_not_text")),
        ({"inspectors": [f"a{n}" for n in range(21)]}, ("inspectors", "national_too_many")),
        ({"checked_on": "昨天"}, ("checked_on", "target_date_unreadable")),
        ({"checked_on": ...}, ("checked_on", "required")),
        ({"checked_on": "2099-01-01"}, ("checked_on", "day_in_future")),
        ({"checked_on": 20260302}, ("checked_on", "sync_not_text")),
        ({"result": "很好"}, ("result", "not_a_choice")),
        ({"result": ...}, ("result", "required")),
        ({"result": PROBLEM}, ("problem_text", "problem_needs_text")),
        ({"problem_text": "x" * 1001}, ("problem_text", "too_long")),
        ({"disposition": "算了"}, ("disposition", "not_a_choice")),
        ({"disposition": "其他"}, ("disposition_text", "disposition_needs_text")),
        ({"corrected_on": "2026-03-01"}, ("corrected_on", "national_corrected_early")),
        ({"colour": "red"}, ("colour", "sync_unknown_field")),
    ],
)
def test_a_bad_result_is_named_by_field_and_code_and_changes_nothing(
    rows, act_as, session, changes, expected
):
    body = results(act_as, rows.result(1, **changes), rows.result(2, 1))
    assert (told(body), faults(body)) == (["bad", "new"], [expected])
    assert all(error["message"] for error in body["rows"][0]["errors"])
    assert session.scalars(select(NationalResult.source_id)).all() == ["R2"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": ""}, ("name", "required")),
        ({"name": "名" * 201}, ("name", "too_long")),
        ({"items": []}, ("items", "required")),
        ({"items": ["项"] * 51}, ("items", "sync_not_text")),
        ({"random": None}, ("random", "required")),
        ({"random": "maybe"}, ("random", "not_a_choice")),
        ({"period_to": "2026-01-01", "drawn_on": None}, ("period_to", "national_period_order")),
        ({"random": False}, ("drawn_on", "national_drawn_not_random")),
        ({"drawn_on": "2026-07-01"}, ("drawn_on", "national_drawn_late")),
        ({"drawn_on": "20260230"}, ("drawn_on", "target_date_unreadable")),
    ],
)
def test_a_bad_task_is_named_by_field_and_code(rows, act_as, session, changes, expected):
    body = tasks(act_as, task(7, **changes))
    assert (told(body), faults(body)) == (["bad"], [expected])
    assert session.scalars(select(NationalTask.source_id)).all() == ["T1"]


def test_twins_of_a_batch_and_rows_that_are_none(rows, act_as, session):
    body = results(act_as, rows.result(1), rows.result(1, 1), 7)
    assert told(body) == ["new", "bad", "bad"]
    assert faults(body) == [("source_id", "sync_repeated"), ("source_id", "sync_row_shape")]


def test_a_name_that_two_inspectors_have_is_not_guessed(rows, act_as, session):
    with act_as("police_admin") as unit:
        one, two = (unit.session.merge(person) for person in rows.people[:2])
        two.name = one.name
    body = results(act_as, rows.result(1, inspectors=[rows.people[0].name]))
    assert faults(body) == [("inspectors", "national_inspector_ambiguous")]


@pytest.mark.rule("R-6.2")
def test_only_the_agency_of_the_system_pushes_and_only_into_its_own_rows(rows, act_as, session):
    with act_as("office") as unit:
        from app.directories.sources.services.registering import register_system

        register_system(unit, code="region-net", name="自治区系统", agency_id=None)
    for who, source, error in (
        ("office", SYSTEM, Refused),
        ("police_clerk", SYSTEM, Refused),
        ("office", "region-net", Refused),
        ("police_admin", "nobody", NotFound),
    ):
        with act_as(who) as unit, pytest.raises(error):
            push_tasks(unit, source, [task(5)])
    with act_as("office") as unit, pytest.raises(Refused, match="national_no_agency"):
        push_results(unit, "region-net", [])
    theirs = results(act_as, rows.result(1))["rows"][0]["id"]
    with act_as("amr_clerk") as unit:
        assert unit.session.get(NationalResult, theirs) is None
    with act_as("office") as unit:
        assert unit.session.get(NationalResult, theirs) is not None


@pytest.mark.rule("R-6.2")
def test_another_system_that_reports_the_same_inspection_is_a_question(rows, act_as, session):
    system(act_as, rows.police, "second-net")
    tasks(act_as, task(), source="second-net")
    first = results(act_as, rows.result(1))["rows"][0]["id"]
    body = results(act_as, rows.result(1), rows.result(2, checked_on="2026-03-03"), source="second-net")
    assert told(body) == ["conflict", "new"] and body["rows"][0]["against"] == "other_source"
    asked = session.scalars(select(NationalConflict)).one()
    assert (asked.result_id, asked.state, asked.said["checked_on"]) == (first, "open", DAY)
    assert told(results(act_as, rows.result(1), source="second-net")) == ["conflict"]
    assert count(session, NationalConflict) == 1
    assert told(results(act_as, rows.result(1, 1), source="second-net")) == ["new"]
    session.expire_all()
    assert session.scalars(select(NationalConflict.state)).all() == ["superseded"]


def test_the_last_check_of_the_target_follows(rows, act_as, session):
    results(act_as, rows.result(1), rows.result(2, checked_on="2026-04-01"), rows.result(3, 1))
    session.expire_all()
    checked = [session.get(Target, target.id).last_checked_on for target in rows.targets[:2]]
    assert checked == [day("2026-04-01"), day(DAY)]
