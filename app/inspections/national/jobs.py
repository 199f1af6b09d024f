"""Public results of a task that a person has changed are published anew."""

from __future__ import annotations

from typing import Any

from app.db import Unit
from app.inspections.national.services.deciding import JOB
from app.inspections.national.services.reviewing import republish
from app.jobs.registry import Progress, job


@job(JOB)
def published_anew(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    """Of one task; it may run twice with the same effect."""
    last = 0
    while last := republish(unit, args["task"], last):
        progress(last, None)
