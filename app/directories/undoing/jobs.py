"""Big undos are done behind the page."""

from __future__ import annotations

from typing import Any

from app.db import Unit
from app.directories.undoing import services
from app.jobs.registry import Progress, job


@job(services.JOB)
def undo_cause(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    services.finish(unit, int(args["undo"]), progress)
