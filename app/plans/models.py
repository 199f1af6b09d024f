"""Tables of plans. `rule` and `selection` are plain data; see `libraries.rules` and `plans.rules` for
their shapes.
"""

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
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.item_lists.models import Item, JointItem
from app.plans.rules import EntryState, PlanState, ReopeningState
from app.security.models import Agency
from app.security.scope import Scope
from app.security.scoping import scoped


class Plan(Base):
    """A plan of one year: an agency's own, or the joint plan of an office (`kind` = joint)."""

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("kind IN ('agency', 'joint')", name="kind_known"),
        state_check("state", PlanState),
        CheckConstraint(
            "kind = 'agency' AND state IN ('draft', 'reported', 'returned', 'published') OR "
            "kind = 'joint' AND state IN ('draft', 'submitted', 'returned', 'approved', 'published')",
            name="state_fits_kind",
        ),
        UniqueConstraint("agency_id", "kind", "year", name="uq_plan_year"),
        CheckConstraint("approved_by IS NULL OR approved_by <> submitted_by", name="approved_by_another"),
    )
    id: Mapped[int] = pk()
    kind: Mapped[str] = mapped_column(String(6), nullable=False)
    no: Mapped[str] = mapped_column(String(60), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(160), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    year: Mapped[int] = mapped_column(Integer, nullable=False)
    state: Mapped[str] = mapped_column(String(12), nullable=False, default=PlanState.DRAFT)
    remarks: Mapped[str] = mapped_column(Text, nullable=False, default="")
    submitted_by: Mapped[str | None] = mapped_column(String(40))
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(40))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    coverage_override: Mapped[str] = mapped_column(Text, nullable=False, default="")
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    agency: Mapped[Agency] = relationship()
    entries: Mapped[list[PlanEntry]] = relationship(
        back_populates="plan", cascade="all, delete-orphan", order_by="PlanEntry.no"
    )
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class PlanReopening(Base):
    """A request to change a plan that is frozen (approved or published); another person decides it."""

    __tablename__ = "plan_reopening"
    __table_args__ = (
        state_check("state", ReopeningState),
        CheckConstraint("reason <> ''", name="has_reason"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="decided_by_another"),
        CheckConstraint("(state = 'asked') = (decided_by IS NULL)", name="decided_by_somebody"),
        Index("uq_plan_reopening_open", "plan_id", unique=True, postgresql_where=text("state = 'asked'")),
    )
    id: Mapped[int] = pk()
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), nullable=False, index=True)
    state: Mapped[str] = mapped_column(String(12), nullable=False, default=ReopeningState.ASKED)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    asked_by: Mapped[str] = mapped_column(String(40), nullable=False)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    remarks: Mapped[str] = mapped_column(Text, nullable=False, default="", server_default="")
    plan: Mapped[Plan] = relationship()


class PlanEntry(Base):
    """计划项目 (R-19.1). `rule` selects the targets, `selection` says how many per risk class are drawn."""

    __tablename__ = "plan_entry"
    __table_args__ = (
        state_check("state", EntryState),
        CheckConstraint(
            "month_from BETWEEN 1 AND 12 AND month_to BETWEEN month_from AND 12", name="months_in_order"
        ),
        CheckConstraint("category IN ('key', 'general')", name="category_known"),
        UniqueConstraint("plan_id", "no", name="uq_plan_entry_no"),
    )
    id: Mapped[int] = pk()
    plan_id: Mapped[int] = mapped_column(
        ForeignKey("plan.id", ondelete="CASCADE"), nullable=False, index=True
    )
    no: Mapped[int] = mapped_column(Integer, nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    joint_item_id: Mapped[int | None] = mapped_column(ForeignKey("joint_item.id"), index=True)
    initiator_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    category: Mapped[str] = mapped_column(String(10), nullable=False)
    method: Mapped[str] = mapped_column(String(10), nullable=False, default="on_site")
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    selection: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    month_from: Mapped[int] = mapped_column(Integer, nullable=False)
    month_to: Mapped[int] = mapped_column(Integer, nullable=False)
    planned_number: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text, nullable=False, default="")
    state: Mapped[str] = mapped_column(String(12), nullable=False, default=EntryState.DRAFT)
    source_entry_id: Mapped[int | None] = mapped_column(
        ForeignKey("plan_entry.id", ondelete="SET NULL"), index=True
    )
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    plan: Mapped[Plan] = relationship(back_populates="entries")
    joint_item: Mapped[JointItem | None] = relationship()
    initiator: Mapped[Agency] = relationship()
    participants: Mapped[list[PlanEntryItem]] = relationship(
        back_populates="entry", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class PlanEntryItem(Base):
    """The item that one agency (initiator included) checks within an entry."""

    __tablename__ = "plan_entry_item"
    entry_id: Mapped[int] = mapped_column(ForeignKey("plan_entry.id", ondelete="CASCADE"), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True, index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    entry: Mapped[PlanEntry] = relationship(back_populates="participants")
    agency: Mapped[Agency] = relationship()
    item: Mapped[Item] = relationship()


def _read(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(model.state == PlanState.PUBLISHED.value, model.agency_id.in_(scope.readable_agency_ids))


def _write(row: Plan, scope: Scope) -> bool:
    return row.agency_id in scope.readable_agency_ids


def _read_entry(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    plan = Plan.__table__
    seen = select(plan.c.id).where(
        or_(plan.c.state == PlanState.PUBLISHED.value, plan.c.agency_id.in_(scope.readable_agency_ids))
    )
    return model.plan_id.in_(seen)


def _write_reopening(row: PlanReopening, scope: Scope) -> bool:
    return row.plan is None or _write(row.plan, scope)


def _check(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.agency_id.in_(scope.readable_agency_ids)


def _check_entry(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    plan = Plan.__table__
    written = select(plan.c.id).where(plan.c.agency_id.in_(scope.readable_agency_ids))
    return or_(model.plan_id.in_(written), model.initiator_id.in_(scope.agency_ids))


def _read_entry_item(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    entry = PlanEntry.__table__
    return model.entry_id.in_(select(entry.c.id).where(_read_entry(entry.c, scope)))


def _write_entry_item(row: PlanEntryItem, scope: Scope) -> bool:
    return row.agency_id in scope.agency_ids or row.entry is None or _write_entry(row.entry, scope)


def _check_entry_item(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    entry = PlanEntry.__table__
    written = select(entry.c.id).where(_check_entry(entry.c, scope))
    return or_(model.agency_id.in_(scope.agency_ids), model.entry_id.in_(written))


def _write_entry(row: PlanEntry, scope: Scope) -> bool:
    return True if row.plan is None else _write(row.plan, scope) or row.initiator_id in scope.agency_ids


scoped(Plan, read=_read, write=_write, check=_check)
scoped(PlanEntry, read=_read_entry, write=_write_entry, check=_check_entry)
scoped(PlanEntryItem, read=_read_entry_item, write=_write_entry_item, check=_check_entry_item)
scoped(PlanReopening, read=_read_entry, write=_write_reopening)
