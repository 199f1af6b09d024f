"""The marks that keep a target or an item outside random selection."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.directories.outside.rules import MarkState
from app.directories.targets.models import Target
from app.security.models import Agency
from app.security.scope import Scope
from app.security.scoping import scoped


class OutsideMark(Base):
    """One target, or one item, outside random selection for a period.

    `matter`: the item under which it is checked and listed publicly; `basis`: the law and its words.
    """

    __tablename__ = "outside_mark"
    __table_args__ = (
        state_check("state", MarkState),
        CheckConstraint("(target_id IS NULL) <> (item_id IS NULL)", name="target_or_item"),
        CheckConstraint("(target_id IS NULL) = (region_id IS NULL)", name="region_of_target"),
        CheckConstraint("valid_from <= valid_until", name="days_in_order"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="decided_by_another"),
        CheckConstraint("state <> 'ended' OR end_reason <> ''", name="ended_has_reason"),
        ForeignKeyConstraint(
            ["target_id", "region_id"],
            ["target.id", "target.region_id"],
            onupdate="CASCADE",
            name="fk_outside_mark_target",
        ),
        Index("ix_outside_mark_target", "target_id"),
        Index("ix_outside_mark_item", "item_id"),
        Index("ix_outside_mark_agency", "agency_id", "id"),
        Index(
            "ix_outside_mark_standing",
            "valid_until",
            "valid_from",
            "target_id",
            postgresql_where=text("state = 'approved'"),
        ),
    )
    id: Mapped[int] = pk()
    target_id: Mapped[int | None] = mapped_column()
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("item.id"))
    matter: Mapped[str] = mapped_column(String(200), nullable=False)
    basis: Mapped[str] = mapped_column(Text, nullable=False)
    valid_from: Mapped[date] = mapped_column(Date, nullable=False)
    valid_until: Mapped[date] = mapped_column(Date, nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False, default=MarkState.ASKED)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    asked_by: Mapped[str] = mapped_column(String(40), nullable=False)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    remarks: Mapped[str] = mapped_column(String(300), nullable=False, default="")
    ended_by: Mapped[str | None] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str] = mapped_column(String(300), nullable=False, default="")
    agency: Mapped[Agency] = relationship()
    target: Mapped[Target | None] = relationship(foreign_keys=[target_id, region_id])


STANDING = (MarkState.APPROVED.value, MarkState.ENDED.value)


def _read(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    """What was approved is public by article 3; what waits is the agency's."""
    return or_(model.state.in_(STANDING), model.agency_id.in_(scope.readable_agency_ids))


def _write(row: OutsideMark, scope: Scope) -> bool:
    """Who may ask, and who decide at the office above, is a matter of the services."""
    return row.agency_id in scope.readable_agency_ids


def _check(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.agency_id.in_(scope.readable_agency_ids)


scoped(OutsideMark, read=_read, write=_write, check=_check)
