"""What a check has found, written in one transaction: all of it or nothing."""

from __future__ import annotations

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import undefer

from app.db import Unit
from app.directories.importing.checking import FIGURES
from app.directories.importing.engine import Progress, leave_event, write
from app.directories.importing.kinds import ImportKind, Options
from app.directories.importing.models import ImportBatch, ImportKey, ImportRun
from app.directories.importing.packing import unpack
from app.directories.importing.seen import SeenInTable
from app.directories.rules import ImportMode


def write_run(
    unit: Unit, run: ImportRun, kind: ImportKind, options: Options, progress: Progress | None = None
) -> None:
    """Write the batches under the run's own cause. The batches stay: the undo needs the sealed values in them.

    :raises Refused: a row is not any more what the check saw; nothing is written then
    """
    session, report = unit.session, run.report
    kind.permission(unit, run.agency_id)
    total, done = report["new"] + report["changed"], 0
    with session.begin_nested(), unit.because(run.cause):
        for position in session.scalars(_positions(run.id)).all():
            batch = session.scalars(
                select(ImportBatch).where(ImportBatch.id == position).options(undefer(ImportBatch.content))
            ).one()
            write(unit, kind, unpack(batch.content).changes, options)
            done += batch.new + batch.changed
            session.expunge(batch)
            if progress is not None:
                progress(done, total)
        seen = SeenInTable(session, run.id, run.done)
        if options.mode is ImportMode.SYNC and kind.close is not None:
            report = {**report, "closed": kind.close(unit, options, seen.named())}
    session.execute(delete(ImportKey).where(ImportKey.run_id == run.id))
    run.state, run.committed_at = "committed", unit.clock.now()
    run.report = {**{k: v for k, v in report.items() if k != "refused"}, "committed": True}
    run.content = None
    session.flush()
    session.expire_all()
    leave_event(unit, kind, {name: run.report.get(name) or 0 for name in FIGURES}, options)


def _positions(run_id: int) -> Select[tuple[int]]:
    return (
        select(ImportBatch.id)
        .where(ImportBatch.run_id == run_id, ImportBatch.position >= 0)
        .order_by(ImportBatch.position)
    )
