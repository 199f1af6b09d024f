"""Tables of the directory of targets."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    Computed,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    and_,
    or_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk
from app.security.models import Agency, Region
from app.security.protection import Encrypted, keep_digests, number_digest, number_tail, text_digest
from app.security.scope import Scope
from app.security.scoping import scoped


class TargetKind(Base):
    """The vocabulary of kinds (R-4.1); an office adds rows, not code.

    `classified`: risk classes A to D apply; `uscc_prefixes`: beginnings of the codes that tell this kind.
    """

    __tablename__ = "target_kind"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), nullable=False)
    name_en: Mapped[str] = mapped_column(String(80), nullable=False, default="")
    classified: Mapped[bool] = mapped_column(nullable=False, default=False)
    position: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    uscc_prefixes: Mapped[list[str]] = mapped_column(
        ARRAY(String(2)), nullable=False, default=list, server_default="{}"
    )

    def __str__(self) -> str:
        return self.name


class Industry(Base):
    """GB/T 4754-2017: section, division, group, class."""

    __tablename__ = "industry"
    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), nullable=False)
    name_en: Mapped[str] = mapped_column(String(160), nullable=False, default="")
    parent_code: Mapped[str | None] = mapped_column(String(4), index=True)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Specialty(Base):
    """专业: what an item can require of an inspector; `name` is the tag in protocol files."""

    __tablename__ = "specialty"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), nullable=False, unique=True)
    name_en: Mapped[str] = mapped_column(String(80), nullable=False, default="")

    def __str__(self) -> str:
        return self.name


_ASKED = ["region_id", "agency_id", "status", "kind", "industry_code"]


class Target(Base):
    """One target. `agency_id` None: a row of the base; otherwise added by that agency (R-11.3).

    `risk_class` is an internal reference: never on public pages.
    """

    __tablename__ = "target"
    __table_args__ = (
        # What child rows refer to: they carry the region of their target, which follows when it moves.
        UniqueConstraint("id", "region_id", name="uq_target_id_region"),
        CheckConstraint("code_kind IN ('uscc', 'org', 'internal')", name="code_kind_known"),
        CheckConstraint("status IN ('active', 'suspended', 'closed')", name="status_known"),
        CheckConstraint("risk_class IN ('A', 'B', 'C', 'D', 'N')", name="risk_class_known"),
        CheckConstraint("risk_score IS NULL OR risk_score BETWEEN 0 AND 1000", name="risk_score_range"),
        CheckConstraint("source IN ('base', 'agency')", name="source_known"),
        CheckConstraint("(source = 'agency') = (agency_id IS NOT NULL)", name="agency_row_has_agency"),
        # With what the wall asks for beside the region, and the commonest filters: a count reads the index alone.
        Index(
            "ix_target_region_industry",
            "region_id",
            "industry_code",
            "id",
            postgresql_include=["agency_id", "status", "risk_class", "kind", "last_checked_on"],
        ),
        # Over expressions, so that no row carries its grams: see app.directories.targets.search.
        Index("ix_target_search_name", text("name_grams(name)"), postgresql_using="gin"),
        Index("ix_target_search_address", text("bigrams2(address)"), postgresql_using="gin"),
        Index("ix_target_search_code", text("code_grams(code)"), postgresql_using="gin"),
        Index("ix_target_search_initials", text("initial_grams(search_initials)"), postgresql_using="gin"),
        # The orders of the list. They carry what the wall and the commonest filters ask for: where names stand
        # together by region, a page of another region would else fetch row after row that it leaves out.
        Index(
            "ix_target_by_name", "name", "id", postgresql_include=[*_ASKED, "risk_class", "last_checked_on"]
        ),
        Index(
            "ix_target_by_code", "code", "id", postgresql_include=[*_ASKED, "risk_class", "last_checked_on"]
        ),
        Index("ix_target_risk_class", "risk_class", "id", postgresql_include=[*_ASKED, "last_checked_on"]),
        Index(
            "ix_target_last_checked_on", "last_checked_on", "id", postgresql_include=[*_ASKED, "risk_class"]
        ),
        Index(
            "ix_target_registered_on",
            "registered_on",
            "id",
            postgresql_include=[*_ASKED, "risk_class", "last_checked_on"],
        ),
        Index("ix_target_region_last_checked_on", "region_id", "last_checked_on"),
    )
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    code_kind: Mapped[str] = mapped_column(String(10), nullable=False)
    name: Mapped[str] = mapped_column(String(200), nullable=False)
    kind: Mapped[str] = mapped_column(ForeignKey("target_kind.code"), nullable=False)
    industry_code: Mapped[str | None] = mapped_column(ForeignKey("industry.code"))
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), nullable=False)
    address: Mapped[str] = mapped_column(String(300), nullable=False)
    legal_representative: Mapped[str] = mapped_column(String(80), nullable=False)
    contact: Mapped[str] = mapped_column(String(80), nullable=False)
    phone: Mapped[str] = mapped_column(Encrypted("target.phone"), nullable=False, default="")
    phone_digest: Mapped[bytes | None] = number_digest("target.phone", index=True)
    phone_tail: Mapped[bytes | None] = number_tail("target.phone")
    home_address: Mapped[str] = mapped_column(Encrypted("target.home_address"), nullable=False, default="")
    home_address_digest: Mapped[bytes | None] = text_digest("target.home_address")
    status: Mapped[str] = mapped_column(String(10), nullable=False, default="active")
    registered_on: Mapped[date | None] = mapped_column(Date)
    risk_class: Mapped[str] = mapped_column(String(1), nullable=False, default="N")
    risk_score: Mapped[int | None] = mapped_column(Integer)
    last_checked_on: Mapped[date | None] = mapped_column(Date)
    tags: Mapped[list[str]] = mapped_column(
        ARRAY(String(40)), nullable=False, default=list, server_default="{}"
    )
    source: Mapped[str] = mapped_column(String(10), nullable=False, default="base")
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    # {field: [source, ISO date]}, `*` for all others: see app.directories.sources.rules
    field_sources: Mapped[dict[str, list[str]]] = mapped_column(
        JSONB, nullable=False, default=dict, server_default=text("'{}'::jsonb")
    )
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False, server_default=text("now()"))
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    search_initials: Mapped[str | None] = mapped_column(
        Text, Computed("pinyin_initials(name)", persisted=True), deferred=True
    )
    region: Mapped[Region] = relationship()
    industry: Mapped[Industry | None] = relationship()
    agency: Mapped[Agency | None] = relationship()
    kind_row: Mapped[TargetKind] = relationship()
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class TargetCode(Base):
    """A code that a target had before; it still finds the target (R-11.5)."""

    __tablename__ = "target_code"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), nullable=False, index=True)
    replaced_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)


def _read(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(model.region_id.in_(scope.region_ids), model.agency_id.in_(scope.readable_agency_ids))


def _within(model: type[Any], scope: Scope, regions: Collection[int]) -> ColumnElement[bool]:
    """Rows of these regions that the scope may read: in its own regions all, elsewhere its agencies' rows."""
    asked = frozenset(regions)
    near = asked if scope.everything else asked & scope.region_ids
    if near == asked:
        return model.region_id.in_(asked)
    elsewhere = and_(model.region_id.in_(asked - near), model.agency_id.in_(scope.readable_agency_ids))
    return or_(model.region_id.in_(near), elsewhere)


def _write(row: Target, scope: Scope) -> bool:
    if row.agency_id is not None:
        return row.agency_id in scope.agency_ids and row.region_id in scope.region_ids
    return row.region_id in scope.region_ids


keep_digests(Target)
scoped(Target, read=_read, write=_write, within=_within)
