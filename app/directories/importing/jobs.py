"""Big files are understood, checked and taken over behind the page."""

from __future__ import annotations

from typing import Any

from app.db import Unit
from app.directories.importing import services, undoing
from app.directories.undoing.places import after_undo, restorers
from app.jobs.registry import Progress, job, periodic
from app.kernel.errors import DomainError

restorers.add(undoing.restore_sealed)
after_undo.add(undoing.note_undone)


@job(services.JOB)
def import_file(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    """One step of one file. A fault that a person can understand ends it with its sentence, and nothing of the step
    stays.
    """
    run_id = int(args["run"])
    try:
        with unit.session.begin_nested():
            if args["step"] == "look":
                services.look_first(unit, run_id, progress)
            elif args["step"] == "check":
                services.go_on(unit, run_id, int(args["attempt"]), progress)
            else:
                services.write(unit, run_id, skip_bad=bool(args["skip_bad"]), progress=progress)
    except DomainError as error:
        services.fail(unit, run_id, error)


@periodic("imports.forget", every="day", at="03:40", missed="latest")
def forget_old_files(unit: Unit, period: str) -> None:
    """Files that nobody can undo any more hold personal data for nothing."""
    services.forget_old(unit)
