"""Undo what one cause changed: at once while it is little, otherwise as a job; itself an act that can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, text

from app.audit.services import record
from app.db import Unit
from app.db.history import RowHistory
from app.db.many import for_many_rows
from app.directories.undoing.carrying import carry_out
from app.directories.undoing.models import UndoRun
from app.directories.undoing.places import after_undo
from app.directories.undoing.rules import (
    AT_ONCE,
    LONGEST_REASON,
    SHORTEST_REASON,
    UndoState,
    may_undo,
)
from app.jobs.registry import Progress
from app.jobs.services import enqueue
from app.kernel.errors import Fault, Invalid, NotFound

JOB = "directories.undo"


def begin(
    unit: Unit, cause: str, done_at: datetime | None, *, tables: Sequence[str] = ("target",), reason: str
) -> UndoRun:
    """Undo at once up to 5,000 changes, otherwise by a job. The caller has asked whether the person may.

    The same cause a second time within the same act gives the run that is on its way already.

    :param done_at: when the act was done, by the portal's clock; the row history keeps the machine's
    :raises Invalid: without a reason
    :raises Refused: undone already, nothing was changed, or more than thirty days ago
    """
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise Invalid(faults=[Fault("reason", "reason_missing", value=reason)])
    run = _begun(unit, cause, done_at, tables, reason.strip())
    if run.changes <= AT_ONCE:
        return finish(unit, run.id)
    run.outbox_id = enqueue(unit, JOB, f"undo:{run.id}", {"undo": run.id})
    unit.session.flush()
    return run


def _begun(unit: Unit, cause: str, done_at: datetime | None, tables: Sequence[str], reason: str) -> UndoRun:
    unit.session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:cause))"), {"cause": f"undo {cause}"})
    changes = what_changed(unit, cause, tables)
    may_undo(done_at if changes else None, known_undo(unit, cause) is not None, unit.clock.now()).require()
    run = UndoRun(
        cause=cause,
        tables=list(tables),
        agency_id=unit.actor.agency_id,
        user_id=unit.actor.user_id,
        reason=reason,
        state=UndoState.WAITING.value,
        changes=changes,
        asked_at=unit.clock.now(),
    )
    unit.session.add(run)
    unit.session.flush()
    return run


def what_changed(unit: Unit, cause: str, tables: Sequence[str]) -> int:
    """How many changes of rows the cause made."""
    query = select(func.count()).where(RowHistory.cause == cause, RowHistory.table_name.in_(list(tables)))
    return unit.session.scalar(query) or 0


def known_undo(unit: Unit, cause: str) -> UndoRun | None:
    return unit.session.scalars(select(UndoRun).where(UndoRun.cause == cause)).first()


def finish(unit: Unit, run_id: int, progress: Progress | None = None) -> UndoRun:
    """The work itself; a second time changes nothing."""
    run = unit.session.get(UndoRun, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise NotFound("not_in_scope", kind="undo")
    if run.state == UndoState.DONE:
        return run
    total, done = run.changes, 0

    def tick(rows: int) -> None:
        nonlocal done
        done = min(done + rows, total)
        if progress is not None:
            progress(done, total)

    with unit.because(f"undo:{run.id}"):
        for_many_rows(unit.session)
        figures = carry_out(unit, run, tick)
    run.restored, run.removed, run.closed = figures.restored, figures.removed, figures.closed
    run.conflicts, run.state, run.done_at = figures.conflicts, UndoState.DONE.value, unit.clock.now()
    record(
        unit,
        "directory.undone",
        f"undo:{run.id}",
        {"cause": run.cause, "reason": run.reason, **vars(figures)},
        run.agency_id,
    )
    for told in after_undo:
        told(unit, run)
    unit.session.flush()
    return run
