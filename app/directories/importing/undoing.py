"""Undo a whole import: the row history puts back what it kept, the run's own batches what is sealed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session, undefer

from app.db import Base, Unit
from app.directories.importing.bulk import copy_update
from app.directories.importing.checking import kind_of
from app.directories.importing.kinds import Change
from app.directories.importing.models import ImportBatch, ImportRun
from app.directories.importing.packing import unpack
from app.directories.importing.services import locked
from app.directories.rules import covered
from app.directories.undoing import services as undoing
from app.directories.undoing.models import UndoRun
from app.directories.undoing.rules import Conflict, UndoState, Why
from app.kernel.errors import Refused
from app.security.protection.columns import sealed, sources
from app.security.scoping import unscoped

PREFIX = "import:"


def undo_import(unit: Unit, run_id: int, reason: str) -> UndoRun:
    """Put back every row that the file has written, as far as nobody has changed it since; within thirty days.

    :raises Refused: not taken over, undone already, or too long ago
    """
    run = locked(unit, run_id)
    kind = kind_of(run)
    kind.permission(unit, run.agency_id)
    if run.state != "committed":
        raise Refused("import_not_committed")
    if kind.may_undo is not None:
        kind.may_undo(unit, run.cause)
    run.state = "undoing"
    unit.session.flush()
    return undoing.begin(unit, run.cause, run.committed_at, tables=kind.tables, reason=reason)


def note_undone(unit: Unit, undone: UndoRun) -> None:
    run = _run_of(unit, undone.cause)
    if run is not None and undone.state == UndoState.DONE:
        run.state, run.undone_at = "undone", unit.clock.now()
        unit.session.flush()


def restore_sealed(unit: Unit, cause: str) -> Sequence[Conflict]:
    """Telephone numbers and addresses as they were; where somebody has changed one since, it stays."""
    run = _run_of(unit, cause)
    if run is None:
        return []
    kind = kind_of(run)
    conflicts: list[Conflict] = []
    for table in kind.tables[:1]:
        columns = tuple(sealed(Base.metadata.tables[table]))
        for changes in _changed(unit.session, run, columns):
            conflicts += _restore(unit, Base.metadata.tables[table], columns, changes)
    if kind.restore is not None:
        for changes in _changed(unit.session, run, kind.kept):
            conflicts += kind.restore(unit, changes)
    return conflicts


def _changed(session: Session, run: ImportRun, columns: Sequence[str]) -> Iterator[list[Change]]:
    """Changes of these columns to known rows, batch by batch."""
    ids = session.scalars(
        select(ImportBatch.id).where(
            ImportBatch.run_id == run.id, ImportBatch.position >= 0, ImportBatch.changed > 0
        )
    ).all()
    for batch_id in ids:
        batch = session.scalars(
            select(ImportBatch).where(ImportBatch.id == batch_id).options(undefer(ImportBatch.content))
        ).one()
        found = [c for c in unpack(batch.content).changed if any(name in c.before for name in columns)]
        session.expunge(batch)
        if found:
            yield found


def _restore(unit: Unit, table: Table, columns: Sequence[str], changes: list[Change]) -> list[Conflict]:
    session = unit.session
    digests = {s.column: (name, s) for name, s in sources(table).items() if name.endswith("_digest")}
    wanted = [table.c.id, *(table.c[name] for name, _ in digests.values())]
    ids = [change.row_id for change in changes]
    with unscoped(session, "the rows that this import changed"):
        now = {
            row["id"]: row for row in session.execute(select(*wanted).where(table.c.id.in_(ids))).mappings()
        }
    conflicts: list[Conflict] = []
    lines: list[tuple[int, int | None, Mapping[str, Any]]] = []
    for change in changes:
        stored, back = now.get(change.row_id), {}
        for name in columns:
            if name not in change.before or stored is None:
                continue
            digest, source = digests[name]
            if source.make(change.values[name], source.place) == stored[digest]:
                back[name] = change.before[name]
            else:
                conflicts.append(
                    Conflict(
                        table.name,
                        str(change.row_id),
                        change.label,
                        name,
                        covered(name, change.before[name]),
                        None,
                        Why.CHANGED,
                    )
                )
        if back:
            lines.append((change.row_id or 0, None, back))
    if lines:
        copy_update(session, table.name, columns, lines, on_change="version = t.version + 1", versioned=False)
    return conflicts


def _run_of(unit: Unit, cause: str) -> ImportRun | None:
    number = cause.removeprefix(PREFIX)
    if number == cause or not number.isdecimal():
        return None
    return unit.session.get(ImportRun, int(number))
