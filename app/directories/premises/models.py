"""Tables of premises: the vocabulary of kinds, and where each target does its business."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.directories.premises.rules import PremisesStatus
from app.directories.targets.children import check_child, read_child, write_child
from app.directories.targets.models import Target
from app.security.models import Agency, Region
from app.security.scoping import scoped


class PremisesKind(Base):
    """The vocabulary of kinds of premises; an office adds rows, not code."""

    __tablename__ = "premises_kind"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), nullable=False, unique=True)
    name_en: Mapped[str] = mapped_column(String(80), nullable=False, default="")
    position: Mapped[int] = mapped_column(Integer, nullable=False, default=0)

    def __str__(self) -> str:
        return self.name


class Premises(Base):
    """One place of business of one target. `agency_id` None: a row of the base, as of targets.

    `region_id` is the target's and follows it. `area` in square metres.
    """

    __tablename__ = "premises"
    __table_args__ = (
        ForeignKeyConstraint(
            ["target_id", "region_id"], ["target.id", "target.region_id"], onupdate="CASCADE"
        ),
        UniqueConstraint("target_id", "kind", "name"),
        state_check("status", PremisesStatus),
        CheckConstraint("area IS NULL OR area > 0", name="area_positive"),
        Index("ix_premises_kind", "kind", "target_id"),
        Index("ix_premises_region", "region_id", "id"),
    )
    id: Mapped[int] = pk()
    target_id: Mapped[int] = mapped_column(nullable=False)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), nullable=False)
    kind: Mapped[str] = mapped_column(ForeignKey("premises_kind.code"), nullable=False)
    name: Mapped[str] = mapped_column(String(120), nullable=False)
    address: Mapped[str] = mapped_column(String(300), nullable=False)
    area: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    status: Mapped[str] = mapped_column(String(10), nullable=False, default="used", server_default="used")
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False, server_default=text("now()"))
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    target: Mapped[Target] = relationship(viewonly=True)
    kind_row: Mapped[PremisesKind] = relationship()
    region: Mapped[Region] = relationship(viewonly=True)
    agency: Mapped[Agency | None] = relationship()
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


scoped(Premises, read=read_child, write=write_child, check=check_child)
