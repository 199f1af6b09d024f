"""Schedules of tasks."""

from __future__ import annotations

from app.db import Unit
from app.jobs.registry import periodic
from app.tasks.services import remind


@periodic("tasks.reminders", every="minute", missed="latest")
def reminders(unit: Unit, period: str) -> None:
    """Remind whoever has not answered on the last day. One run covers all the minutes that were missed."""
    remind(unit)
