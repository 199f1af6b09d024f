"""Tables of inspectors and experts."""

from __future__ import annotations

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
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.directories.inspectors.rules import TransferState
from app.directories.institutions.models import Institution
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
        Index("ix_inspector_until", "certificate_until", "id", postgresql_where=text("active AND certified")),
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
    search_initials: Mapped[str | None] = mapped_column(
        Text, Computed("pinyin_initials(name)", persisted=True), deferred=True
    )
    agency: Mapped[Agency] = relationship()
    user: Mapped[Account | None] = relationship()
    leaves: Mapped[list[Leave]] = relationship(back_populates="inspector", cascade="all, delete-orphan")
    certificates: Mapped[list[Certificate]] = relationship(
        back_populates="inspector", cascade="all, delete-orphan", order_by="Certificate.valid_until"
    )
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


class Certificate(Base):
    """A further certificate, beside the one by which rosters and tickets name the inspector.

    It says what else somebody is qualified for, and is watched for its end; whether somebody may check on site
    depends on the enforcement certificate alone.
    """

    __tablename__ = "inspector_certificate"
    __table_args__ = (
        UniqueConstraint("kind", "number", name="uq_inspector_certificate_number"),
        CheckConstraint("valid_from IS NULL OR valid_from <= valid_until", name="days_in_order"),
        Index("ix_inspector_certificate_until", "valid_until"),
    )
    id: Mapped[int] = pk()
    inspector_id: Mapped[int] = mapped_column(
        ForeignKey("inspector.id", ondelete="CASCADE"), index=True, nullable=False
    )
    kind: Mapped[str] = mapped_column(String(60), nullable=False)
    number: Mapped[str] = mapped_column(String(60), nullable=False)
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date, nullable=False)
    inspector: Mapped[Inspector] = relationship(back_populates="certificates")

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class Transfer(Base):
    """An inspector on the way to another agency, which has to accept; it takes effect on a day.

    `problem`: why it could not take effect on its day; a person settles that, and it is tried again.
    """

    __tablename__ = "inspector_transfer"
    __table_args__ = (
        state_check("state", TransferState),
        CheckConstraint("from_agency_id <> to_agency_id", name="goes_elsewhere"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="decided_by_another"),
        Index(
            "uq_inspector_transfer_open",
            "inspector_id",
            unique=True,
            postgresql_where=text("state IN ('asked', 'accepted')"),
        ),
        Index("ix_inspector_transfer_due", "takes_effect_on", postgresql_where=text("state = 'accepted'")),
    )
    id: Mapped[int] = pk()
    inspector_id: Mapped[int] = mapped_column(ForeignKey("inspector.id"), nullable=False, index=True)
    from_agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    to_agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    takes_effect_on: Mapped[date] = mapped_column(Date, nullable=False)
    reason: Mapped[str] = mapped_column(String(200), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False, default=TransferState.ASKED)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    asker_membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decider_membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    problem: Mapped[str] = mapped_column(String(300), nullable=False, default="")
    inspector: Mapped[Inspector] = relationship()
    from_agency: Mapped[Agency] = relationship(foreign_keys=[from_agency_id])
    to_agency: Mapped[Agency] = relationship(foreign_keys=[to_agency_id])


class Expert(Base):
    """A third-party expert (R-16.1): assists by name, never counted as an inspector.

    `institution`: its name as written, `institution_id` the one of the directory, whose qualification counts.
    """

    __tablename__ = "expert"
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(60), nullable=False)
    institution: Mapped[str] = mapped_column(String(120), nullable=False)
    institution_id: Mapped[int | None] = mapped_column(ForeignKey("institution.id"), index=True)
    qualification: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    specialties: Mapped[list[str]] = mapped_column(ARRAY(String(40)), nullable=False, default=list)
    phone: Mapped[str] = mapped_column(Encrypted("expert.phone"), nullable=False, default="")
    phone_digest: Mapped[bytes | None] = number_digest("expert.phone", index=True)
    phone_tail: Mapped[bytes | None] = number_tail("expert.phone")
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    active: Mapped[bool] = mapped_column(nullable=False, default=True)
    agency: Mapped[Agency] = relationship()
    institution_row: Mapped[Institution | None] = relationship()

    @property
    def institution_line(self) -> Expert:
        """For a generated screen, whose cell says whether the expert is offered."""
        return self

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


def _write_leave(row: Leave | Certificate, scope: Scope) -> bool:
    person = parent_of(row, "inspector")
    return person is not None and person.agency_id in scope.agency_ids


def _check_leave(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    person = Inspector.__table__.c
    return model.inspector_id.in_(select(person.id).where(person.agency_id.in_(scope.agency_ids)))


def _read_transfer(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    mine = scope.readable_agency_ids
    return model.from_agency_id.in_(mine) | model.to_agency_id.in_(mine)


def _check_transfer(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.from_agency_id.in_(scope.agency_ids) | model.to_agency_id.in_(scope.agency_ids)


def _write_transfer(row: Transfer, scope: Scope) -> bool:
    return bool({row.from_agency_id, row.to_agency_id} & scope.agency_ids)


keep_digests(Inspector)
keep_digests(Expert)
_own = by_agency()
scoped(Inspector, read=_read, write=_own[1], check=own_agency())
scoped(Leave, read=_read_leave, write=_write_leave, check=_check_leave)
scoped(Certificate, read=_read_leave, write=_write_leave, check=_check_leave)
scoped(Transfer, read=_read_transfer, write=_write_transfer, check=_check_transfer)
scoped(Expert, read=_own[0], write=_own[1], check=own_agency())
