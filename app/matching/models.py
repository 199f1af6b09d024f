"""Tables of matching."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    or_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.directories.inspectors.models import Inspector
from app.draws.models import Draw, DrawnTarget
from app.matching.rules import AssignmentState
from app.security.models import Agency
from app.security.scope import Scope
from app.security.scoping import scoped
from app.tasks.models import in_visible_task, own_task_ids


class Matching(Base):
    """The matching of one agency in one batch: done with a digest, or impossible with the blocking set."""

    __tablename__ = "matching"
    __table_args__ = (
        CheckConstraint("state IN ('done', 'impossible')", name="state_known"),
        UniqueConstraint("draw_id", "agency_id", "batch", name="uq_matching_batch"),
    )
    id: Mapped[int] = pk()
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), nullable=False)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), nullable=False, index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    batch: Mapped[int] = mapped_column(Integer, nullable=False)
    state: Mapped[str] = mapped_column(String(12), nullable=False)
    digest: Mapped[str | None] = mapped_column(String(64))
    sums: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    blocking: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    draw: Mapped[Draw] = relationship()
    agency: Mapped[Agency] = relationship()


class Assignment(Base):
    """派单: an inspector for one drawn target. Who is replaced stays visible."""

    __tablename__ = "assignment"
    __table_args__ = (
        state_check("state", AssignmentState),
        CheckConstraint("role IN ('lead', 'member')", name="role_known"),
        CheckConstraint("state NOT IN ('recused', 'replaced') OR reason <> ''", name="leaving_has_reason"),
        Index(
            "uq_assignment_living",
            "drawn_target_id",
            "inspector_id",
            unique=True,
            postgresql_where=text("state IN ('proposed', 'confirmed')"),
        ),
    )
    id: Mapped[int] = pk()
    draw_id: Mapped[int] = mapped_column(ForeignKey("draw.id"), nullable=False, index=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), nullable=False, index=True)
    drawn_target_id: Mapped[int] = mapped_column(ForeignKey("drawn_target.id"), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("inspector.id"), nullable=False, index=True)
    role: Mapped[str] = mapped_column(String(6), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False, default=AssignmentState.PROPOSED)
    reason: Mapped[str] = mapped_column(Text, nullable=False, default="")
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"))
    drawn_target: Mapped[DrawnTarget] = relationship()
    inspector: Mapped[Inspector] = relationship()
    agency: Mapped[Agency] = relationship()
    draw: Mapped[Draw] = relationship()


def _write(row: Any, scope: Scope) -> bool:
    return row.agency_id in scope.agency_ids or row.draw.task.initiator_id in scope.agency_ids


def _check(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(model.agency_id.in_(scope.agency_ids), model.task_id.in_(own_task_ids(scope)))


scoped(Matching, read=in_visible_task, write=_write, check=_check)
scoped(Assignment, read=in_visible_task, write=_write, check=_check)
