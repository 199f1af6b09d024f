"""Tables of low-code lists: definitions are data, rows are JSONB."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Integer, String, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk
from app.security.models import Agency, Region
from app.security.scope import Scope
from app.security.scoping import own_agency, scoped


class ListType(Base):
    """A definition: `fields` is a list of {key, label, type, required, unique, choices, help}."""

    __tablename__ = "list_type"
    __table_args__ = (CheckConstraint("slug ~ '^[a-z][a-z0-9-]{1,39}$'", name="slug_shape"),)
    id: Mapped[int] = pk()
    slug: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(120), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1)
    created_by: Mapped[str] = mapped_column(String(40), nullable=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agency: Mapped[Agency] = relationship()
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class ListRecord(Base):
    """A row of a low-code list; belongs to the agency that entered it."""

    __tablename__ = "list_record"
    __table_args__ = (Index("ix_list_record_type", "type_id", "id"),)
    id: Mapped[int] = pk()
    type_id: Mapped[int] = mapped_column(ForeignKey("list_type.id"), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    agency: Mapped[Agency] = relationship()
    __mapper_args__ = {"version_id_col": version}


def offices_above(scope: Scope) -> Any:
    """Offices in whose joint meeting one of the own agencies sits, through the tree of regions."""

    office, region, mine = Agency.__table__.alias(), Region.__table__.alias(), Region.__table__.alias()
    own = Agency.__table__.alias()
    return (
        select(office.c.id)
        .join(region, region.c.id == office.c.region_id)
        .where(
            office.c.is_office,
            select(1)
            .select_from(own.join(mine, mine.c.id == own.c.region_id))
            .where(
                own.c.id.in_(scope.agency_ids),
                or_(mine.c.path == region.c.path, mine.c.path.startswith(region.c.path + "/")),
            )
            .exists(),
        )
    )


def _read_type(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(model.agency_id.in_(scope.readable_agency_ids), model.agency_id.in_(offices_above(scope)))


scoped(
    ListType,
    read=_read_type,
    write=lambda row, scope: row.agency_id in scope.agency_ids,
    check=own_agency(),
)
scoped(
    ListRecord,
    read=lambda model, scope: model.agency_id.in_(scope.readable_agency_ids),
    write=lambda row, scope: row.agency_id in scope.agency_ids,
)
