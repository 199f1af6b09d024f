"""Verbs of this package: the security log."""

from __future__ import annotations

from sqlalchemy import insert

from app.db import Unit, as_owner
from app.security.models import SecurityLog
from app.security.places import SecurityNote, after_security_note
from app.security.protection.masks import cover_numbers


def note_security(
    unit: Unit,
    action: str,
    outcome: str,
    *,
    subject: str = "",
    detail: str = "",
    user_id: int | None = None,
    address: str | None = None,
) -> None:
    """Append one line: who, when, from where, what, on what, with what result. Never a password or a secret.

    Who and from where are the actor and the address of the request, unless they are given.

    :param action: `log_in`, `log_out`, `grant_role`, `export`, ...: a code with a sentence of its own
    :param outcome: `ok` or `refused`
    :param subject: the object, `account:12`, or what was typed as a name; a phone number in it is covered
    """
    origin = unit.session.info
    now, who = unit.clock.now(), user_id if user_id is not None else unit.actor.user_id
    table = SecurityLog.__table__
    statement = insert(table).values(
        at=now,
        user_id=who,
        agency_id=unit.actor.agency_id,
        address=(address if address is not None else origin.get("address", ""))[:60],
        agent=origin.get("agent", "")[:200],
        action=action,
        subject=cover_numbers(subject)[:200],
        outcome=outcome,
        detail=detail,
    )
    with as_owner(unit.session):
        line = unit.session.execute(statement.returning(table.c.id)).scalar_one()
    for hear in after_security_note:
        hear(unit, SecurityNote(line, now, who, action, outcome, subject))
