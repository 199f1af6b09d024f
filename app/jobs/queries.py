"""Reads of the outbox: ages, counts, progress. Never the payload."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.jobs.models import JobProgress, Outbox, OutboxState, ScheduleRun

OPEN = (OutboxState.NEW, OutboxState.PUSHED)
COUNTED_UP_TO = 10_000


@dataclass(frozen=True)
class JobView:
    """What a page shows of one job. `total` None: not known (yet)."""

    id: int
    kind: str
    state: OutboxState
    attempts: int
    error: str
    done: int
    total: int | None

    @property
    def is_over(self) -> bool:
        return self.state in (OutboxState.DONE, OutboxState.FAILED)

    @property
    def percent(self) -> int | None:
        if self.state is OutboxState.DONE:
            return 100
        return min(100, 100 * self.done // self.total) if self.total else None


def oldest_open_seconds(session: Session, now: datetime) -> int:
    """Seconds for which the oldest due row has been waiting; 0 when none waits."""
    due_at = session.scalars(
        select(Outbox.due_at)
        .where(Outbox.state.in_(OPEN), Outbox.due_at <= now)
        .order_by(Outbox.due_at)
        .limit(1)
    ).first()
    return int((now - due_at).total_seconds()) if due_at else 0


def count_state(session: Session, *states: OutboxState) -> int:
    """Rows in the states, counted no further than 10,001."""
    inner = select(Outbox.id).where(Outbox.state.in_(states)).limit(COUNTED_UP_TO + 1).subquery()
    return int(session.execute(select(func.count()).select_from(inner)).scalar_one())


def job_view(session: Session, outbox_id: int, membership_ids: frozenset[int]) -> JobView | None:
    """A job of one of the memberships, with its progress."""
    row = session.execute(
        select(Outbox, JobProgress)
        .outerjoin(JobProgress, JobProgress.outbox_id == Outbox.id)
        .where(Outbox.id == outbox_id, Outbox.membership_id.in_(membership_ids))
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    job, progress = row
    return JobView(
        id=job.id,
        kind=job.kind,
        state=OutboxState(job.state),
        attempts=job.attempts,
        error=job.error,
        done=progress.done if progress else 0,
        total=progress.total if progress else None,
    )


def last_periods(session: Session) -> dict[str, str]:
    """The latest period of every schedule that has run."""
    query = select(ScheduleRun.schedule, func.max(ScheduleRun.period).label("latest")).group_by(
        ScheduleRun.schedule
    )
    return {row.schedule: row.latest for row in session.execute(query)}


def last_error(session: Session, kind: str) -> tuple[datetime, str] | None:
    """When the latest job of the kind that has an error was due, and the error."""
    row = session.execute(
        select(Outbox.due_at, Outbox.error)
        .where(Outbox.kind == kind, Outbox.state != OutboxState.DONE, Outbox.error != "")
        .order_by(Outbox.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[1]) if row else None
