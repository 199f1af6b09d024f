"""Whoever submits does not approve: joint plans and joint lists, whatever memberships the person has."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.db import unit_of_work
from app.item_lists import services as lists
from app.item_lists.models import ItemList
from app.kernel.errors import Refused
from app.plans import services as plans
from app.plans.models import Plan
from app.security.approval import approving_agency
from app.security.models import Account, Agency, Membership


def _agency(session, code: str) -> Agency:
    return session.scalars(select(Agency).where(Agency.code == code)).one()


def _code(session, name: str) -> str:
    return f"u{session.scalars(select(Account.id).where(Account.username == name)).one()}"


def _submitted(session, kind: str, office: str, by: str):
    """A plan or list that `by` has submitted for an office."""
    agency = _agency(session, office)
    values = {"agency_id": agency.id, "year": 2027, "name": "示例", "state": "submitted", "submitted_by": by}
    row = (
        Plan(kind="joint", no=f"T-{office}", **values) if kind == "plan" else ItemList(kind="joint", **values)
    )
    session.add(row)
    session.commit()
    return row


APPROVE = {"plan": plans.approve_joint, "list": lists.approve_list}


def _without(session, *names: str) -> None:
    for name in names:
        query = select(Membership).join(Account, Account.id == Membership.user_id)
        session.scalars(query.where(Account.username == name)).one().active = False
    session.commit()


@pytest.mark.parametrize("kind", ["plan", "list"])
def test_a_reviewer_who_submitted_does_not_approve_and_another_one_does(session, act_as, kind):
    row = _submitted(session, kind, "OFFICE-640100", _code(session, "office_reviewer"))
    with pytest.raises(Refused, match="same_person"), act_as("office_reviewer") as unit:
        APPROVE[kind](unit, row.id)
    with act_as("office_reviewer_b") as unit:
        assert APPROVE[kind](unit, row.id).state == "approved"


@pytest.mark.parametrize("kind", ["plan", "list"])
def test_with_one_reviewer_the_office_above_approves_also_when_that_one_submitted(session, act_as, kind):
    row = _submitted(session, kind, "OFFICE-640100", _code(session, "office_reviewer"))
    _without(session, "office_reviewer_b")
    with pytest.raises(Refused, match="other_agency"), act_as("office_reviewer") as unit:
        APPROVE[kind](unit, row.id)
    with act_as("region_reviewer") as unit:
        assert APPROVE[kind](unit, row.id).state == "approved"


@pytest.mark.parametrize("kind", ["plan", "list"])
def test_at_the_top_the_only_reviewer_does_not_approve_what_the_same_person_submitted(session, act_as, kind):
    """Nobody is above the region: it waits for a second reviewer, and says so."""
    row = _submitted(session, kind, "OFFICE-640000", _code(session, "region_reviewer"))
    _without(session, "region_reviewer_b")
    with pytest.raises(Refused, match="same_person"), act_as("region_reviewer") as unit:
        APPROVE[kind](unit, row.id)
    session.expire_all()
    assert session.get(type(row), row.id).state == "submitted"


@pytest.mark.parametrize("kind", ["plan", "list"])
def test_the_same_human_under_another_membership_is_the_same_person(session, act_as, clock, kind):
    row = _submitted(session, kind, "OFFICE-640100", _code(session, "office"))
    with act_as("office") as unit:
        person = unit.actor
    with act_as("office_reviewer") as unit:
        scope, actor = unit.scope, replace(unit.actor, code=person.code, user_id=person.user_id)
    with pytest.raises(Refused, match="same_person"), unit_of_work(actor, scope, clock) as unit:
        APPROVE[kind](unit, row.id)


@pytest.mark.parametrize("kind", ["plan", "list"])
def test_the_database_refuses_an_approval_by_the_submitter(session, kind):
    row = _submitted(session, kind, "OFFICE-640100", "u7")
    row.approved_by = "u7"
    with pytest.raises(IntegrityError, match="approved_by_another"):
        session.flush()
    session.rollback()


def test_a_replacement_whose_time_is_over_does_not_count_as_a_reviewer(session, clock):
    from datetime import timedelta

    from app.kernel.clock import today

    office = _agency(session, "OFFICE-640100")
    assert approving_agency(session, office, today(clock)).id == office.id
    query = select(Membership).join(Account, Account.id == Membership.user_id)
    hat = session.scalars(query.where(Account.username == "office_reviewer_b")).one()
    hat.roles[0].until = today(clock) - timedelta(days=1)
    session.commit()
    assert approving_agency(session, office, today(clock)).code == "OFFICE-640000"
