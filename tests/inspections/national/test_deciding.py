"""What a system says against what is approved, elsewhere or in the portal waits for a person (R-6.2)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.directories.sources.models import SourceSystem
from app.inspections.models import CheckForm, Visit
from app.inspections.national.models import NationalConflict, NationalResult, NationalTask
from app.inspections.national.rules import Against, Choose, choices_of, may_choose, stands_against
from app.inspections.national.services import approve, decide, note_published
from app.jobs.models import Outbox
from app.kernel.errors import Invalid, NotFound, Refused
from tests.inspections.national.world import DAY, Rows, day, results, system, task, tasks, told


def only(session, model):
    session.expire_all()
    return session.scalars(select(model)).one()


@pytest.fixture
def approved_result(rows, act_as, session):
    number = results(act_as, rows.result(1))["rows"][0]["id"]
    with act_as("police_reviewer") as unit:
        approve(unit, number)
    return number


@pytest.mark.rule("R-6.2")
def test_what_is_approved_is_not_overwritten(rows, act_as, session, approved_result):
    assert told(results(act_as, rows.result(1))) == ["unchanged"]
    body = results(act_as, rows.result(1, corrected_on="2026-03-20"))
    assert told(body) == ["conflict"] and body["rows"][0]["against"] == "settled"
    assert only(session, NationalResult).corrected_on is None
    assert told(results(act_as, rows.result(1, corrected_on="2026-03-20"))) == ["conflict"]
    asked = only(session, NationalConflict)
    assert asked.said == {"corrected_on": "2026-03-20"}
    with act_as("police_clerk") as unit:
        decide(unit, asked.id, Choose.KEEP, "系统误报")
    assert told(results(act_as, rows.result(1, corrected_on="2026-03-20"))) == ["unchanged"]
    assert told(results(act_as, rows.result(1, corrected_on="2026-03-21"))) == ["conflict"]


@pytest.mark.rule("R-6.2")
def test_taken_over_it_waits_for_review_again(rows, act_as, session, approved_result):
    results(act_as, rows.result(1, corrected_on="2026-03-20"))
    asked = only(session, NationalConflict)
    with act_as("police_admin") as unit:
        decide(unit, asked.id, Choose.TAKE, "已核实")
    with act_as("police_admin") as unit:
        assert decide(unit, asked.id, Choose.TAKE, "已核实").state == "taken"
    stored = only(session, NationalResult)
    assert (stored.corrected_on, stored.state, stored.approved_by) == (day("2026-03-20"), "received", None)
    with act_as("police_admin") as unit, pytest.raises(Refused, match="national_decided"):
        decide(unit, asked.id, Choose.KEEP, "改主意")


def test_a_question_goes_when_the_system_says_what_stands(rows, act_as, session, approved_result):
    results(act_as, rows.result(1, corrected_on="2026-03-20"))
    assert told(results(act_as, rows.result(1, corrected_on=""))) == ["unchanged"]
    asked = only(session, NationalConflict)
    assert asked.state == "superseded"
    with act_as("police_admin") as unit, pytest.raises(Refused, match="national_decided"):
        decide(unit, asked.id, Choose.TAKE, "已核实")


@pytest.mark.rule("R-6.2")
def test_of_two_systems_a_person_takes_one_or_lets_both_stand(rows, act_as, session):
    system(act_as, rows.police, "second-net")
    tasks(act_as, task(), source="second-net")
    first = results(act_as, rows.result(1), rows.result(2, 1))["rows"]
    body = results(act_as, rows.result(8, problem_text="另一说法"), rows.result(9, 1), source="second-net")
    assert told(body) == ["conflict", "conflict"]
    asked = session.scalars(select(NationalConflict).order_by(NationalConflict.source_id)).all()
    with act_as("police_admin") as unit:
        decide(unit, asked[0].id, Choose.TAKE, "以第二系统为准")
        decide(unit, asked[1].id, Choose.ADD, "两次检查")
    session.expire_all()
    taken = session.get(NationalResult, first[0]["id"])
    second = session.scalars(select(SourceSystem.id).where(SourceSystem.code == "second-net")).one()
    assert (taken.system_id, taken.source_id, taken.problem_text) == (second, "R8", "另一说法")
    of_target = select(NationalResult.source_id).where(NationalResult.target_id == rows.targets[1].id)
    assert sorted(session.scalars(of_target)) == ["R2", "R9"]
    assert told(results(act_as, rows.result(9, 1), source="second-net")) == ["unchanged"]
    assert told(results(act_as, rows.result(1))) == ["conflict"]


@pytest.mark.rule("R-6.2")
def test_a_check_form_of_the_portal_is_never_replaced(approved, submit, act_as, session):
    form = submit("POLICE-640100")
    stored = session.get_one(CheckForm, form.id)
    visited = session.get_one(Visit, stored.visit_id)
    rows = Rows(session)
    system(act_as, rows.police)
    tasks(act_as, task())
    checked = stored.visit_ended_on.isoformat()
    body = results(act_as, rows.result(1, target=visited.target.code, checked_on=checked))
    assert told(body) == ["conflict"] and body["rows"][0]["against"] == "own_result"
    asked = only(session, NationalConflict)
    assert asked.form_id == form.id
    with act_as("police_admin") as unit, pytest.raises(Refused, match="national_choice"):
        decide(unit, asked.id, Choose.TAKE, "不行")
    with act_as("police_admin") as unit:
        decide(unit, asked.id, Choose.ADD, "另一次检查")
    assert only(session, NationalResult).target_id == visited.target_id


def test_a_task_with_approved_results_is_asked_about_and_its_public_results_follow(
    rows, act_as, act_as_system, session, approved_result
):
    with act_as_system() as unit:
        note_published(unit, approved_result)
    assert told(tasks(act_as, task(name="改名任务"))) == ["conflict"]
    asked = only(session, NationalConflict)
    assert only(session, NationalTask).name == "第1号专网任务"
    with act_as("police_admin") as unit:
        decide(unit, asked.id, Choose.TAKE, "名称更正")
    assert only(session, NationalTask).name == "改名任务"
    assert "national.republish" in set(session.scalars(select(Outbox.kind)))


def test_who_decides_and_with_which_words(rows, act_as, session, approved_result):
    results(act_as, rows.result(1, corrected_on="2026-03-20"))
    asked = only(session, NationalConflict)
    for who, error in (("police_reviewer", Refused), ("office", Refused), ("amr_clerk", NotFound)):
        with act_as(who) as unit, pytest.raises(error):
            decide(unit, asked.id, Choose.KEEP, "理由")
    for reason in ("  ", "字" * 301):
        with act_as("police_admin") as unit, pytest.raises(Invalid):
            decide(unit, asked.id, Choose.KEEP, reason)
    assert only(session, NationalConflict).state == "open"


@pytest.mark.rule("R-6.2")
def test_the_rules_of_what_stands_against_a_row():
    def against(**facts):
        usual = {"known": False, "settled": False, "elsewhere": False, "own_form": False, "differs": True}
        return stands_against(**{**usual, **facts})

    assert against() is None
    assert against(elsewhere=True) is Against.OTHER_SOURCE
    assert against(elsewhere=True, own_form=True) is Against.OWN_RESULT
    assert against(known=True, settled=True) is Against.SETTLED
    assert against(known=True, settled=True, differs=False) is None
    assert choices_of("other_source", known=True) == (Choose.KEEP, Choose.ADD)
    assert not may_choose("own_result", Choose.TAKE, known=False)
    assert may_choose("settled", Choose.TAKE, known=True)


def test_the_moment_of_the_visit_moves_into_another_report(rows, act_as, session):
    """A known row that moves onto a day which another system reports is asked about, and added as it is."""
    system(act_as, rows.police, "second-net")
    tasks(act_as, task(), source="second-net")
    results(act_as, rows.result(1))
    results(act_as, rows.result(5, checked_on="2026-03-09"), source="second-net")
    assert told(results(act_as, rows.result(5, checked_on=DAY), source="second-net")) == ["conflict"]
    asked = only(session, NationalConflict)
    with act_as("police_admin") as unit:
        decide(unit, asked.id, Choose.ADD, "同日两次")
    moved = session.scalars(select(NationalResult).where(NationalResult.source_id == "R5")).one()
    assert moved.checked_on == day(DAY)


def test_a_target_that_is_gone_is_not_taken_over(rows, act_as, session, approved_result):
    results(act_as, rows.result(1, at=1))
    asked = only(session, NationalConflict)
    with act_as("police_admin") as unit:
        mine = unit.session.get_one(NationalConflict, asked.id)
        mine.said = {**mine.said, "target_id": 10**9}
    with act_as("police_admin") as unit, pytest.raises(Refused, match="national_target_gone"):
        decide(unit, asked.id, Choose.TAKE, "已核实")
