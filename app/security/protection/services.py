"""Verbs of protected data: show some of it to somebody who says why; hand it out in clear."""

from __future__ import annotations

from typing import Any

from app.audit.services import record
from app.db import Unit
from app.kernel.errors import Fault, Invalid
from app.security.protection.rules import Kind, may_ask
from app.security.protection.subjects import subject_named
from app.security.services import note_security


def show_personal(unit: Unit, name: str, record_id: int, fields: list[str], reason: str) -> Any:
    """Note who sees which fields of which record, and why. The caller then shows them for ten minutes.

    :raises NotFound: the record is not there, or not within the scope
    :raises Invalid: no field was picked
    :raises Refused: the roles do not need it, or the reason is missing
    """
    subject = subject_named(name)
    found = subject.load(unit.session, unit.actor, record_id)
    picked = [field for field in subject.fields if field in fields]
    if not picked:
        raise Invalid(faults=[Fault("fields", "personal_data_not_picked")])
    may_ask([subject.fields[field][0] for field in picked], unit.actor.roles, reason).require()
    key = f"{name}:{record_id}"
    record(unit, f"{name}.personal_data_shown", key, {"fields": picked})
    for field in picked:
        note_security(unit, "personal_data_shown", "ok", subject=f"{key}.{field}", detail=reason.strip())
    return found


def note_export(unit: Unit, subject: str, rows: int, kinds: list[Kind], reason: str) -> None:
    """A file with these kinds of personal data in clear leaves the portal; its view is `fresh`.

    :raises Refused: the roles do not need them, or the reason is missing
    """
    may_ask(kinds, unit.actor.roles, reason).require()
    record(unit, "personal_data.exported", subject, {"rows": rows})
    note_security(
        unit, "personal_data_exported", "ok", subject=subject, detail=f"{rows} rows: {reason.strip()}"
    )
