"""Joint meetings on three levels, memberships that follow the calendar, scopes that follow the tree."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.security.models import Account, Agency, MeetingMember, Region
from app.security.queries import (
    agency_by_code,
    members_of,
    memberships_of,
    office_above,
    office_of,
    scope_for,
)
from app.security.rules import RoleName, may_act, may_hold_together, sits_in_meeting

DAY = date(2026, 11, 23)


@pytest.mark.rule("R-5.1")
def test_every_region_city_and_county_has_one_office_and_zones_have_none(session):
    rows = session.execute(
        select(Region.level, Region.id, func.count(Agency.id))
        .outerjoin(Agency, (Agency.region_id == Region.id) & Agency.is_office)
        .group_by(Region.level, Region.id)
    ).all()
    assert {level for level, _, _ in rows} == {"region", "city", "county", "zone"}
    for level, _, offices in rows:
        assert offices == (0 if level == "zone" else 1)


@pytest.mark.rule("R-5.1")
def test_a_region_cannot_get_a_second_office(session):
    office = agency_by_code(session, "OFFICE-640100")
    with pytest.raises(IntegrityError, match="uq_agency_one_office"), session.begin_nested():
        session.add(
            Agency(code="SECOND", name="x", region_id=office.region_id, line_code="office", is_office=True)
        )
        session.flush()


@pytest.mark.rule("R-5.1")
@pytest.mark.parametrize(
    ("joined", "left", "sits"),
    [
        (DAY, None, True),
        (DAY + timedelta(days=1), None, False),
        (DAY - timedelta(days=9), DAY, False),
        (DAY - timedelta(days=9), DAY + timedelta(days=1), True),
    ],
)
def test_rule_and_query_agree_on_who_sits_in_a_meeting(session, joined, left, sits):
    office, police = agency_by_code(session, "OFFICE-640100"), agency_by_code(session, "POLICE-640100")
    for row in session.scalars(select(MeetingMember).where(MeetingMember.agency_id == police.id)):
        session.delete(row)
    session.flush()
    session.add(MeetingMember(office_id=office.id, agency_id=police.id, joined_on=joined, left_on=left))
    session.flush()
    assert sits_in_meeting(joined, left, DAY) is sits
    assert (police in members_of(session, office.id, DAY)) is sits


@pytest.mark.rule("R-5.1")
def test_the_office_above_a_county_is_the_citys_and_above_that_the_regions(session):
    county = office_of(session, session.scalars(select(Region.id).where(Region.code == "640104")).one())
    city = office_above(session, county)
    assert city.code == "OFFICE-640100"
    top = office_above(session, city)
    assert top.code == "OFFICE-640000"
    assert office_above(session, top) is None


def _scope(session, username):
    account = session.scalars(select(Account).where(Account.username == username)).one()
    return scope_for(session, memberships_of(session, account.id)[0], DAY)


def _codes(session, ids):
    return set(session.scalars(select(Agency.code).where(Agency.id.in_(ids))))


def test_an_office_watches_everything_below_and_changes_only_its_own(session):
    scope = _scope(session, "office")
    assert _codes(session, scope.agency_ids) == {"OFFICE-640100"}
    watched = _codes(session, scope.watch_agency_ids)
    assert {"POLICE-640100", "AMR-640104"} <= watched
    assert "POLICE-640200" not in watched
    assert "POLICE-640000" not in watched


def test_a_clerk_reaches_the_own_agency_and_the_directories_of_its_region_with_its_zones(session):
    scope = _scope(session, "police_clerk")
    assert _codes(session, scope.readable_agency_ids) == {"POLICE-640100"}
    regions = set(session.scalars(select(Region.code).where(Region.id.in_(scope.region_ids))))
    assert {"640100", "640104", "Z640100-01"} <= regions
    assert "640200" not in regions


@pytest.mark.parametrize("name", ["sysadmin", "secadmin", "auditadmin"])
def test_the_three_administrators_reach_no_business_rows(session, name):
    scope = _scope(session, name)
    assert not scope.readable_agency_ids
    assert not scope.region_ids


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [
        ({"clerk", "reviewer"}, True),
        ({"system_admin"}, True),
        ({"system_admin", "audit_admin"}, False),
        ({"security_admin", "clerk"}, False),
    ],
)
def test_three_administrators_are_three_people_without_business(roles, allowed):
    assert bool(may_hold_together(frozenset(roles))) is allowed


@pytest.mark.rule("R-30.1")
def test_an_act_needs_its_role_under_a_membership_of_its_agency():
    clerk = frozenset({RoleName.CLERK})
    assert may_act(clerk, 7, clerk, 7)
    assert may_act(clerk, 7, frozenset({RoleName.REVIEWER}), 7).code == "role_missing"
    assert may_act(clerk, 7, clerk, 8).code == "other_agency"


@pytest.mark.rule("R-5.3")
def test_the_workbench_puts_the_nearest_deadline_first_and_links_to_where_it_is_settled(app, monkeypatch):
    from datetime import datetime, timezone

    from app.db import Actor, db
    from app.kernel.clock import FixedClock
    from app.notifications import due

    now = datetime(2026, 11, 23, 1, tzinfo=timezone.utc)
    lines = [
        due.DueLine("none", "", "/c", "go"),
        due.DueLine("late", "", "/a", "go", due_at=now - timedelta(days=2)),
        due.DueLine("soon", "", "/b", "go", due_at=now + timedelta(days=1)),
    ]
    monkeypatch.setattr(due, "due_lines", [lambda session, actor, clock: lines])
    found = due.lines_for(db.session(), Actor("u1"), FixedClock(now))
    assert [line.title for line in found] == ["late", "soon", "none"]
    assert all(line.url for line in found)


@pytest.mark.rule("R-21.2")
def test_an_event_says_who_what_when_and_holds_only_what_can_be_sealed(session, act_as, clock):
    from app.audit.models import Event
    from app.audit.services import record
    from app.kernel.canonical import NotCanonical

    with act_as("police_clerk") as unit:
        event = record(unit, "test.made", "test:1", {"n": 1})
    kept = session.get(Event, event.id)
    assert (kept.tag, kept.subject, kept.data) == ("test.made", "test:1", {"n": 1})
    assert kept.at == clock.now().replace(microsecond=0)
    assert kept.actor.startswith("u")
    with pytest.raises(NotCanonical), act_as("police_clerk") as unit:
        record(unit, "test.made", "test:2", {"half": 0.5})
