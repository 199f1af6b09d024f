"""Reads of undos, as pages and files show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.directories.undoing.messages import WHY
from app.directories.undoing.models import UndoConflict, UndoRun
from app.directories.undoing.places import undoable
from app.directories.undoing.rules import Why
from app.kernel.errors import NotFound

PIECE = 1_000
NOTHING = "—"


@dataclass(frozen=True)
class Line:
    """A conflict in words."""

    name: str
    field: str
    wanted: str
    found: str
    why: str
    url: str


def get_run(session: Session, undo_id: int) -> UndoRun:
    """:raises NotFound: not there, or not within the scope"""
    found = session.scalars(
        select(UndoRun).where(UndoRun.id == undo_id).options(joinedload(UndoRun.user))
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="undo")
    return found


def conflict_lines(session: Session, undo_id: int, limit: int | None = None) -> Iterator[Line]:
    """The conflicts in their order, a piece at a time; a link leads to rows that are there."""
    table = UndoConflict.__table__.c
    after, left = 0, limit
    while left is None or left > 0:
        size = PIECE if left is None else min(PIECE, left)
        rows = list(
            session.scalars(
                select(UndoConflict)
                .where(UndoConflict.undo_id == undo_id, table.id > after)
                .order_by(table.id)
                .limit(size)
            )
        )
        if not rows:
            return
        words = _words(session, rows)
        for row in rows:
            yield _line(row, words)
        after = rows[-1].id
        left = None if left is None else left - len(rows)
        for row in rows:
            session.expunge(row)


def _words(session: Session, rows: list[UndoConflict]) -> dict[str, Mapping[tuple[str, str], str]]:
    """What a person reads for the stored values, by table."""
    found: dict[str, Mapping[tuple[str, str], str]] = {}
    for name in {row.table_name for row in rows}:
        known = undoable(name)
        if known.words is not None:
            mine = [row for row in rows if row.table_name == name and row.field]
            pairs = [(row.field, value) for row in mine for value in (row.wanted, row.found)]
            found[name] = known.words(session, pairs)
    return found


def _line(row: UndoConflict, words: Mapping[str, Mapping[tuple[str, str], str]]) -> Line:
    known, said = undoable(row.table_name), words.get(row.table_name, {})
    there = row.why != Why.GONE and known.url is not None and row.row_id.isdecimal()
    return Line(
        row.label or row.row_id,
        str(known.labels.get(row.field, row.field)),
        _shown(said, row.field, row.wanted),
        _shown(said, row.field, row.found),
        str(WHY[Why(row.why)]),
        known.url(int(row.row_id)) if there and known.url is not None else "",
    )


def _shown(words: Mapping[tuple[str, str], str], field: str, value: Any) -> str:
    if value is None or value == "" or value == []:
        return NOTHING
    return str(words.get((field, str(value)), value))
