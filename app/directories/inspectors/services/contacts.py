"""The agency's inspectors with their telephone numbers, as a file that leaves the portal."""

from __future__ import annotations

from sqlalchemy import select

from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.services.keeping import KEEPERS
from app.security.protection.rules import Kind
from app.security.protection.services import note_export
from app.security.rules import may_act

COLUMNS = ("certificate_no", "name", "unit", "position", "phone")


def contacts(unit: Unit, reason: str) -> list[tuple[str, ...]]:
    """Rows by `COLUMNS` of those on duty in the actor's own agency; the log keeps who took them and why.

    :raises Refused: not for this person, or without a reason
    """
    agency_id = unit.actor.agency_id
    may_act(unit.actor.roles, agency_id, KEEPERS, agency_id).require()
    rows = [
        tuple(str(value) for value in row)
        for row in unit.session.execute(
            select(*(getattr(Inspector, name) for name in COLUMNS))
            .where(Inspector.agency_id == agency_id, Inspector.active)
            .order_by(Inspector.certificate_no)
        )
    ]
    note_export(unit, "directory:inspectors", len(rows), [Kind.PHONE], reason)
    return rows
