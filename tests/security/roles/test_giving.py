"""Giving and taking roles through the services: every pair is tried on real units, only the table passes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit.models import Event
from app.db import Actor, unit_of_work
from app.db.history import RowHistory
from app.kernel.clock import today
from app.kernel.errors import DomainError, Invalid, NotFound, Refused
from app.security.models import Account, SecurityLog
from app.security.roles import queries, services
from app.security.roles.rules import may_grant, standard
from app.security.rules import RoleName
from app.security.scope import Scope

GIVERS = (
    "region_office",
    "office",
    "police_admin",
    "secadmin",
    "police_clerk",
    "office_reviewer",
    "auditor",
    "sysadmin",
    "auditadmin",
)
UNITS = (
    "OFFICE-640000",
    "AMR-640000",
    "OFFICE-640100",
    "POLICE-640100",
    "HEALTH-640100",
    "OFFICE-640200",
    "POLICE-640200",
    "OFFICE-640104",
    "POLICE-640104",
)


def _as(membership, session, clock) -> Actor:
    from app.security.queries import actor_of

    return actor_of(membership, today(clock))


@pytest.mark.rule("R-30.1")
def test_every_giver_role_and_unit_through_the_service(session, member, newcomer, agency, clock, held):
    """9 givers x 9 roles x 9 units: what the rule allows is stored, everything else leaves no trace."""
    receivers = {code: newcomer(code) for code in UNITS}
    passed = 0
    for name in GIVERS:
        actor = _as(member(name), session, clock)
        own = queries.actor_place(session, actor)
        for code, receiver in receivers.items():
            for role in RoleName:
                allowed = may_grant(actor.roles, own, standard(role), queries.place_of(agency(code)))
                try:
                    with unit_of_work(actor, Scope.system("test"), clock) as unit:
                        services.grant_role(unit, receiver.id, role.value, until=None, reason="示例")
                except DomainError:
                    assert not allowed, (name, role, code)
                    assert held(receiver.id) == frozenset()
                else:
                    assert allowed, (name, role, code)
                    assert held(receiver.id) == {role.value}
                    passed += 1
                    with unit_of_work(actor, Scope.system("test"), clock) as unit:
                        services.revoke_role(unit, receiver.id, role.value, reason="示例")
    # the regional office 3 + 5 + 4 + 4 + 4, the city's 3 + 5 + 5 + 4, the police's 3, the security administrator 7
    assert passed == 20 + 17 + 3 + 7


@pytest.mark.parametrize("name", ["region_office", "office", "police_admin", "secadmin", "police_clerk"])
def test_nobody_changes_the_own_roles(name, member, act_as, held):
    mine = member(name)
    before = held(mine.id)
    for role in RoleName:
        with pytest.raises(DomainError), act_as(name) as unit:
            services.grant_role(unit, mine.id, role.value, until=None, reason="示例")
        with pytest.raises(DomainError), act_as(name) as unit:
            services.revoke_role(unit, mine.id, role.value, reason="示例")
    assert held(mine.id) == before


def test_a_second_membership_of_ones_own_is_oneself_too(member, newcomer, act_as, session):
    other = newcomer("HEALTH-640100", account=session.get(Account, member("office").user_id))
    with pytest.raises(Refused) as error, act_as("office") as unit:
        services.grant_role(unit, other.id, "clerk", until=None, reason="示例")
    assert error.value.code == "own_roles"


def test_a_foreign_unit_and_one_that_is_not_there_give_the_same_answer(newcomer, act_as):
    foreign = newcomer("POLICE-640200")
    answers = []
    for membership_id in (foreign.id, 987654321):
        with pytest.raises(NotFound) as error, act_as("office") as unit:
            services.grant_role(unit, membership_id, "clerk", until=None, reason="示例")
        answers.append((error.value.code, error.value.facts))
    assert answers[0] == answers[1]


def test_a_grant_leaves_reason_giver_event_and_a_line_in_the_security_log(
    session, newcomer, act_as, member, clock
):
    new = newcomer("POLICE-640100")
    end = today(clock) + timedelta(days=10)
    with act_as("police_admin") as unit:
        link = services.grant_role(unit, new.id, "clerk", until=end, reason="顶替休假人员")
    assert (link.until, link.reason, link.granted_by) == (end, "顶替休假人员", member("police_admin").user_id)
    event = session.scalars(
        select(Event).where(Event.tag == "role.granted").order_by(Event.id.desc())
    ).first()
    assert event.subject == f"membership:{new.id}"
    assert event.data == {"role": "clerk", "until": end.isoformat(), "agency": "POLICE-640100"}
    line = session.scalars(
        select(SecurityLog).where(SecurityLog.action == "role_granted").order_by(SecurityLog.id.desc())
    ).first()
    assert (line.subject, line.outcome) == (f"account:{new.user_id}", "ok")
    assert "顶替休假人员" in line.detail


def test_row_history_of_a_grant_is_found_by_the_membership(session, newcomer, act_as):
    new = newcomer("POLICE-640100")
    with act_as("police_admin") as unit:
        services.grant_role(unit, new.id, "clerk", until=None, reason="示例")
    with act_as("police_admin") as unit:
        services.revoke_role(unit, new.id, "clerk", reason="示例")
    query = select(RowHistory.op).where(
        RowHistory.table_name == "membership_role", RowHistory.row_id == str(new.id)
    )
    assert list(session.scalars(query.order_by(RowHistory.id))) == ["INSERT", "DELETE"]


def test_the_same_grant_again_changes_nothing_and_another_end_is_a_change(session, newcomer, act_as, clock):
    new = newcomer("POLICE-640100")

    def events() -> int:
        query = select(Event.id).where(Event.tag == "role.granted", Event.subject == f"membership:{new.id}")
        return len(list(session.scalars(query)))

    end = today(clock) + timedelta(days=3)
    for until, expected in ((None, 1), (None, 1), (end, 2), (end, 2), (None, 3)):
        with act_as("police_admin") as unit:
            link = services.grant_role(unit, new.id, "clerk", until=until, reason="示例")
        assert (link.until, events()) == (until, expected)


@pytest.mark.parametrize(
    ("reason", "days", "codes"),
    [("", None, ["required"]), ("  ", -1, ["required", "end_in_the_past"]), ("字" * 201, None, ["too_long"])],
)
def test_a_reason_and_an_end_that_lies_ahead_are_asked_for(
    reason, days, codes, newcomer, act_as, clock, held
):
    new = newcomer("POLICE-640100")
    until = today(clock) + timedelta(days=days) if days else None
    with pytest.raises(Invalid) as error, act_as("police_admin") as unit:
        services.grant_role(unit, new.id, "clerk", until=until, reason=reason)
    assert [fault.code for fault in error.value.faults] == codes
    assert held(new.id) == frozenset()


def test_a_role_for_a_time_ends_by_itself(session, newcomer, act_as, clock, held, agency):
    from app.security.queries import people

    new = newcomer("POLICE-640100")
    with act_as("police_admin") as unit:
        services.grant_role(unit, new.id, "clerk", until=today(clock), reason="示例")
    police = agency("POLICE-640100").id
    assert held(new.id) == {"clerk"}
    assert new.user_id in {a.id for a in people(session, police, {"clerk"}, today(clock))}
    clock.advance(days=1)
    assert held(new.id) == frozenset()
    assert new.user_id not in {a.id for a in people(session, police, {"clerk"}, today(clock))}


def test_a_security_administrator_for_a_time_appoints_nobody_for_longer(
    session, newcomer, act_as, clock, member
):
    end = today(clock) + timedelta(days=5)
    stand_in = newcomer("OFFICE-640000", "security_admin", until=end)
    new = newcomer("OFFICE-640000")
    actor = _as(stand_in, session, clock)
    with pytest.raises(Refused) as error, unit_of_work(actor, Scope.system("test"), clock) as unit:
        services.grant_role(unit, new.id, "security_admin", until=None, reason="示例")
    assert error.value.code == "longer_than_own"
    with unit_of_work(actor, Scope.system("test"), clock) as unit:
        services.grant_role(unit, new.id, "security_admin", until=end, reason="示例")


def test_a_closed_unit_gets_no_roles(session, newcomer, act_as, agency):
    new = newcomer("HEALTH-640100")
    agency("HEALTH-640100").active = False
    session.commit()
    with pytest.raises(Refused) as error, act_as("office") as unit:
        services.grant_role(unit, new.id, "clerk", until=None, reason="示例")
    assert error.value.code == "unit_closed"


def test_the_last_security_administrator_stays(session, member, newcomer, act_as, act_as_system, clock, held):
    last = member("secadmin")
    with pytest.raises(Refused) as error, act_as_system() as unit:
        services.require_may_leave(unit, last.user_id)
    assert error.value.code == "last_security_admin"
    second = newcomer("OFFICE-640000", "security_admin", until=today(clock) + timedelta(days=9))
    with pytest.raises(Refused), act_as_system() as unit:
        services.revoke_role(unit, last.id, "security_admin", reason="示例")
    with act_as("secadmin") as unit:
        services.grant_role(unit, second.id, "security_admin", until=None, reason="接任")
    with act_as_system() as unit:
        services.revoke_role(unit, last.id, "security_admin", reason="示例")
    assert held(last.id) == frozenset()
    with pytest.raises(Refused), act_as_system() as unit:
        services.grant_role(unit, second.id, "security_admin", until=today(clock), reason="示例")


@pytest.mark.parametrize(
    ("actor", "person", "allowed"),
    [
        ("police_admin", "police_clerk", True),
        ("police_admin", "police_admin", False),
        ("police_admin", "amr_clerk", False),
        ("office", "police_admin", True),
        ("office", "office_reviewer", True),
        ("office", "region_office", False),
        ("region_office", "office", True),
        ("region_office", "police_clerk", False),
        ("region_office", "secadmin", False),
        ("secadmin", "region_office", True),
        ("secadmin", "auditadmin", True),
        ("secadmin", "office", False),
        ("sysadmin", "region_office", False),
    ],
)
def test_whole_accounts_are_administered_along_the_same_lines(actor, person, allowed, member, act_as):
    user_id = member(person).user_id
    if allowed:
        with act_as(actor) as unit:
            services.require_may_manage(unit, user_id)
    else:
        with pytest.raises(Refused), act_as(actor) as unit:
            services.require_may_manage(unit, user_id)


def test_the_area_by_query_is_the_area_by_rule(session, member, clock):
    from app.security.models import Agency
    from app.security.roles.rules import administers

    everywhere = list(session.scalars(select(Agency)))
    for name in GIVERS:
        actor = _as(member(name), session, clock)
        own = queries.actor_place(session, actor)
        by_rule = {a.id for a in everywhere if administers(actor.roles, own, queries.place_of(a))}
        assert set(session.scalars(queries.agencies_administered(session, actor))) == by_rule, name


def test_what_is_offered_is_what_may_be_given(session, member, clock, agency):
    for name in GIVERS:
        actor = _as(member(name), session, clock)
        anywhere = set()
        for code in UNITS:
            anywhere |= {r.name for r in queries.grantable_at(session, actor, queries.place_of(agency(code)))}
        assert {r.name for r in queries.grantable_roles(session, actor, today(clock))} == anywhere, name
