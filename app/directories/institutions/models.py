"""Tables of institutions."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, pk
from app.security.models import Agency
from app.security.scoping import by_agency, own_agency, scoped


class Institution(Base):
    """An institution with a qualification; from the day after `valid_until` its experts are not offered.

    `code`: its unified social credit code. `qualification_kind`: the kind of the qualification (检验检测机构资质认定);
    `tests`: the scope of tests it covers.
    """

    __tablename__ = "institution"
    __table_args__ = (
        UniqueConstraint("agency_id", "code", name="uq_institution_code"),
        CheckConstraint(
            "valid_from IS NULL OR valid_until IS NULL OR valid_from <= valid_until", name="days_in_order"
        ),
    )
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(String(40), nullable=False)
    name: Mapped[str] = mapped_column(String(120), nullable=False)
    qualification_kind: Mapped[str] = mapped_column(String(120), nullable=False, default="")
    qualification_no: Mapped[str] = mapped_column(String(60), nullable=False, default="")
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    tests: Mapped[str] = mapped_column(Text, nullable=False, default="")
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    active: Mapped[bool] = mapped_column(nullable=False, default=True)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    agency: Mapped[Agency] = relationship()
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


_read, _write = by_agency()
scoped(Institution, read=_read, write=_write, check=own_agency())
