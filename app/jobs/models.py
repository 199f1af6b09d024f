"""Tables of the outbox and of the periodic schedule. Payloads are never shown in the console."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, UtcDateTime, pk, state_check
from app.kernel.states import StateEnum


class OutboxState(StateEnum):
    NEW = "new", "Waiting", "none"
    PUSHED = "pushed", "Queued", "info"
    DONE = "done", "Done", "ok"
    FAILED = "failed", "Failed", "bad"


class Outbox(Base):
    """One job. The row is written in the transaction of its cause; `key` makes it happen once.

    `args` hold ids; `actor` and `scope_of` (membership id, or a system reason) say in whose scope it runs.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        state_check("state", OutboxState),
        Index("ix_outbox_open", "due_at", "id", postgresql_where=text("state IN ('new', 'pushed')")),
        Index("ix_outbox_failed", "id", postgresql_where=text("state = 'failed'")),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
    )
    id: Mapped[int] = pk()
    key: Mapped[str] = mapped_column(String(200), unique=True, nullable=False)
    kind: Mapped[str] = mapped_column(String(60), nullable=False)
    args: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    queue: Mapped[str] = mapped_column(String(20), nullable=False, default="default")
    state: Mapped[str] = mapped_column(String(10), nullable=False, default=OutboxState.NEW)
    membership_id: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(120), nullable=False, default="")
    attempts: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    pushed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(Text, nullable=False, default="")


class JobProgress(Base):
    """How far a job is. Apart from the outbox, whose row is locked while the job runs, and without a foreign
    key, which would wait for that lock.
    """

    __tablename__ = "job_progress"
    outbox_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    done: Mapped[int] = mapped_column(BigInteger, nullable=False)
    total: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)


class ScheduleRun(Base):
    """One period of one schedule; the unique pair is what makes it run once."""

    __tablename__ = "schedule_run"
    __table_args__ = (UniqueConstraint("schedule", "period", name="uq_schedule_run_period"),)
    id: Mapped[int] = pk()
    schedule: Mapped[str] = mapped_column(String(60), nullable=False)
    period: Mapped[str] = mapped_column(String(30), nullable=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
