"""Set off alerts right after a line of the security log, and acknowledge them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects.postgresql import insert

from app.audit.services import record
from app.db import Unit
from app.jobs.services import enqueue
from app.kernel.errors import Fault, Invalid, NotFound
from app.notifications.services import notify, register_template
from app.ops.alerts import queries
from app.ops.alerts.rules import (
    ADMINISTRATORS,
    EXPORTS,
    FAILURES,
    FAILURES_FROM_ADDRESS,
    FOR_SECURITY_ADMIN,
    GRANTS,
    AlertKind,
    at_night,
    half_hour,
    may_be_watched,
    night_of,
    window_of,
)
from app.ops.models import SecurityAlert
from app.security.models import SecurityLog
from app.security.places import SecurityNote, after_security_note
from app.security.rules import RoleName
from app.security.services import note_security

JOB = "ops.alerts"
REASON = "alerts of the security log"
LONGEST_NOTE = 1000

register_template(
    "ops.alert",
    subject=_l("Security alert: %(what)s"),
    body=_l("%(what)s: %(who)s, %(at)s, from %(address)s. Please look at it and acknowledge it."),
)


@dataclass(frozen=True)
class Found:
    """An alert that a line sets off."""

    key: str
    kind: AlertKind
    user_id: int | None
    facts: dict[str, Any] = field(default_factory=dict)


def hear(unit: Unit, note: SecurityNote) -> None:
    """Called in the transaction of the line: what could matter is looked at by a job right after it."""
    if may_be_watched(note.action, note.outcome):
        enqueue(unit, JOB, f"{JOB}:{note.id}", {"line": note.id}, reason=REASON)


after_security_note.add(hear)


def evaluate(unit: Unit, line_id: int) -> list[SecurityAlert]:
    """The alerts that a line sets off and that were not there. Runs as the system; a second run changes nothing."""
    line = unit.session.get(SecurityLog, line_id)
    if line is None:
        return []
    made = [_store(unit, line, found) for found in _found(unit, line)]
    return [alert for alert in made if alert is not None]


def _found(unit: Unit, line: SecurityLog) -> Iterator[Found]:
    session, who = unit.session, f"u{line.user_id}"
    if (
        line.action in {"log_in", "account_locked"}
        and line.outcome == "refused"
        or line.action == "account_locked"
    ):
        yield from _failures(unit, line)
    elif line.action == "log_in" and line.user_id is not None:
        roles = queries.roles_of_person(session, line.user_id, line.at) & ADMINISTRATORS
        if roles and queries.address_is_new(session, line):
            yield Found(f"new_address:{who}:{line.address}", AlertKind.NEW_ADDRESS, line.user_id)
    elif line.action in EXPORTS and at_night(line.at):
        key = f"night_export:{who}:{night_of(line.at)}"
        yield Found(key, AlertKind.NIGHT_EXPORT, line.user_id, {"subject": line.subject})
    elif line.action == "mass_reading":
        key = f"mass_reading:{who}:{window_of(line.at)}"
        yield Found(key, AlertKind.MASS_READING, line.user_id, {"number": line.detail})
    elif line.action == "policy_changed":
        yield Found(
            f"policy:{line.id}", AlertKind.POLICY_CHANGED, line.user_id, {"detail": line.detail[:200]}
        )
    elif line.action in GRANTS:
        for grant in queries.administrators_made(session, line, ADMINISTRATORS):
            key = f"new_administrator:{grant.membership_id}:{grant.role}:{int(line.at.timestamp())}"
            facts = {"role": grant.role, "person": grant.user_id}
            yield Found(key, AlertKind.NEW_ADMINISTRATOR, line.user_id, facts)


def _failures(unit: Unit, line: SecurityLog) -> Iterator[Found]:
    """Five of one account, or twenty from one address under whatever names, within half an hour."""
    window = half_hour(line.at)
    if line.user_id is not None:
        number = queries.failures(unit.session, line, of_person=True)
        if number >= FAILURES or line.action == "account_locked":
            yield Found(
                f"failures:u{line.user_id}:{window}", AlertKind.FAILURES, line.user_id, {"number": number}
            )
    if line.address:
        number = queries.failures(unit.session, line, of_person=False)
        if number >= FAILURES_FROM_ADDRESS:
            yield Found(f"failures:{line.address}:{window}", AlertKind.FAILURES, None, {"number": number})


def _store(unit: Unit, line: SecurityLog, found: Found) -> SecurityAlert | None:
    table = SecurityAlert.__table__
    statement = insert(table).values(
        key=found.key[:120],
        kind=found.kind.value,
        at=line.at,
        user_id=found.user_id,
        address=line.address,
        facts=found.facts,
        line_id=line.id,
        note="",
    )
    made = unit.session.execute(
        statement.on_conflict_do_nothing(index_elements=["key"]).returning(table.c.id)
    ).scalar()
    if made is None:
        return None
    alert = unit.session.get_one(SecurityAlert, made)
    record(unit, "alert.raised", f"alert:{made}", {"kind": found.kind.value})
    told = {RoleName.AUDIT_ADMIN}
    if found.kind in FOR_SECURITY_ADMIN:
        told.add(RoleName.SECURITY_ADMIN)
    context = {
        "what": _l(found.kind.label),
        "who": alert.user.get_full_name() if alert.user else "—",
        "at": half_hour(line.at).replace("T", " "),
        "address": line.address or "—",
    }
    people = queries.holders(unit.session, told, line.at)
    notify(unit, people, "ops.alert", f"alert:{made}", context, f"/security-alerts/{made}")
    return alert


def acknowledge(unit: Unit, alert_id: int, note: str) -> SecurityAlert:
    """Somebody has looked at it, and says what came of it. The first one counts.

    :raises NotFound: when it is not there, or not for the person's role
    :raises Invalid: without a note
    """
    alert = unit.session.get(SecurityAlert, alert_id, with_for_update=True, populate_existing=True)
    if alert is None or unit.actor.user_id is None:
        raise NotFound("not_in_scope", kind="security_alert")
    if alert.acknowledged_at is not None:
        return alert
    note = note.strip()
    if not note:
        raise Invalid("invalid", [Fault("note", "required")])
    if len(note) > LONGEST_NOTE:
        raise Invalid("invalid", [Fault("note", "too_long", most=LONGEST_NOTE, found=len(note))])
    alert.acknowledged_at, alert.acknowledged_by, alert.note = unit.clock.now(), unit.actor.user_id, note
    record(unit, "alert.acknowledged", f"alert:{alert.id}", {"kind": alert.kind})
    note_security(unit, "alert_acknowledged", "ok", subject=f"alert:{alert.id}")
    unit.session.flush()
    return alert
