"""Tables of permits: the vocabulary of kinds, and what each target holds."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.directories.permits.rules import PermitStatus
from app.directories.targets.children import check_child, read_child, write_child
from app.directories.targets.models import Target
from app.security.models import Agency, Region
from app.security.scoping import scoped


class PermitKind(Base):
    """The vocabulary of kinds of permits; an office adds rows, not code."""

    __tablename__ = "permit_kind"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), nullable=False, unique=True)
    name_en: Mapped[str] = mapped_column(String(80), nullable=False, default="")
    position: Mapped[int] = mapped_column(Integer, nullable=False, default=0)

    def __str__(self) -> str:
        return self.name


class Permit(Base):
    """One permit of one target. `agency_id` None: a row of the base, as of targets.

    `region_id` is the target's and follows it. `valid_until`: the last day, None for an indefinite time.
    """

    __tablename__ = "permit"
    __table_args__ = (
        ForeignKeyConstraint(
            ["target_id", "region_id"], ["target.id", "target.region_id"], onupdate="CASCADE"
        ),
        UniqueConstraint("target_id", "kind", "number"),
        state_check("status", PermitStatus),
        CheckConstraint(
            "valid_until IS NULL OR valid_from IS NULL OR valid_from <= valid_until", name="period"
        ),
        Index("ix_permit_kind_until", "kind", "valid_until", "target_id"),
        Index("ix_permit_region_until", "region_id", "valid_until", "id"),
        Index("ix_permit_until", "valid_until", "id", postgresql_include=["region_id", "agency_id"]),
        Index("ix_permit_number", "number"),
    )
    id: Mapped[int] = pk()
    target_id: Mapped[int] = mapped_column(nullable=False)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), nullable=False)
    kind: Mapped[str] = mapped_column(ForeignKey("permit_kind.code"), nullable=False)
    number: Mapped[str] = mapped_column(String(80), nullable=False)
    authority: Mapped[str] = mapped_column(String(120), nullable=False)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(10), nullable=False, default="valid", server_default="valid")
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False, server_default=text("now()"))
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    target: Mapped[Target] = relationship(viewonly=True)
    kind_row: Mapped[PermitKind] = relationship()
    region: Mapped[Region] = relationship(viewonly=True)
    agency: Mapped[Agency | None] = relationship()
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.number


scoped(Permit, read=read_child, write=write_child, check=check_child)
