"""Tables of draws. Files and results are append-only; the three secrets are stored sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.directories.targets.models import Target
from app.draws.rules import DrawState
from app.security.models import Account, Agency
from app.security.scope import Scope
from app.security.scoping import scoped
from app.tasks.models import Task, in_visible_task, own_task_ids, visible_task_ids


class Draw(Base):
    """One draw of a task; a void one stays, the next has a new number."""

    __tablename__ = "draw"
    __table_args__ = (
        state_check("state", DrawState),
        CheckConstraint("mode IN ('sealed', 'open')", name="mode_known"),
        CheckConstraint("state <> 'void' OR void_reason <> ''", name="void_has_reason"),
        CheckConstraint("void_by IS NULL OR void_by <> void_asked_by", name="void_by_another"),
        UniqueConstraint("task_id", "ordinal", name="uq_draw_ordinal"),
        Index("uq_draw_one_living", "task_id", unique=True, postgresql_where=text("state <> 'void'")),
    )
    id: Mapped[int] = pk()
    draw_no: Mapped[str] = mapped_column(String(60), unique=True, nullable=False)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), nullable=False)
    ordinal: Mapped[int] = mapped_column(Integer, nullable=False)
    state: Mapped[str] = mapped_column(String(16), nullable=False, default=DrawState.PREPARED)
    mode: Mapped[str] = mapped_column(String(6), nullable=False, default="sealed")
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    plan_hash: Mapped[str | None] = mapped_column(String(64))
    strata: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
    secrets: Mapped[bytes | None] = mapped_column(LargeBinary)
    closing: Mapped[str | None] = mapped_column(String(64))
    seed: Mapped[str | None] = mapped_column(String(64))
    results: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    frozen_by: Mapped[str | None] = mapped_column(String(40))
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    drawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    void_reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    void_who: Mapped[str] = mapped_column(Text, nullable=False, default="")
    void_asked_by: Mapped[str | None] = mapped_column(String(40))
    void_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    void_by: Mapped[str | None] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(nullable=False, default=1, server_default="1")
    task: Mapped[Task] = relationship()
    contributions: Mapped[list[Contribution]] = relationship(
        back_populates="draw", cascade="all, delete-orphan", order_by="Contribution.position"
    )
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.draw_no


class DrawFile(Base):
    """A file of the record (`frame.tsv`, `result-0.tsv`, `matching/...`), compressed with zlib.
    Append-only.
    """

    __tablename__ = "draw_file"
    __table_args__ = (UniqueConstraint("draw_id", "name", name="uq_draw_file_name"),)
    id: Mapped[int] = pk()
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), nullable=False)
    name: Mapped[str] = mapped_column(String(160), nullable=False)
    content: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)


class Contribution(Base):
    """What one witness owes and gave. `witness` is the code in the plan; an agency, or a person (auditor)."""

    __tablename__ = "contribution"
    __table_args__ = (
        UniqueConstraint("draw_id", "witness", name="uq_contribution_witness"),
        UniqueConstraint("draw_id", "position", name="uq_contribution_position"),
    )
    id: Mapped[int] = pk()
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), nullable=False)
    position: Mapped[int] = mapped_column(Integer, nullable=False)
    witness: Mapped[str] = mapped_column(String(60), nullable=False)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    commitment: Mapped[str | None] = mapped_column(String(64))
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    value: Mapped[str | None] = mapped_column(Text)
    nonce: Mapped[str | None] = mapped_column(String(32))
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    draw: Mapped[Draw] = relationship(back_populates="contributions")
    agency: Mapped[Agency | None] = relationship()
    user: Mapped[Account | None] = relationship()


class DrawnTarget(Base):
    """A target of the result. `replaced_by_id` set: it was replaced by the next ticket (R-24.3), and
    stays.
    """

    __tablename__ = "drawn_target"
    __table_args__ = (
        UniqueConstraint("draw_id", "target_id", name="uq_drawn_target"),
        {"info": {"merge_keeps": True}},
    )
    id: Mapped[int] = pk()
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), nullable=False)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), nullable=False, index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), nullable=False, index=True)
    code: Mapped[str] = mapped_column(String(40), nullable=False)
    batch: Mapped[int] = mapped_column(Integer, nullable=False)
    stratum: Mapped[str] = mapped_column(String(16), nullable=False)
    rank: Mapped[int] = mapped_column(Integer, nullable=False)
    ticket: Mapped[str] = mapped_column(String(64), nullable=False)
    tags: Mapped[str] = mapped_column(String(400), nullable=False, default="")
    region_code: Mapped[str] = mapped_column(String(20), nullable=False)
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("drawn_target.id"))
    replace_reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    target: Mapped[Target] = relationship()
    draw: Mapped[Draw] = relationship()


def _read(model: Any, scope: Scope) -> ColumnElement[bool]:
    """Of the tasks within reach, and of the draws in which the person is a witness."""
    return or_(model.task_id.in_(visible_task_ids(scope)), model.id.in_(_witnessed(scope)))


def _witnessed(scope: Scope) -> Select[Any]:
    given = Contribution.__table__
    return select(given.c.draw_id).where(
        or_(given.c.user_id == scope.person_id, given.c.agency_id.in_(scope.agency_ids))
    )


def _via_draw(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    draw = Draw.__table__
    return model.draw_id.in_(select(draw.c.id).where(_read(draw.c, scope)))


def _write(row: Draw, scope: Scope) -> bool:
    return row.task.initiator_id in scope.agency_ids or any(
        c.user_id == scope.user_id or c.agency_id in scope.agency_ids for c in row.contributions
    )


def _write_contribution(row: Contribution, scope: Scope) -> bool:
    return (
        row.agency_id in scope.agency_ids
        or (row.user_id is not None and row.user_id == scope.user_id)
        or row.draw.task.initiator_id in scope.agency_ids
    )


def _write_drawn(row: DrawnTarget, scope: Scope) -> bool:
    return row.draw.task.initiator_id in scope.agency_ids


def _check(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(model.task_id.in_(own_task_ids(scope)), model.id.in_(_witnessed(scope)))


def _check_contribution(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    draw = Draw.__table__
    initiated = select(draw.c.id).where(draw.c.task_id.in_(own_task_ids(scope)))
    return or_(
        model.agency_id.in_(scope.agency_ids),
        model.user_id == scope.person_id,
        model.draw_id.in_(initiated),
    )


def in_own_task(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.task_id.in_(own_task_ids(scope))


scoped(Draw, read=_read, write=_write, check=_check)
scoped(DrawFile, read=_via_draw, write=lambda row, scope: bool(scope.agency_ids))
scoped(Contribution, read=_via_draw, write=_write_contribution, check=_check_contribution)
scoped(DrawnTarget, read=in_visible_task, write=_write_drawn, check=in_own_task)
