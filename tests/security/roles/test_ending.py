"""Roles for a time: told two days ahead, noted when they have ended."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.audit.models import Event
from app.jobs.registry import schedules
from app.kernel.clock import today
from app.notifications.models import Message
from app.people.jobs import role_ends
from app.security.models import SecurityLog
from app.security.roles import services


def _messages(session) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.kind == "people.role_ends")))


def test_the_person_and_who_gave_it_are_told_once_two_days_ahead(
    session, newcomer, act_as, act_as_system, clock, member
):
    person, end = newcomer("POLICE-640100"), today(clock) + timedelta(days=2)
    with act_as("police_admin") as unit:
        services.grant_role(unit, person.id, "clerk", until=end, reason="示例")
    for _time in range(2):
        with act_as_system() as unit:
            role_ends(unit, today(clock).isoformat())
    told = _messages(session)
    assert {m.user_id for m in told} == {person.user_id, member("police_admin").user_id}
    assert len(told) == 2
    assert "业务经办" in told[0].title
    assert end.isoformat() in told[0].title


def test_the_day_after_the_end_stands_in_event_and_security_log(
    session, newcomer, act_as, act_as_system, clock
):
    person, end = newcomer("POLICE-640100"), today(clock)
    with act_as("police_admin") as unit:
        services.grant_role(unit, person.id, "clerk", until=end, reason="示例")
    with act_as_system() as unit:
        role_ends(unit, end.isoformat())
    assert not session.scalars(select(Event).where(Event.tag == "role.ended")).all()
    with act_as_system() as unit:
        role_ends(unit, (end + timedelta(days=1)).isoformat())
    event = session.scalars(select(Event).where(Event.tag == "role.ended")).one()
    assert event.subject == f"membership:{person.id}"
    line = session.scalars(select(SecurityLog).order_by(SecurityLog.id.desc())).first()
    assert (line.action, line.subject) == ("role_revoked", f"account:{person.user_id}")
    assert "ended by its date" in line.detail


def test_a_role_without_an_end_or_of_a_closed_account_is_not_mentioned(
    session, newcomer, act_as, act_as_system, clock
):
    end = today(clock) + timedelta(days=2)
    gone = newcomer("POLICE-640100", "clerk", until=end)
    gone.user.active = False
    newcomer("POLICE-640100", "clerk")
    session.commit()
    with act_as_system() as unit:
        role_ends(unit, today(clock).isoformat())
    assert _messages(session) == []


def test_it_runs_every_day_and_misses_none(app):
    schedule = {s.name: s for s in schedules()}["people.role_ends"]
    assert (schedule.every, schedule.missed) == ("day", "all")
