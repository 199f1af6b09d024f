"""Tables of tasks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Select,
    String,
    Text,
    UniqueConstraint,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.item_lists.models import Item
from app.plans.models import PlanEntry
from app.security.models import Account, Agency, Region
from app.security.scope import Scope
from app.security.scoping import scoped
from app.tasks.rules import ResponseState, TaskState


class Task(Base):
    """One joint task. `rule` and `selection` are copied from the plan entry at its making."""

    __tablename__ = "task"
    __table_args__ = (
        state_check("state", TaskState),
        CheckConstraint("period_to >= period_from", name="period_in_order"),
        CheckConstraint("method IN ('on_site', 'written', 'online', 'other')", name="method_known"),
        CheckConstraint("NOT announced OR announced_reason <> ''", name="announced_has_reason"),
        CheckConstraint("state <> 'cancelled' OR cancel_reason <> ''", name="cancelled_has_reason"),
        Index("uq_task_draft_of_entry", "entry_id", unique=True, postgresql_where="state = 'draft'"),
    )
    id: Mapped[int] = pk()
    no: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("plan_entry.id"), nullable=False, index=True)
    initiator_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), nullable=False, index=True)
    state: Mapped[str] = mapped_column(String(12), nullable=False, default=TaskState.DRAFT, index=True)
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    selection: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    category: Mapped[str] = mapped_column(String(10), nullable=False)
    content: Mapped[str] = mapped_column(Text, nullable=False)
    method: Mapped[str] = mapped_column(String(10), nullable=False, default="on_site")
    period_from: Mapped[date] = mapped_column(Date, nullable=False)
    period_to: Mapped[date] = mapped_column(Date, nullable=False)
    announced: Mapped[bool] = mapped_column(nullable=False, default=False)
    announced_reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    created_by: Mapped[str] = mapped_column(String(40), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    pushed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    version: Mapped[int] = mapped_column(nullable=False, default=1, server_default="1")
    entry: Mapped[PlanEntry] = relationship()
    initiator: Mapped[Agency] = relationship(foreign_keys=[initiator_id])
    region: Mapped[Region] = relationship()
    participants: Mapped[list[Participant]] = relationship(
        back_populates="task", cascade="all, delete-orphan", order_by="Participant.id"
    )
    items: Mapped[list[TaskItem]] = relationship(back_populates="task", cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class TaskCounter(Base):
    """The last number given in a region and year; the row is locked until the task is stored, so no gaps."""

    __tablename__ = "task_counter"
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer, nullable=False)


class Participant(Base):
    """A participating agency and its answer (R-23.1). Overdue is derived from `due_at`; late stays late."""

    __tablename__ = "participant"
    __table_args__ = (
        state_check("state", ResponseState),
        UniqueConstraint("task_id", "agency_id", name="uq_participant_task_agency"),
        CheckConstraint("state <> 'declined' OR reason <> ''", name="declined_has_reason"),
        CheckConstraint("state <> 'released' OR release_reason <> ''", name="released_has_reason"),
    )
    id: Mapped[int] = pk()
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    state: Mapped[str] = mapped_column(String(10), nullable=False, default=ResponseState.PENDING)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    due_provisional: Mapped[bool] = mapped_column(nullable=False, default=False)
    responded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    responded_by: Mapped[str | None] = mapped_column(String(40))
    late: Mapped[bool] = mapped_column(nullable=False, default=False)
    reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    overdue_reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    release_reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    task: Mapped[Task] = relationship(back_populates="participants")
    agency: Mapped[Agency] = relationship()


class TaskItem(Base):
    """The items that an agency (initiator included) checks in this task."""

    __tablename__ = "task_item"
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True, index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    task: Mapped[Task] = relationship(back_populates="items")
    agency: Mapped[Agency] = relationship()
    item: Mapped[Item] = relationship()


class ResponseLink(Base):
    """A mail link to the response page: single use, for one person, dead once the task has been drawn."""

    __tablename__ = "response_link"
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    participant_id: Mapped[int] = mapped_column(
        ForeignKey("participant.id", ondelete="CASCADE"), nullable=False
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    participant: Mapped[Participant] = relationship()
    user: Mapped[Account] = relationship()


def visible_task_ids(scope: Scope) -> Select[Any]:
    """Tasks that an agency within reach initiates or takes part in. Over tables: not narrowed again."""
    task = Task.__table__
    return select(task.c.id).where(_read(task.c, scope))


def own_task_ids(scope: Scope, *, taking_part: bool = False) -> Select[Any]:
    """Tasks that the own agency initiates, and if asked those in which it takes part."""
    task = Task.__table__
    own = task.c.initiator_id.in_(scope.agency_ids)
    return select(task.c.id).where(_check(task.c, scope) if taking_part else own)


def in_visible_task(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    """Read wall of everything that hangs on a task by `task_id`."""
    return model.task_id.in_(visible_task_ids(scope))


def _read(model: Any, scope: Scope) -> ColumnElement[bool]:
    mine = scope.readable_agency_ids
    return or_(
        model.initiator_id.in_(mine), model.id.in_(_taken_part(mine)) & (model.state != TaskState.DRAFT.value)
    )


def _taken_part(agency_ids: Any) -> Select[Any]:
    participant = Participant.__table__
    return select(participant.c.task_id).where(participant.c.agency_id.in_(agency_ids))


def _check(model: Any, scope: Scope) -> ColumnElement[bool]:
    return or_(model.initiator_id.in_(scope.agency_ids), model.id.in_(_taken_part(scope.agency_ids)))


def _check_participant(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(model.agency_id.in_(scope.agency_ids), model.task_id.in_(own_task_ids(scope)))


def _write(row: Task, scope: Scope) -> bool:
    return row.initiator_id in scope.agency_ids or any(
        p.agency_id in scope.agency_ids for p in row.participants
    )


def _write_participant(row: Participant | TaskItem, scope: Scope) -> bool:
    # Taken out of a task's list it has none any more; what may be deleted PostgreSQL checks.
    return row.agency_id in scope.agency_ids or row.task is None or row.task.initiator_id in scope.agency_ids


def _of_participants_in(task_ids: Select[Any]) -> Select[Any]:
    participant = Participant.__table__
    return select(participant.c.id).where(participant.c.task_id.in_(task_ids))


def _read_link(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(
        model.user_id == scope.person_id,
        model.participant_id.in_(_of_participants_in(visible_task_ids(scope))),
    )


def _check_link(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(
        model.user_id == scope.person_id, model.participant_id.in_(_of_participants_in(own_task_ids(scope)))
    )


def _write_link(row: ResponseLink, scope: Scope) -> bool:
    """The person spends the link; the initiator sends it out."""
    return row.user_id == scope.user_id or row.participant.task.initiator_id in scope.agency_ids


scoped(Task, read=_read, write=_write, check=_check)
scoped(Participant, read=in_visible_task, write=_write_participant, check=_check_participant)
scoped(TaskItem, read=in_visible_task, write=_write_participant, check=_check_participant)
scoped(ResponseLink, read=_read_link, write=_write_link, check=_check_link)
