"""From the outbox into RQ: only ids travel, under a fixed job id, so that a push twice does no harm."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from redis import Redis
from rq import Queue
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from app.jobs.models import Outbox, OutboxState
from app.jobs.redis import QUEUES, Down, connect
from config import Settings

log = structlog.get_logger()

ENTRY = "app.jobs.execution.run_outbox"
LEASE = timedelta(seconds=60)
GRACE = timedelta(seconds=2)
"""How long a fresh row is left to the hint that follows its commit."""
LONGEST_QUEUE = 1000
BATCH = 500
JOB_TIMEOUT = 2 * 3600
QUIET_AFTER_FAULT = 5.0

_quiet_until = 0.0


def push(connection: Redis, pairs: Iterable[tuple[int, str]]) -> None:
    """Put the ids into their queues."""
    by_queue: dict[str, list[int]] = {}
    for outbox_id, queue in pairs:
        by_queue.setdefault(queue, []).append(outbox_id)
    for name, ids in by_queue.items():
        Queue(name, connection=connection).enqueue_many(
            [
                Queue.prepare_data(
                    ENTRY,
                    args=[i],
                    job_id=f"outbox-{i}",
                    timeout=JOB_TIMEOUT,
                    result_ttl=0,
                    failure_ttl=60,
                    description=f"outbox {i}",
                )
                for i in dict.fromkeys(ids)
            ]
        )


def hint(settings: Settings, pairs: Sequence[tuple[int, str]]) -> None:
    """Tell RQ at once about rows that were just committed. Redis may be gone: the relay comes after."""
    global _quiet_until
    if settings.redis_url is None or time.monotonic() < _quiet_until:
        return
    try:
        push(connect(settings), pairs)
    except Down as fault:
        _quiet_until = time.monotonic() + QUIET_AFTER_FAULT
        log.warning("redis does not take a hint", fault=type(fault).__name__)


def relay(session: Session, connection: Redis, now: datetime) -> int:
    """Push what is due, and again what was pushed and not done within the lease; the caller commits.

    The queue stays short: it is a window on the outbox, so a wiped or a swollen Redis costs nothing.
    """
    room = {name: LONGEST_QUEUE - Queue(name, connection=connection).count for name in QUEUES}
    open_queues = [name for name, left in room.items() if left > 0]
    if not open_queues:
        return 0
    rows = session.execute(
        select(Outbox.id, Outbox.queue)
        .where(ready(now, now - GRACE), Outbox.queue.in_(open_queues))
        .order_by(Outbox.due_at, Outbox.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    if not rows:
        return 0
    push(connection, [(row.id, row.queue) for row in rows])
    session.execute(
        update(Outbox)
        .where(Outbox.id.in_([row.id for row in rows]))
        .values(state=OutboxState.PUSHED, pushed_at=now)
        .execution_options(synchronize_session=False)
    )
    return len(rows)


def ready(now: datetime, new_before: datetime) -> ColumnElement[bool]:
    """Rows that nobody is at: new and due before `new_before`, or pushed and past their lease."""
    return or_(
        (Outbox.state == OutboxState.NEW) & (Outbox.due_at <= new_before),
        (Outbox.state == OutboxState.PUSHED) & (Outbox.due_at <= now) & (Outbox.pushed_at < now - LEASE),
    )
