"""The one job that writes public records, and the hourly look for results whose period runs."""

from __future__ import annotations

from typing import Any

from app.db import Unit
from app.jobs.registry import Progress, job, periodic
from app.publicity import announcing, due, services

announcing.register()
due.register()


@job(services.JOB)
def deliver(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    """Of one publication; it may run twice with the same effect."""
    services.deliver(unit, args["publication"])


@periodic("publicity.due", every="hour", at="05", missed="latest")
def due_results(unit: Unit, period: str) -> None:
    """One run covers all the hours that were missed."""
    due.note_due(unit)
