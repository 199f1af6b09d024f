"""Jobs of the security log: alerts, exports."""

from __future__ import annotations

from typing import Any

from app.db import Unit
from app.jobs.files import drop_old_files
from app.jobs.registry import Progress, job, periodic
from app.ops.alerts import services as alerts
from app.ops.security_log import services as log


@job(alerts.JOB)
def look_at_line(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    alerts.evaluate(unit, args["line"])


@job(log.JOB)
def write_export(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    log.write_file(unit, args["export"], progress)


@periodic("ops.old_exports", every="day", at="04:10", missed="latest")
def drop_old_exports(unit: Unit, period: str) -> None:
    drop_old_files(unit.clock.now())
