"""Big exports are written behind the page."""

from __future__ import annotations

from typing import Any

from app.db import Unit
from app.directories.exporting import services
from app.jobs.registry import Progress, job


@job(services.JOB)
def write_export(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    services.write_file(unit, int(args["export"]), progress)
