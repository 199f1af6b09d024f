"""Big files are checked and taken over behind the page."""

from __future__ import annotations

from typing import Any

from app.db import Unit
from app.directories import services
from app.jobs.registry import Progress, job
from app.kernel.errors import DomainError


@job(services.JOB)
def import_file(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    """One step of one file. A fault that a person can understand ends it with its sentence."""
    run_id = int(args["run"])
    try:
        if args["step"] == "check":
            services.check(unit, run_id, progress)
        else:
            services.write(unit, run_id, skip_bad=bool(args["skip_bad"]), progress=progress)
    except DomainError as error:
        services.fail(unit, run_id, error)
