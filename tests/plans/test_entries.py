"""Entries: what is refused when they are written, who sees what, overlaps, and the lines of the workbench."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.item_lists.models import ItemList
from app.item_lists.rules import ListState
from app.kernel.clock import FixedClock
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.notifications.models import Message
from app.plans import services
from app.plans.due import lines
from app.plans.models import Plan, PlanEntry
from app.plans.queries import get_entry, get_plan, overlap_facts, overlaps
from app.plans.rules import EntryState, PlanState
from app.plans.seeding import load_demo_rows
from app.security.models import Account, Membership
from tests.plans.conftest import YEAR, agency, hotel_fields, per_class

Act = Callable[..., Any]


@pytest.fixture
def draft(act_as: Act) -> int:
    with act_as("police_admin") as unit:
        return services.open_plan(unit, kind="agency", year=YEAR, name="2026年度市公安局计划").id


def _refused(act_as: Act, draft: int, **changed: Any) -> Refused:
    with pytest.raises(Refused) as refused, act_as("police_admin") as unit:
        services.add_entry(unit, draft, hotel_fields(unit.session, **changed))
    return refused.value


@pytest.mark.rule("R-2.1")
def test_an_entry_with_one_agency_is_refused_with_the_reason(
    act_as: Act, draft: int, session: Session
) -> None:
    police = agency(session, "POLICE-640100").id
    alone = {police: hotel_fields(session).participants[police]}
    assert _refused(act_as, draft, participants=alone).code == "two_agencies_needed"


def test_a_participant_needs_an_item_of_its_own(act_as: Act, draft: int, session: Session) -> None:
    participants = dict(hotel_fields(session).participants)
    participants[agency(session, "HEALTH-640100").id] = ()
    refusal = _refused(act_as, draft, participants=participants)
    assert refusal.code == "participant_without_item" and "卫生健康" in refusal.facts["agency"]


@pytest.mark.rule("R-9.1")
def test_a_general_item_is_not_drawn_above_its_cap(act_as: Act, draft: int) -> None:
    refusal = _refused(act_as, draft, selection={"kind": "total", "number": 26, "multipliers": {}})
    assert (refusal.code, refusal.facts["most"], refusal.facts["library"]) == ("above_cap", 25, 244)
    with act_as("police_admin") as unit:
        fields = hotel_fields(
            unit.session, selection={"kind": "total", "number": 6, "multipliers": {"D": 20}}
        )
        assert services.add_entry(unit, draft, fields).planned_number == 6


@pytest.mark.rule("R-19.1")
def test_number_and_scope_are_checked_against_the_library(act_as: Act, draft: int) -> None:
    rule = {"kinds": ["cooperative"], "industries": ["6110"], "regions": ["640100"], "status": ["active"]}
    assert _refused(act_as, draft, rule=rule).code == "library_empty"
    total = {"kind": "total", "number": 300, "multipliers": {}}
    assert _refused(act_as, draft, selection=total).code == "more_than_library"


@pytest.mark.rule("R-19.1")
def test_every_faulty_field_is_told_at_once(act_as: Act, draft: int, session: Session) -> None:
    faulty = {
        "name": "",
        "month_from": 9,
        "month_to": 3,
        "rule": {"kinds": ["unknown"], "industries": ["6"], "regions": ["640200"]},
        "selection": per_class({"A": 2000}),
    }
    with pytest.raises(Invalid) as invalid, act_as("police_admin") as unit:
        services.add_entry(unit, draft, hotel_fields(unit.session, **faulty))
    assert {fault.field for fault in invalid.value.faults} == {
        "name",
        "month_to",
        "industries",
        "kinds",
        "regions",
        "ratio_A",
    }
    assert session.scalar(select(func.count()).select_from(PlanEntry).where(PlanEntry.plan_id == draft)) == 0


@pytest.mark.rule("N-1")
def test_an_item_that_is_no_longer_published_cannot_enter_a_plan(
    act_as: Act, draft: int, session: Session
) -> None:
    office = agency(session, "OFFICE-640000").id
    joint_list = session.scalars(select(ItemList).where(ItemList.agency_id == office)).one()
    joint_list.year = 2025
    session.flush()
    assert _refused(act_as, draft).code == "item_not_published"
    assert joint_list.state == ListState.PUBLISHED


def test_an_agency_does_not_plan_for_another(act_as: Act, draft: int, session: Session) -> None:
    assert (
        _refused(act_as, draft, initiator_id=agency(session, "AMR-640100").id).code
        == "initiator_is_other_agency"
    )
    with pytest.raises(NotFound), act_as("health_admin") as unit:
        services.add_entry(unit, draft, hotel_fields(unit.session))
    with pytest.raises(Refused), act_as("office") as unit:
        services.add_entry(unit, draft, hotel_fields(unit.session))


def test_whoever_changes_a_stale_entry_is_told_the_difference(act_as: Act, draft: int) -> None:
    with act_as("police_admin") as unit:
        entry = services.add_entry(unit, draft, hotel_fields(unit.session))
        entry_id, version = entry.id, entry.version
        services.change_entry(unit, entry_id, hotel_fields(unit.session, month_to=10), version)
    with pytest.raises(Stale) as stale, act_as("police_admin") as unit:
        services.change_entry(unit, entry_id, hotel_fields(unit.session, month_to=6), version)
    assert stale.value.facts["changes"] == [{"field": "month_to", "theirs": "10", "yours": "6"}]


@pytest.mark.rule("R-18.1")
def test_the_office_returns_a_plan_and_the_agency_publishes_its_own(act_as: Act, police_plan: Plan) -> None:
    with act_as("office") as unit:
        returned = services.return_plan(unit, police_plan.id, "请补充抽查时间")
        assert (returned.state, returned.remarks) == (PlanState.RETURNED, "请补充抽查时间")
    with pytest.raises(Refused, match="plan_not_reported"), act_as("police_admin") as unit:
        services.publish_agency_plan(unit, police_plan.id)
    with act_as("police_admin") as unit:
        services.report_plan(unit, police_plan.id)
        again = services.report_plan(unit, police_plan.id)
        assert again.state == PlanState.REPORTED
    with act_as("police_admin") as unit:
        published = services.publish_agency_plan(unit, police_plan.id)
        assert (published.state, published.no) == (PlanState.PUBLISHED, "6401-2026-POLICE")


def test_a_plan_that_changed_meanwhile_is_not_submitted_unseen(act_as: Act, joint_plan: Plan) -> None:
    with act_as("office") as unit:
        version = get_plan(unit.session, joint_plan.id).version
        services.submit_joint(unit, joint_plan.id, version)
    with act_as("office_reviewer") as unit:
        services.return_joint(unit, joint_plan.id, "请核对")
    with pytest.raises(Stale), act_as("office") as unit:
        services.submit_joint(unit, joint_plan.id, version)


@pytest.mark.rule("R-3.1")
def test_overlapping_entries_of_other_agencies_are_shown_while_composing(
    act_as: Act, police_plan: Plan
) -> None:
    rule = {"kinds": ["enterprise"], "industries": ["6110"], "regions": ["640104"], "status": ["active"]}
    with act_as("health_admin") as unit:
        session = unit.session
        health = agency(session, "HEALTH-640100")
        mine = overlap_facts(session, rule, (11, 12), health.id)
        found = overlaps(session, YEAR, health.region_id, mine)
        assert ("银川市公安局", (11, 12)) in {(o["agency"].name, o["months"]) for o in found}
        with pytest.raises(NotFound):
            get_plan(session, police_plan.id)
        farms = overlap_facts(session, {**rule, "kinds": ["cooperative"]}, (11, 12), health.id)
        assert overlaps(session, YEAR, health.region_id, farms) == []


@pytest.mark.rule("R-18.2")
def test_an_entry_that_was_taken_over_twice_stands_once(act_as: Act, joint_plan: Plan) -> None:
    with act_as("office") as unit:
        plan = get_plan(unit.session, joint_plan.id)
        sources = [entry.source_entry_id for entry in plan.entries]
        services.take_into_joint(unit, plan.id, [s for s in sources if s])
        unit.session.refresh(plan)
        assert [entry.source_entry_id for entry in plan.entries] == sources and len(sources) == 16


def test_tasks_tell_a_published_entry_how_far_it_is(act_as: Act, joint_plan: Plan) -> None:
    with act_as("office") as unit:
        services.submit_joint(unit, joint_plan.id)
    with act_as("office_reviewer") as unit:
        services.approve_joint(unit, joint_plan.id)
    with act_as("office") as unit:
        services.publish_joint(unit, joint_plan.id)
        entries = get_plan(unit.session, joint_plan.id).entries
        hotel = next(entry.id for entry in entries if entry.joint_item.code == "J15")
        canteen = next(entry.id for entry in entries if entry.joint_item.code == "J06")
    with act_as("police_clerk") as unit:
        assert services.note_progress(unit, hotel, "in_progress").state == EntryState.IN_PROGRESS
        with pytest.raises(Refused):
            services.note_progress(unit, canteen, "in_progress")
        with pytest.raises(Refused):
            services.note_progress(unit, hotel, "draft")


@pytest.mark.rule("R-18.1")
def test_the_workbench_says_what_is_to_report_to_compose_to_approve_and_to_publish(
    act_as: Act, clock: FixedClock, draft: int
) -> None:
    def told(name: str) -> list[tuple[str, datetime | None]]:
        with act_as(name) as unit:
            return [(line.url, line.due_at) for line in lines(unit.session, unit.actor, clock)]

    january, march = (datetime(2026, m, 31, 16, tzinfo=timezone.utc) for m in (1, 3))
    assert told("police_admin") == [(f"/plans/{draft}", january)]
    assert told("office") == [("/plans/new", march)]
    assert told("police_clerk") == [] and told("office_reviewer") == []
    with act_as("police_admin") as unit:
        services.add_entry(unit, draft, hotel_fields(unit.session))
        services.report_plan(unit, draft)
    assert told("police_admin") == [(f"/plans/{draft}", march)]
    with act_as("office") as unit:
        joint = services.open_plan(unit, kind="joint", year=YEAR, name="联合计划")
        entry = unit.session.scalars(select(PlanEntry).where(PlanEntry.plan_id == draft)).one()
        services.take_into_joint(unit, joint.id, [entry.id])
        services.submit_joint(unit, joint.id)
        url = f"/plans/{joint.id}"
    assert told("office") == [] and told("office_reviewer") == [(url, march)]
    assert told("region_reviewer") == []
    with act_as("office_reviewer") as unit:
        services.approve_joint(unit, joint.id)
    assert told("office") == [(url, march)]


@pytest.mark.rule("R-18.2")
def test_with_fewer_than_two_reviewers_the_office_above_approves(
    act_as: Act, joint_plan: Plan, session: Session
) -> None:
    second = session.scalars(
        select(Membership)
        .join(Account, Account.id == Membership.user_id)
        .where(Account.username == "office_reviewer_b")
    ).one()
    second.active = False
    session.flush()
    with act_as("office") as unit:
        services.submit_joint(unit, joint_plan.id)
    with pytest.raises(Refused), act_as("office_reviewer") as unit:
        services.approve_joint(unit, joint_plan.id)
    with act_as("region_reviewer") as unit:
        assert services.approve_joint(unit, joint_plan.id).state == PlanState.APPROVED


def test_the_demo_plans_are_loaded_once(act_as_system: Callable[[], Any], session: Session) -> None:
    before = session.scalar(select(func.count()).select_from(PlanEntry))
    assert before == 15
    with act_as_system() as unit:
        load_demo_rows(unit, datetime(2026, 11, 23, tzinfo=timezone.utc).date(), {})
    assert session.scalar(select(func.count()).select_from(PlanEntry)) == before


def test_the_form_is_shown_again_with_its_entries_and_the_sentence(
    app: Any, client_as: Callable[..., Any], session: Session, draft: int
) -> None:
    fields = hotel_fields(session)
    data: dict[str, Any] = {
        "joint": str(fields.joint_item_id),
        "name": "宾馆抽查",
        "initiator": str(fields.initiator_id),
        "agency": [str(a) for a in fields.participants],
        "items": [f"{a}:{i}" for a, items in fields.participants.items() for i in items],
        "kinds": ["enterprise"],
        "industries": "6110",
        "regions": ["640100"],
        "kind": "total",
        "number": "200",
        "month_from": "3",
        "month_to": "6",
        "method": "on_site",
    }
    client = client_as("police_admin")
    page = client.post(f"/plans/{draft}/entries/new", data={**data, "act": "store"})
    assert page.status_code == 200
    assert "宾馆抽查" in page.text and 'value="200"' in page.text
    assert "要抽取200个" in page.text or "上限" in page.text
    stored = client.post(f"/plans/{draft}/entries/new", data={**data, "number": "6", "act": "store"})
    assert stored.status_code == 302
    entry = get_entry(session, int(stored.location.rpartition("/")[2]))
    assert (entry.planned_number, entry.selection["kind"]) == (6, "total")
    edit = client.get(f"{stored.location}/edit")
    assert edit.status_code == 200 and 'value="6"' in edit.text
    assert client_as("health_admin").get(stored.location).status_code == 404
    assert client_as("sysadmin").get("/plans/").status_code == 404


def test_whoever_has_to_act_next_is_told_once(act_as: Act, joint_plan: Plan, session: Session) -> None:
    def told(name: str) -> list[str]:
        mine = (
            select(Message.kind).join(Account, Account.id == Message.user_id).where(Account.username == name)
        )
        return list(session.scalars(mine.order_by(Message.id)))

    assert told("office") == ["plan.reported"]
    with act_as("office") as unit:
        services.submit_joint(unit, joint_plan.id)
        services.submit_joint(unit, joint_plan.id)
    assert told("office_reviewer") == ["plan.submitted"]
    with act_as("office_reviewer") as unit:
        services.return_joint(unit, joint_plan.id, "请核对")
    with act_as("office") as unit:
        services.submit_joint(unit, joint_plan.id)
    with act_as("office_reviewer") as unit:
        services.approve_joint(unit, joint_plan.id)
    assert told("office") == ["plan.reported", "plan.returned", "plan.approved"]
    assert told("office_reviewer") == ["plan.submitted", "plan.submitted"]
