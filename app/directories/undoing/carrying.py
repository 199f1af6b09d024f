"""Carry an undo out, table by table, in slices, in SQL sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Computed, Table, func, insert, literal, select, text, true
from sqlalchemy.orm import Session

from app.db import Base, Unit
from app.db.history import SEALED
from app.directories.undoing import added, changed
from app.directories.undoing.models import UndoConflict, UndoRun
from app.directories.undoing.places import ALWAYS_DERIVED, Undoable, restorers, undoable
from app.directories.undoing.rules import Conflict, Why
from app.directories.undoing.staging import CHANGED, NOW, involved, stage
from app.security.scoping import scope_of, walls_by_table

SLICE = 20_000
Tick = Callable[[int], None]


@dataclass
class Figures:
    restored: int = 0
    removed: int = 0
    closed: int = 0
    conflicts: int = 0


def carry_out(unit: Unit, run: UndoRun, tick: Tick) -> Figures:
    """Rows that were added go first, the ones that hang on others before those; then what was changed."""
    figures = Figures()
    # Rows without a key of their own are parts of others: they go with those, and restorers put them back.
    tables = [t for t in Base.metadata.sorted_tables if t.name in run.tables and len(t.primary_key) == 1]
    for table in reversed(tables):
        _take_back_added(unit, run, _Part(unit, table), figures, tick)
    for table in tables:
        _put_back_changed(unit, run, _Part(unit, table), figures, tick)
    for restore in restorers:
        found = restore(unit, run.cause)
        _keep(unit.session, run, found)
        figures.conflicts += len(found)
    unit.session.expire_all()
    return figures


class _Part:
    """One table: its key, the columns that can be put back, and who may write it."""

    def __init__(self, unit: Unit, table: Table) -> None:
        self.table = table
        self.known: Undoable = undoable(table.name)
        keys = list(table.primary_key.columns)
        if len(keys) != 1:
            raise ValueError(f"rows of {table.name} have no key of one column")
        self.key = keys[0].name
        self.name = self.known.name
        self.derived = ALWAYS_DERIVED | self.known.derived
        self.columns = [c.name for c in table.columns if _is_kept(c) and c.name not in self.derived]
        self.more: dict[str, Any] = {}
        if "version" in table.c:
            self.more["version"] = table.c.version + 1
        if "updated_at" in table.c:
            self.more["updated_at"] = unit.clock.now()
        self.wall = _wall(unit.session, table)


def _is_kept(column: Any) -> bool:
    """What the row history has of a column can be written again: not keys, sealed or computed ones."""
    sealed = any(column.name.startswith(name) for name in SEALED)
    return not (sealed or column.primary_key or isinstance(column.server_default, Computed))


def _wall(session: Session, table: Table) -> Any:
    scope = scope_of(session)
    wall = walls_by_table().get(table.name)
    return true() if scope.everything or wall is None else wall.check(wall.model.__table__.c, scope)


def _take_back_added(unit: Unit, run: UndoRun, part: _Part, figures: Figures, tick: Tick) -> None:
    session = unit.session
    rows, _ = stage(session, run.cause, part.table.name, part.columns)
    for a in range(0, rows, SLICE):
        b = min(a + SLICE, rows)
        added.look(session, part.table, part.key, part.name, part.wall, a, b)
        added.mind_changes(session, part.table.name, run.cause, sorted(part.derived))
        added.mind_uses(session, part.table, part.key, part.known.parts)
        figures.removed += added.remove(session, part.table, part.key, part.wall)
        if part.known.closed is not None:
            figures.closed += added.close(
                session, part.table, part.key, part.wall, part.known.closed, part.more
            )
        figures.conflicts += _keep_found(session, run, part.table.name)
        tick(b - a)


def _put_back_changed(unit: Unit, run: UndoRun, part: _Part, figures: Figures, tick: Tick) -> None:
    session = unit.session
    _, rows = stage(session, run.cause, part.table.name, part.columns)
    fields = involved(session)
    for a in range(0, rows, SLICE):
        b = min(a + SLICE, rows)
        changed.look(session, part.table, part.key, part.name, fields, part.wall, a, b)
        figures.conflicts += _keep_gone(session, run, part.table.name, a, b)
        figures.restored += changed.put_back(session, part.table, part.key, fields, part.wall, part.more)
        figures.conflicts += _keep_found(session, run, part.table.name)
        tick(b - a)


_KEPT = ["undo_id", "agency_id", "table_name", "row_id", "label", "field", "wanted", "found", "why"]


def _keep_found(session: Session, run: UndoRun, table: str) -> int:
    """Conflicts of the slice; a value that stands as it was before is none."""
    head = (literal(run.id), literal(run.agency_id, UndoConflict.agency_id.type), literal(table))
    columns = (
        NOW.c.row_id,
        _or_empty(NOW.c.label),
        _or_empty(NOW.c.field),
        NOW.c.wanted,
        NOW.c.found,
        NOW.c.why,
    )
    same = NOW.c.field.is_not(None) & NOW.c.wanted.is_not_distinct_from(NOW.c.found)
    statement = select(*head, *columns).where(NOW.c.why.is_not(None), ~same).order_by(NOW.c.row_id)
    kept = insert(UndoConflict.__table__).from_select(_KEPT, statement)
    done = session.execute(kept, execution_options={"preserve_rowcount": True})
    return int(done.rowcount)  # type: ignore[attr-defined]


def _keep_gone(session: Session, run: UndoRun, table: str, a: int, b: int) -> int:
    """Rows that are not there any more, or have left the area."""
    head = (literal(run.id), literal(run.agency_id, UndoConflict.agency_id.type), literal(table))
    tail = (literal(""), literal(""), text("NULL::jsonb"), text("NULL::jsonb"), literal(Why.GONE.value))
    there = select(NOW.c.row_id).where(NOW.c.row_id == CHANGED.c.row_id).exists()
    statement = select(*head, CHANGED.c.row_id, *tail).where(CHANGED.c.n > a, CHANGED.c.n <= b, ~there)
    kept = insert(UndoConflict.__table__).from_select(_KEPT, statement)
    done = session.execute(kept, execution_options={"preserve_rowcount": True})
    return int(done.rowcount)  # type: ignore[attr-defined]


def _or_empty(column: Any) -> Any:
    return func.coalesce(column, "")


def _keep(session: Session, run: UndoRun, found: Sequence[Conflict]) -> None:
    session.add_all(
        UndoConflict(
            undo_id=run.id,
            agency_id=run.agency_id,
            table_name=one.table,
            row_id=one.row_id,
            label=one.label,
            field=one.field,
            wanted=one.wanted,
            found=one.found,
            why=one.why.value,
        )
        for one in found
    )
    session.flush()
