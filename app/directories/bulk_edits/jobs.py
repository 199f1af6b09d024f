"""Big bulk edits are done behind the page."""

from __future__ import annotations

from typing import Any

from app.db import Unit
from app.directories.bulk_edits import services
from app.jobs.registry import Progress, job


@job(services.JOB)
def bulk_edit(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    services.carry_out(unit, int(args["bulk_edit"]), progress)
