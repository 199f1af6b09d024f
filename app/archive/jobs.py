"""The building of dossiers, with progress."""

from __future__ import annotations

from typing import Any

from app.archive import registered, services
from app.db import Unit
from app.jobs.registry import Progress, job

registered.register()


@job(services.JOB)
def build(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    """Of one task; run twice it gives the same editions."""
    services.build_dossiers(unit, args["task"], progress)
