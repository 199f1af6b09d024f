"""The ledger of periods: whatever is due, and whatever was missed, is entered once with its outbox row."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from app.db import Unit
from app.jobs.models import ScheduleRun
from app.jobs.registry import Every, Schedule, schedules
from app.jobs.services import enqueue
from app.kernel.clock import SHANGHAI

LOCK = 7_301_003
MOST_AT_ONCE = 500
STEPS: dict[Every, timedelta] = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
SHAPES: dict[Every, str] = {"minute": "%Y-%m-%dT%H:%M", "hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d"}


def enter_due_periods(unit: Unit) -> int:
    """Enter every due period that is not in the ledger; gives how many. One ticker at a time: another one
    finds the lock taken and enters nothing.
    """
    taken = unit.session.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": LOCK}).scalar()
    if not taken:
        return 0
    return sum(_enter(unit, schedule) for schedule in schedules())


def _enter(unit: Unit, schedule: Schedule) -> int:
    entered = 0
    for start in missed_starts(schedule, unit.clock.now(), _last_start(unit, schedule))[:MOST_AT_ONCE]:
        period = start.strftime(SHAPES[schedule.every])
        statement = (
            insert(ScheduleRun)
            .values(schedule=schedule.name, period=period, at=unit.clock.now())
            .on_conflict_do_nothing(constraint="uq_schedule_run_period")
            .returning(ScheduleRun.id)
        )
        if unit.session.execute(statement).scalar() is not None:
            key = f"{schedule.kind}:{period}"
            enqueue(unit, schedule.kind, key, {"period": period}, reason=f"schedule {schedule.name}")
            entered += 1
    return entered


def missed_starts(schedule: Schedule, now: datetime, last: datetime | None) -> list[datetime]:
    """Starts (Asia/Shanghai) of the periods after `last` that are due; without `last`, of the latest one."""
    step = STEPS[schedule.every]
    newest = _newest_due(schedule, now)
    if last is None or schedule.missed == "latest":
        return [newest] if last is None or newest > last else []
    count = max(0, (newest - last) // step)
    return [last + step * (i + 1) for i in range(count)]


def _newest_due(schedule: Schedule, now: datetime) -> datetime:
    local = now.astimezone(SHANGHAI).replace(second=0, microsecond=0)
    hour, _, minute = schedule.at.rpartition(":")
    if schedule.every == "minute":
        return local
    start = local.replace(minute=0) if schedule.every == "hour" else local.replace(hour=0, minute=0)
    offset = timedelta(hours=int(hour or 0), minutes=int(minute or 0))
    return start if start + offset <= local else start - STEPS[schedule.every]


def _last_start(unit: Unit, schedule: Schedule) -> datetime | None:
    """The latest entered period up to now: with the clock put back, the future's entries do not count."""
    now = unit.clock.now().astimezone(SHANGHAI).strftime(SHAPES[schedule.every])
    period = unit.session.scalars(
        select(ScheduleRun.period)
        .where(ScheduleRun.schedule == schedule.name, ScheduleRun.period <= now)
        .order_by(ScheduleRun.period.desc())
        .limit(1)
    ).first()
    if period is None:
        return None
    return datetime.strptime(period, SHAPES[schedule.every]).replace(tzinfo=SHANGHAI)
