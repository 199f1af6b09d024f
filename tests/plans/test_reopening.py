"""A frozen plan is changed by two people: one asks, another one decides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.db import unit_of_work
from app.kernel.errors import Invalid, Refused
from app.notifications.due import lines_for
from app.plans import services
from app.plans.models import Plan, PlanReopening
from app.plans.rules import may_ask_to_change, may_decide_change
from app.security.models import Agency
from tests.tasks.conftest import new_entry, new_plan


@pytest.fixture
def plan(session) -> Plan:
    """A published joint plan of the city with one entry."""
    made = new_plan(session)
    new_entry(session, made)
    return made


@pytest.fixture
def asked(plan, act_as) -> int:
    with act_as("office") as unit:
        services.ask_change(unit, plan.id, "漏列一个参与部门")
    return plan.id


def fresh(session, plan_id) -> Plan:
    session.expire_all()
    return session.get(Plan, plan_id)


@pytest.mark.rule("R-18.2")
def test_one_asks_and_another_lets_the_plan_be_changed(session, asked, act_as) -> None:
    assert fresh(session, asked).state == "published"
    with act_as("office_reviewer") as unit:
        services.grant_change(unit, asked)
    stored = fresh(session, asked)
    assert (stored.state, stored.remarks) == ("returned", "漏列一个参与部门")
    assert {entry.state for entry in stored.entries} == {"draft"}
    request = session.scalars(select(PlanReopening)).one()
    assert request.state == "granted" and request.asked_by != request.decided_by


def test_denied_the_plan_stays_as_it_is_with_the_reason(session, asked, act_as) -> None:
    with pytest.raises(Invalid), act_as("office_reviewer") as unit:
        services.deny_change(unit, asked, " ")
    with act_as("office_reviewer") as unit:
        services.deny_change(unit, asked, "年内按第二十条办理")
    assert fresh(session, asked).state == "published"
    with pytest.raises(Refused, match="plan_change_not_asked"), act_as("office_reviewer") as unit:
        services.grant_change(unit, asked)


@pytest.mark.rule("R-18.2")
def test_the_same_person_under_another_membership_does_not_decide(session, asked, act_as, clock) -> None:
    with act_as("office") as unit:
        person = unit.actor
    with act_as("office_reviewer") as unit:
        scope, actor = unit.scope, replace(unit.actor, code=person.code, user_id=person.user_id)
    for verb in (services.grant_change, lambda u, i: services.deny_change(u, i, "不")):
        with pytest.raises(Refused, match="same_person"), unit_of_work(actor, scope, clock) as unit:
            verb(unit, asked)
    assert fresh(session, asked).state == "published"


@pytest.mark.parametrize(
    ("who", "code"),
    [("office", "role_missing"), ("police_reviewer", "other_agency"), ("region_reviewer", "other")],
)
def test_nobody_else_decides(asked, act_as, who, code) -> None:
    with pytest.raises(Refused, match=code), act_as(who) as unit:
        services.grant_change(unit, asked)


def test_nobody_but_the_editor_asks_and_only_with_a_reason(plan, act_as) -> None:
    with pytest.raises(Refused), act_as("office_reviewer") as unit:
        services.ask_change(unit, plan.id, "为什么不")
    with pytest.raises(Invalid), act_as("office") as unit:
        services.ask_change(unit, plan.id, "  ")


@pytest.mark.rule("R-18.2")
def test_a_plan_whose_entries_have_begun_is_not_taken_back(session, plan, act_as) -> None:
    plan.entries[0].state = "in_progress"
    session.commit()
    with pytest.raises(Refused, match="plan_has_tasks"), act_as("office") as unit:
        services.ask_change(unit, plan.id, "改一下")


def test_tasks_that_begin_meanwhile_hold_the_plan(session, asked, act_as) -> None:
    fresh(session, asked).entries[0].state = "in_progress"
    session.commit()
    with pytest.raises(Refused, match="plan_has_tasks"), act_as("office_reviewer") as unit:
        services.grant_change(unit, asked)


def test_with_one_reviewer_the_office_above_decides(session, asked, act_as) -> None:
    """The city's office loses a reviewer: its own remaining one is not asked any more."""
    from app.security.models import Account, Membership

    lost = session.scalars(
        select(Membership)
        .join(Account, Account.id == Membership.user_id)
        .where(Account.username == "office_reviewer_b")
    ).one()
    lost.active = False
    session.commit()
    with pytest.raises(Refused, match="other_agency"), act_as("office_reviewer") as unit:
        services.grant_change(unit, asked)
    with act_as("region_reviewer") as unit:
        assert services.grant_change(unit, asked).state == "returned"


def test_the_rules_say_it_without_a_database() -> None:
    assert may_ask_to_change("draft", 0).code == "plan_not_frozen"
    assert may_ask_to_change("approved", 0) and may_ask_to_change("published", 0)
    assert may_decide_change("asked", "u1", "u1").code == "same_person"
    assert may_decide_change("granted", "u1", "u2").code == "plan_change_not_asked"


def test_the_database_refuses_one_person_as_both(session, asked) -> None:
    request = session.scalars(select(PlanReopening)).one()
    request.state, request.decided_by, request.decided_at = "granted", request.asked_by, request.asked_at
    with pytest.raises(IntegrityError, match="decided_by_another"):
        session.flush()
    session.rollback()


def test_pages_lead_from_the_editor_to_the_reviewer(session, plan, client_as, act_as, clock) -> None:
    office, reviewer = client_as("office"), client_as("office_reviewer")
    assert f"/plans/{plan.id}/ask-change" in office.get(f"/plans/{plan.id}").text
    assert office.post(f"/plans/{plan.id}/ask-change", data={"reason": "漏列部门"}).status_code == 302
    with act_as("office_reviewer") as unit:
        assert f"/plans/{plan.id}" in [line.url for line in lines_for(unit.session, unit.actor, clock)]
    page = reviewer.get(f"/plans/{plan.id}").text
    assert "漏列部门" in page and f"/plans/{plan.id}/grant-change" in page
    assert f"/plans/{plan.id}/grant-change" not in office.get(f"/plans/{plan.id}").text
    assert reviewer.post(f"/plans/{plan.id}/grant-change").status_code == 302
    assert fresh(session, plan.id).state == "returned"


def test_an_agency_plan_is_decided_by_its_own_reviewer(session, act_as) -> None:
    agency = session.scalars(select(Agency).where(Agency.code == "POLICE-640100")).one()
    plan = Plan(
        kind="agency", no="6401-2026-T", name="公安计划", agency_id=agency.id, year=2026, state="published"
    )
    session.add(plan)
    session.commit()
    with act_as("police_admin") as unit:
        services.ask_change(unit, plan.id, "增加一项")
    with act_as("police_reviewer") as unit:
        assert services.grant_change(unit, plan.id).state == "returned"
