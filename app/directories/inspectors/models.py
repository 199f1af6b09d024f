"""Tables of inspectors and experts."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, ColumnElement, Date, ForeignKey, Integer, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, pk
from app.security.models import Account, Agency
from app.security.protection import Encrypted, keep_digests, number_digest, number_tail
from app.security.scope import Scope
from app.security.scoping import by_agency, own_agency, parent_of, scoped


class Inspector(Base):
    """One inspector. `regions` are region codes, the first is home; `specialties` are tag names."""

    __tablename__ = "inspector"
    __table_args__ = (
        CheckConstraint("NOT certified OR certificate_until IS NOT NULL", name="certificate_has_end"),
        CheckConstraint(
            "certificate_until IS NULL OR certificate_from <= certificate_until", name="certificate_in_order"
        ),
        CheckConstraint("load >= 0", name="load_not_negative"),
        CheckConstraint("cardinality(regions) > 0", name="has_a_region"),
    )
    id: Mapped[int] = pk()
    certificate_no: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(60), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    unit: Mapped[str] = mapped_column(String(80), nullable=False, default="")
    position: Mapped[str] = mapped_column(String(60), nullable=False, default="")
    phone: Mapped[str] = mapped_column(Encrypted("inspector.phone"), nullable=False, default="")
    phone_digest: Mapped[bytes | None] = number_digest("inspector.phone", index=True)
    phone_tail: Mapped[bytes | None] = number_tail("inspector.phone")
    certified: Mapped[bool] = mapped_column(nullable=False, default=True)
    certificate_from: Mapped[date | None] = mapped_column(Date)
    certificate_until: Mapped[date | None] = mapped_column(Date)
    leader: Mapped[bool] = mapped_column(nullable=False, default=False)
    load: Mapped[int] = mapped_column(Integer, nullable=False, default=0)
    regions: Mapped[list[str]] = mapped_column(ARRAY(String(20)), nullable=False)
    specialties: Mapped[list[str]] = mapped_column(ARRAY(String(40)), nullable=False, default=list)
    active: Mapped[bool] = mapped_column(nullable=False, default=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    agency: Mapped[Agency] = relationship()
    user: Mapped[Account | None] = relationship()
    leaves: Mapped[list[Leave]] = relationship(back_populates="inspector", cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class Leave(Base):
    """A period off duty."""

    __tablename__ = "inspector_leave"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="days_in_order"),)
    id: Mapped[int] = pk()
    inspector_id: Mapped[int] = mapped_column(
        ForeignKey("inspector.id", ondelete="CASCADE"), index=True, nullable=False
    )
    first_day: Mapped[date] = mapped_column(Date, nullable=False)
    last_day: Mapped[date] = mapped_column(Date, nullable=False)
    reason: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    inspector: Mapped[Inspector] = relationship(back_populates="leaves")


class Expert(Base):
    """A third-party expert (R-16.1): assists by name, never counted as an inspector."""

    __tablename__ = "expert"
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(60), nullable=False)
    institution: Mapped[str] = mapped_column(String(120), nullable=False)
    qualification: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    specialties: Mapped[list[str]] = mapped_column(ARRAY(String(40)), nullable=False, default=list)
    phone: Mapped[str] = mapped_column(Encrypted("expert.phone"), nullable=False, default="")
    phone_digest: Mapped[bytes | None] = number_digest("expert.phone", index=True)
    phone_tail: Mapped[bytes | None] = number_tail("expert.phone")
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    active: Mapped[bool] = mapped_column(nullable=False, default=True)
    agency: Mapped[Agency] = relationship()

    @property
    def phone_line(self) -> Expert:
        """For a generated screen, whose cell needs the record to say who sees what of the number."""
        return self

    def __str__(self) -> str:
        return self.name


def _read(model: Any, scope: Scope) -> ColumnElement[bool]:
    return or_(model.agency_id.in_(scope.readable_agency_ids), model.user_id == scope.person_id)


def _read_leave(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    person = Inspector.__table__.c
    return model.inspector_id.in_(select(person.id).where(_read(person, scope)))


def _write_leave(row: Leave, scope: Scope) -> bool:
    person = parent_of(row, "inspector")
    return person is not None and person.agency_id in scope.agency_ids


def _check_leave(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    person = Inspector.__table__.c
    return model.inspector_id.in_(select(person.id).where(person.agency_id.in_(scope.agency_ids)))


keep_digests(Inspector)
keep_digests(Expert)
_own = by_agency()
scoped(Inspector, read=_read, write=_own[1], check=own_agency())
scoped(Leave, read=_read_leave, write=_write_leave, check=_check_leave)
scoped(Expert, read=_own[0], write=_own[1], check=own_agency())
