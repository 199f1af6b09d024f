"""Reads of bulk edits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.directories.bulk_edits.forms import LOOKED_UP
from app.directories.bulk_edits.kinds import BulkField, bulk_kinds
from app.directories.bulk_edits.models import BulkEdit, BulkEditFault
from app.kernel.errors import Fault, NotFound
from app.security.explain import explain_fault

PAGE = 50
SHOWN_FAULTS = 50
PIECE = 2_000


@dataclass(frozen=True)
class Failed:
    row_id: int
    number: str
    name: str
    sentences: list[str]


def get_edit(session: Session, bulk_id: int) -> BulkEdit:
    """:raises NotFound: not there, or not within the scope"""
    found = session.scalars(
        select(BulkEdit).where(BulkEdit.id == bulk_id).options(joinedload(BulkEdit.user))
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="bulk_edit")
    return found


def past_edits(
    session: Session, listing: str = "", before: int | None = None
) -> tuple[list[BulkEdit], int | None]:
    """A page, the newest first, and the key of the next one."""
    query = select(BulkEdit).options(joinedload(BulkEdit.user)).order_by(BulkEdit.id.desc())
    if listing:
        query = query.where(BulkEdit.listing == listing)
    if before is not None:
        query = query.where(BulkEdit.id < before)
    rows = list(session.scalars(query.limit(PAGE + 1)))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def failed_rows(session: Session, bulk_id: int, limit: int | None = None) -> Iterator[Failed]:
    """The rows that could not be changed, with the sentences; all of them a piece at a time."""
    table = BulkEditFault
    query = select(table.row_id, table.number, table.name, table.faults).where(table.bulk_edit_id == bulk_id)
    query = query.order_by(table.id).limit(limit)
    for piece in session.execute(query, execution_options={"yield_per": PIECE}).partitions(PIECE):
        for row in piece:
            yield Failed(row.row_id, row.number, row.name, [_sentence(fault) for fault in row.faults])


def _sentence(kept: Mapping[str, Any]) -> str:
    return explain_fault(Fault(kept["field"], kept["code"], value=kept.get("value"), **kept.get("facts", {})))


def wanted_words(session: Session, listing: str, wanted: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was to be changed: label and new value."""
    kind = bulk_kinds[listing]
    lines = []
    for name, value in wanted.items():
        field = kind.field(name)
        if field is not None:
            lines.append((str(field.label), _value(session, field, value)))
    return lines


def _value(session: Session, field: BulkField, value: Any) -> str:
    if field.widget == "tags":
        parts = [_("added: %(tags)s", tags="、".join(value["add"]))] if value.get("add") else []
        if value.get("drop"):
            parts.append(_("taken away: %(tags)s", tags="、".join(value["drop"])))
        return "；".join(parts)
    if value == "":
        return _("emptied")
    if field.choices is not None:
        return str(dict(field.choices(session)).get(value, value))
    if field.lookup:
        model = LOOKED_UP[field.lookup]
        found = session.scalars(select(model).where(model.code == value)).first()
        return str(found) if found is not None else str(value)
    return str(value)
