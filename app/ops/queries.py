"""What the console's pages show: figures about the machinery, by size and age, never business data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rq import Queue, Worker
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.audit.queries import latest_head, waiting
from app.jobs.models import OutboxState
from app.jobs.queries import OPEN, count_state, last_error, last_periods, oldest_open_seconds
from app.jobs.redis import QUEUES, Down, connect
from app.jobs.registry import Schedule, schedules
from app.notifications.models import Mail
from app.security.scoping import unscoped
from config import Settings

MAIL_KIND = "notifications.mail"


@dataclass(frozen=True)
class Overview:
    """Counts stop at 10,001; ages in seconds."""

    postgres: str
    open_jobs: int
    failed_jobs: int
    oldest_open: int
    unsealed: int
    oldest_unsealed: int | None
    sealed: int
    sealed_at: datetime | None


@dataclass(frozen=True)
class Queues:
    """Waiting jobs per queue and workers that listen, None while Redis is down."""

    lengths: dict[str, int]
    workers: int


@dataclass(frozen=True)
class ScheduleLine:
    schedule: Schedule
    last_period: str | None


@dataclass(frozen=True)
class TableSize:
    """`rows` is the server's estimate, None before it has one."""

    name: str
    bytes: int
    rows: int | None


@dataclass(frozen=True)
class MailChannel:
    server: str | None
    waiting: int
    last_sent: datetime | None
    last_error: tuple[datetime, str] | None


def overview(session: Session, now: datetime) -> Overview:
    head, unsealed = latest_head(session), waiting(session, now)
    return Overview(
        postgres=str(session.execute(text("SHOW server_version")).scalar_one()),
        open_jobs=count_state(session, *OPEN),
        failed_jobs=count_state(session, OutboxState.FAILED),
        oldest_open=oldest_open_seconds(session, now),
        unsealed=unsealed.count,
        oldest_unsealed=unsealed.oldest_seconds,
        sealed=head.size if head else 0,
        sealed_at=head.at if head else None,
    )


def queues(settings: Settings) -> Queues | None:
    """None when Redis does not answer."""
    if settings.redis_url is None:
        return None
    try:
        connection = connect(settings)
        lengths = {name: Queue(name, connection=connection).count for name in QUEUES}
        return Queues(lengths, Worker.count(connection=connection))
    except Down:
        return None


def schedule_lines(session: Session) -> list[ScheduleLine]:
    last = last_periods(session)
    return [ScheduleLine(schedule, last.get(schedule.name)) for schedule in schedules()]


def table_sizes(session: Session, limit: int = 100) -> list[TableSize]:
    """The largest tables with their indexes, the largest first."""
    rows = session.execute(
        text(
            "SELECT c.relname, pg_total_relation_size(c.oid), nullif(c.reltuples, -1)::bigint "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public' ORDER BY 2 DESC, 1 LIMIT :limit"
        ),
        {"limit": limit},
    )
    return [TableSize(name, size, count) for name, size, count in rows]


def mail_channel(session: Session, settings: Settings) -> MailChannel:
    """Addresses and texts of mails stay out of it."""
    mail = Mail.__table__
    unsent = select(mail.c.id).where(mail.c.sent_at.is_(None), mail.c.note == "").limit(10_001).subquery()
    with unscoped(session, "mails that wait, counted for the operation"):
        waiting_mails = int(session.execute(select(func.count()).select_from(unsent)).scalar_one())
        last_sent = session.execute(select(func.max(mail.c.sent_at))).scalar()
    return MailChannel(
        server=f"{settings.smtp.host}:{settings.smtp.port}" if settings.smtp else None,
        waiting=waiting_mails,
        last_sent=last_sent,
        last_error=last_error(session, MAIL_KIND),
    )
