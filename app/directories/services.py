"""A file on its way into a directory: received, checked, taken over. Big files do both steps as a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.db import Unit
from app.directories.inspectors.services import import_inspectors
from app.directories.models import ImportRun
from app.directories.reports import as_report
from app.directories.rules import ImportMode, ImportOutcome
from app.directories.targets.services import import_targets
from app.jobs.services import enqueue
from app.kernel.errors import DomainError, Invalid, NotFound, Refused
from app.security.explain import explain

# Roughly five thousand rows: up to here the page waits, beyond it a job works.
SMALL_FILE = 400 * 1024
MOST_ERRORS_KEPT = 2000
LONGEST_FILE_NAME = 200
JOB = "directories.import"

Progress = Callable[[int, int | None], None]
IMPORTERS: dict[str, Callable[..., ImportOutcome]] = {
    "targets": import_targets,
    "inspectors": import_inspectors,
}


def receive(
    unit: Unit, kind: str, content: bytes, file_name: str, *, mode: ImportMode, agency_id: int | None
) -> ImportRun:
    """Keep a file and check it: nothing is changed yet.

    :raises Invalid: the file as a whole cannot be read
    :raises Refused: the actor may not import here
    """
    run = ImportRun(
        kind=kind,
        file_name=file_name[-LONGEST_FILE_NAME:],
        content=content,
        mode=mode.value,
        agency_id=agency_id,
        user_id=unit.actor.user_id,
        created_at=unit.clock.now(),
    )
    unit.session.add(run)
    unit.session.flush()
    if len(content) <= SMALL_FILE:
        check(unit, run.id)
    else:
        enqueue(unit, JOB, f"import:{run.id}:check", {"run": run.id, "step": "check"})
    return run


def check(unit: Unit, run_id: int, progress: Progress | None = None) -> ImportRun:
    """The dry run: figures and faults into the report."""
    run = _locked(unit, run_id)
    outcome = _import(unit, run, dry_run=True, skip_bad=False, progress=progress)
    _keep(run, outcome)
    run.state = "checked"
    unit.session.flush()
    return run


def take_over(unit: Unit, run_id: int, *, skip_bad: bool) -> ImportRun:
    """Write what was checked; the same file twice is taken over once.

    :raises Refused: not checked yet, or there are bad rows and nobody asked to leave them out
    """
    run = _locked(unit, run_id)
    if run.state in ("committed", "committing"):
        return run
    if run.state != "checked":
        raise Refused("import_not_checked")
    if run.report.get("bad") and not skip_bad:
        raise Refused("import_has_bad_rows", bad=run.report["bad"])
    if len(run.content or b"") > SMALL_FILE:
        run.state = "committing"
        enqueue(unit, JOB, f"import:{run.id}:commit", {"run": run.id, "step": "commit", "skip_bad": skip_bad})
        return run
    return write(unit, run_id, skip_bad=skip_bad)


def write(unit: Unit, run_id: int, *, skip_bad: bool, progress: Progress | None = None) -> ImportRun:
    """Import for good and forget the file."""
    run = _locked(unit, run_id)
    if run.state == "committed":
        return run
    outcome = _import(unit, run, dry_run=False, skip_bad=skip_bad, progress=progress)
    run = _locked(unit, run_id)
    _keep(run, outcome)
    if outcome.committed:
        run.state, run.content, run.committed_at = "committed", None, unit.clock.now()
    else:
        run.state = "checked"
    unit.session.flush()
    return run


def fail(unit: Unit, run_id: int, error: DomainError) -> ImportRun:
    """Keep the sentence of why the file could not be worked on."""
    run = _locked(unit, run_id)
    faults = error.faults if isinstance(error, Invalid) else []
    run.state = "failed"
    run.report = {"error": explain(error), "codes": [fault.code for fault in faults]}
    unit.session.flush()
    return run


def _import(unit: Unit, run: ImportRun, **options: Any) -> ImportOutcome:
    return IMPORTERS[run.kind](
        unit,
        run.content or b"",
        run.file_name,
        agency_id=run.agency_id,
        mode=ImportMode(run.mode),
        **options,
    )


def _keep(run: ImportRun, outcome: ImportOutcome) -> None:
    report = as_report(outcome)
    report["errors_total"] = len(report["errors"])
    report["errors"] = report["errors"][:MOST_ERRORS_KEPT]
    run.report = report


def _locked(unit: Unit, run_id: int) -> ImportRun:
    statement = select(ImportRun).where(ImportRun.id == run_id).options(undefer(ImportRun.content))
    statement = statement.with_for_update(of=ImportRun).execution_options(populate_existing=True)
    run = unit.session.scalars(statement).first()
    if run is None:
        raise NotFound("not_in_scope", kind="import")
    return run
