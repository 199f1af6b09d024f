"""Housekeeping of the outbox itself."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select

from app.db import Unit
from app.jobs.models import JobProgress, Outbox, OutboxState, ScheduleRun
from app.jobs.registry import periodic

KEPT = timedelta(days=30)


@periodic("jobs.housekeeping", every="day", at="03:40", missed="latest")
def forget_old_periods(unit: Unit, period: str) -> None:
    """A schedule of every minute leaves half a million rows a year: what is done is kept for a month. The
    latest period of each schedule stays, so that nothing is entered twice; jobs of people stay for ever.
    """
    before = unit.clock.now() - KEPT
    latest = select(func.max(ScheduleRun.id)).group_by(ScheduleRun.schedule)
    old = select(Outbox.id).where(
        Outbox.kind.startswith("schedule."), Outbox.state == OutboxState.DONE, Outbox.done_at < before
    )
    for statement in (
        delete(ScheduleRun).where(ScheduleRun.at < before, ScheduleRun.id.not_in(latest)),
        delete(JobProgress).where(JobProgress.at < before),
        delete(Outbox).where(Outbox.id.in_(old)),
    ):
        unit.session.execute(statement.execution_options(synchronize_session=False))
