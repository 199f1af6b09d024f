"""Tables of past visits."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, pk
from app.directories.inspectors.models import Inspector
from app.directories.targets.models import Target
from app.security.models import Agency
from app.security.scope import Scope
from app.security.scoping import by_agency, own_agency, scoped


class PastVisits(Base):
    """How often an agency visited a target in a year before the portal took over; `last_on`: the last time.

    `region_id` is the target's and follows it.
    """

    __tablename__ = "past_visits"
    __table_args__ = (
        ForeignKeyConstraint(
            ["target_id", "region_id"], ["target.id", "target.region_id"], onupdate="CASCADE"
        ),
        UniqueConstraint("target_id", "agency_id", "year", name="uq_past_visits"),
        CheckConstraint("visits >= 0", name="visits_not_negative"),
        CheckConstraint("year BETWEEN 2000 AND 2999", name="year_range"),
        Index("ix_past_visits_agency_year", "agency_id", "year", "id"),
        Index("ix_past_visits_region", "region_id"),
        {"info": {"merge_adds": ("visits",)}},
    )
    id: Mapped[int] = pk()
    target_id: Mapped[int] = mapped_column(nullable=False)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    year: Mapped[int] = mapped_column(Integer, nullable=False)
    visits: Mapped[int] = mapped_column(Integer, nullable=False)
    last_on: Mapped[date | None] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(40), nullable=False, default="import")
    target: Mapped[Target] = relationship(viewonly=True)
    agency: Mapped[Agency] = relationship()


class PastLoad(Base):
    """How many visits an inspector made in a year before the portal took over."""

    __tablename__ = "past_load"
    __table_args__ = (
        UniqueConstraint("inspector_id", "year", name="uq_past_load"),
        CheckConstraint("visits >= 0", name="visits_not_negative"),
        CheckConstraint("year BETWEEN 2000 AND 2999", name="year_range"),
    )
    id: Mapped[int] = pk()
    inspector_id: Mapped[int] = mapped_column(ForeignKey("inspector.id"), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    year: Mapped[int] = mapped_column(Integer, nullable=False)
    visits: Mapped[int] = mapped_column(Integer, nullable=False)
    source: Mapped[str] = mapped_column(String(40), nullable=False, default="import")
    inspector: Mapped[Inspector] = relationship()
    agency: Mapped[Agency] = relationship()


def _read(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(model.region_id.in_(scope.region_ids), model.agency_id.in_(scope.readable_agency_ids))


def _write(row: PastVisits, scope: Scope) -> bool:
    return row.agency_id in scope.agency_ids


scoped(PastVisits, read=_read, write=_write, check=own_agency())
_own = by_agency()
scoped(PastLoad, read=_own[0], write=_own[1], check=own_agency())
