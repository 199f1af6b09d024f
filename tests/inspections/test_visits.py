"""Visits are set up for every drawn target, approved before they start, and leave a trace."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.audit.models import Event
from app.draws.models import DrawnTarget
from app.inspections import services
from app.inspections.models import CheckForm, Visit
from app.inspections.queries import get_visit, joint_group, settlement, visit_of_token, visits_mine
from app.inspections.rules import Settlement, may_close
from app.kernel.errors import NotFound, Refused
from app.notifications.models import Message
from app.tasks.models import Participant
from tests.inspections.world import entry_for, form_of


@pytest.mark.rule("R-26.1")
def test_every_drawn_target_gets_one_visit_and_every_agency_one_form(visits, look):
    session = look()
    found = session.scalars(select(Visit).order_by(Visit.id)).all()
    assert [v.no for v in found] == ["6401-2026-9001-V001", "6401-2026-9001-V002"]
    for visit in found:
        assert sorted(f.no for f in visit.forms) == [
            f"{visit.no}-AMR",
            f"{visit.no}-HEALTH",
            f"{visit.no}-POLICE",
        ]
        assert {f.state for f in visit.forms} == {"not_started"}
        assert all(f.result_id is None for f in visit.forms)


def test_the_lines_of_a_form_are_those_of_the_agency_s_items_and_unanswered(visits, look):
    form = form_of(look(), visits, "POLICE-640100")
    assert len(form.lines) == 5
    assert "旅客身份" in form.lines[0]["text"]
    assert {line["answer"] for line in form.lines} == {""}


def test_setting_up_again_changes_nothing(visits, act_as, look):
    with act_as("police_clerk") as unit:
        assert services.set_up_visits(unit, visits.draw_id) == []
    assert look().scalar(select(func.count()).select_from(Visit)) == 2


def test_a_replacement_gets_its_own_visit_and_the_replaced_target_holds_nothing_up(
    visits, act_as, act_as_system, look
):
    with act_as_system() as unit:
        old = unit.session.get(DrawnTarget, visits.drawn_ids[0])
        other = unit.session.get(DrawnTarget, visits.drawn_ids[1])
        new = DrawnTarget(
            draw_id=old.draw_id,
            task_id=old.task_id,
            target_id=other.target_id + 1,
            code="NEW",
            batch=1,
            stratum="S1",
            rank=3,
            ticket="f" * 64,
            region_code="640100",
        )
        unit.session.add(new)
        unit.session.flush()
        old.replaced_by_id, old.replace_reason = new.id, "已注销"
    with act_as("police_clerk") as unit:
        assert [v.no for v in services.set_up_visits(unit, visits.draw_id)] == ["6401-2026-9001-V003"]
    assert settlement(look(), visits.task_id) == Settlement(2, 0, 6, 0)


def test_agencies_that_declined_get_no_form(world, act_as, act_as_system, look):
    with act_as_system() as unit:
        unit.session.execute(
            update(Participant)
            .where(Participant.task_id == world.task_id)
            .values(state="declined", reason="无人")
        )
    with act_as("police_clerk") as unit:
        services.set_up_visits(unit, world.draw_id)
    assert {f.agency.code for f in look().scalars(select(CheckForm))} == {"POLICE-640100"}


@pytest.mark.parametrize("who", ["police_reviewer", "police_admin"])
def test_only_clerks_set_visits_up(world, act_as, who):
    with pytest.raises(Refused, match="role_missing"), act_as(who) as unit:
        services.set_up_visits(unit, world.draw_id)


def test_a_draw_out_of_reach_is_not_there(world, act_as_system, act_as, look):
    with pytest.raises(NotFound), act_as("sysadmin") as unit:
        services.set_up_visits(unit, world.draw_id)


@pytest.mark.rule("N-4")
def test_the_initiator_s_reviewer_approves_all_visits_and_the_inspectors_are_told(visits, act_as, look):
    with act_as("police_reviewer") as unit:
        assert services.approve_visits(unit, visits.task_id) == 2
    with act_as("police_reviewer") as unit:
        assert services.approve_visits(unit, visits.task_id) == 0
    session = look()
    assert all(v.approved_at and v.approved_by for v in session.scalars(select(Visit)))
    assert session.scalar(select(func.count()).where(Event.tag == "visits.approved")) == 1
    told = session.scalar(select(func.count()).where(Message.kind == "inspections.assigned"))
    assert told == 6


@pytest.mark.rule("N-4")
@pytest.mark.parametrize(
    ("who", "code"),
    [("amr_reviewer", "other_agency"), ("police_clerk", "role_missing"), ("office_reviewer", "other_agency")],
)
def test_nobody_else_approves_the_visits(visits, act_as, who, code):
    with pytest.raises(Refused, match=code), act_as(who) as unit:
        services.approve_visits(unit, visits.task_id)


@pytest.mark.rule("N-4")
def test_there_is_nothing_to_approve_before_the_visits_are_set_up(world, act_as):
    with pytest.raises(Refused, match="no_visits"), act_as("police_reviewer") as unit:
        services.approve_visits(unit, world.task_id)


@pytest.mark.rule("N-4")
def test_no_form_is_begun_before_the_approval(visits, act_as, look, result_ids):
    form = form_of(look(), visits, "POLICE-640100")
    for verb in (services.save_form, services.submit_form):
        with (
            pytest.raises(Refused, match="visit_not_approved"),
            act_as(visits.people["POLICE-640100"][0]) as unit,
        ):
            verb(unit, form.id, entry_for(form, result_ids["1"]))


@pytest.mark.rule("N-5")
def test_arrival_and_departure_are_noted_once_and_in_order(approved, act_as, clock, look):
    leader = approved.people["POLICE-640100"][0]
    visit_id = form_of(look(), approved, "POLICE-640100").visit_id
    with pytest.raises(Refused, match="departed_before_arrival"), act_as(leader) as unit:
        services.record_entry(unit, visit_id, departed_at=clock.now())
    with pytest.raises(Refused, match="time_in_future"), act_as(leader) as unit:
        services.record_entry(unit, visit_id, arrived_at=clock.now() + timedelta(minutes=1))
    first = clock.now()
    with act_as(leader) as unit:
        services.record_entry(unit, visit_id, arrived_at=first)
    clock.advance(hours=1)
    with act_as(approved.people["AMR-640100"][0]) as unit:
        services.record_entry(unit, visit_id, arrived_at=clock.now())
    with act_as(leader) as unit:
        services.record_entry(unit, visit_id, departed_at=clock.now())
    visit = look().get(Visit, visit_id)
    assert (visit.arrived_at, visit.departed_at) == (first, clock.now())


@pytest.mark.rule("N-5")
def test_only_who_is_assigned_notes_an_entry(approved, act_as, clock, look):
    visit_id = form_of(look(), approved, "POLICE-640100").visit_id
    with pytest.raises(Refused, match="not_assigned"), act_as(approved.idle["POLICE-640100"]) as unit:
        services.record_entry(unit, visit_id, arrived_at=clock.now())


def test_the_token_is_stored_as_digest_only_and_finds_the_visit(visits, look):
    session = look()
    visit = session.scalars(select(Visit).order_by(Visit.id)).first()
    token = services.notice_token(visit.no)
    assert len(token) == 24
    assert visit.token_digest == hashlib.sha256(token.encode()).digest()
    assert visit_of_token(session, f" {token[:4].upper()} {token[4:]} ").id == visit.id
    assert visit_of_token(session, "a" * 24) is None


def test_the_group_of_a_visit_names_the_inspectors_of_all_agencies(visits, act_as):
    with act_as("amr_clerk") as unit:
        group = joint_group(unit.session, visits.drawn_ids[0])
    assert len(group) == 6
    assert sum(m.lead for m in group) == 3


def test_an_inspector_sees_the_own_visits_and_no_other(visits, act_as):
    with act_as(visits.people["AMR-640100"][0]) as unit:
        rows = visits_mine(unit.session, unit.actor).rows
        assert len(rows) == 2
        assert get_visit(unit.session, unit.actor, rows[0].id).no == rows[0].no
    with act_as(visits.idle["AMR-640100"]) as unit:
        assert visits_mine(unit.session, unit.actor).rows == []
        with pytest.raises(NotFound):
            get_visit(unit.session, unit.actor, rows[0].id)


@pytest.mark.rule("R-26.1")
def test_a_task_cannot_close_before_every_target_has_its_result(visits, look):
    found = settlement(look(), visits.task_id)
    assert found == Settlement(2, 0, 6, 0)
    with pytest.raises(Refused, match="forms_open"):
        may_close(found).require()


@pytest.mark.rule("R-26.1")
def test_a_task_without_visits_cannot_close(world, look):
    assert settlement(look(), world.task_id) == Settlement(2, 2, 0, 0)
