"""Systems that push, what they pushed, what they call our targets, and where they contradict the directory."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    or_,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.directories.sources.rules import ConflictState, Lower
from app.directories.targets.models import Target
from app.security.models import Account, Agency, Region
from app.security.protection import Encrypted
from app.security.scope import Scope
from app.security.scoping import scoped


class SourceSystem(Base):
    """A system of the region that pushes targets. `office_id` registered it; `agency_id` None: what it brings
    belongs to the base directory, otherwise to this agency. Its code stands in `Target.field_sources`.
    """

    __tablename__ = "source_system"
    id: Mapped[int] = pk()
    code: Mapped[str] = mapped_column(String(40), unique=True, nullable=False)
    name: Mapped[str] = mapped_column(String(80), nullable=False)
    office_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"), index=True)
    active: Mapped[bool] = mapped_column(nullable=False, default=True, server_default=text("true"))
    note: Mapped[str] = mapped_column(String(300), nullable=False, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    office: Mapped[Agency] = relationship(foreign_keys=[office_id])
    agency: Mapped[Agency | None] = relationship(foreign_keys=[agency_id])
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class SourceOrder(Base):
    """Whose word counts for a field, as an office has set it. `field` `*`: every field without a line."""

    __tablename__ = "source_order"
    __table_args__ = (UniqueConstraint("office_id", "field"), state_check("lower", Lower))
    id: Mapped[int] = pk()
    office_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    field: Mapped[str] = mapped_column(String(30), nullable=False)
    names: Mapped[list[str]] = mapped_column(ARRAY(String(60)), nullable=False, default=list)
    lower: Mapped[str] = mapped_column(String(4), nullable=False, default=Lower.ASK.value)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    __mapper_args__ = {"version_id_col": version}


class SourceRow(Base):
    """What a system calls a target, and the keyed digest of what it said last: a repetition says nothing new."""

    __tablename__ = "source_row"
    __table_args__ = (
        ForeignKeyConstraint(
            ["target_id", "region_id"], ["target.id", "target.region_id"], onupdate="CASCADE"
        ),
        Index("ix_source_row_target_id_region_id", "target_id", "region_id"),
    )
    key: Mapped[str] = mapped_column(String(150), primary_key=True)
    system_id: Mapped[int] = mapped_column(ForeignKey("source_system.id"), nullable=False, index=True)
    target_id: Mapped[int] = mapped_column(BigInteger, nullable=False)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), nullable=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    pushed_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)


class SourceConflict(Base):
    """A source says of a field what the directory does not. Personal data lies sealed in `sealed`; `cause`: of the
    import that said it.
    """

    __tablename__ = "source_conflict"
    __table_args__ = (
        ForeignKeyConstraint(
            ["target_id", "region_id"], ["target.id", "target.region_id"], onupdate="CASCADE"
        ),
        state_check("state", ConflictState),
        CheckConstraint(
            "(state IN ('taken', 'kept')) = (decided_at IS NOT NULL)", name="decision_has_its_moment"
        ),
        Index("ix_source_conflict_target", "target_id", "region_id"),
        Index(
            "uq_source_conflict_open", "target_id", "field", "source", unique=True,
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_source_conflict_open", "region_id", "id", postgresql_where=text("state = 'open'")),
        Index("ix_source_conflict_cause", "cause", postgresql_where=text("cause <> ''")),
    )  # fmt: skip
    id: Mapped[int] = pk()
    target_id: Mapped[int] = mapped_column(BigInteger, nullable=False)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), nullable=False)
    field: Mapped[str] = mapped_column(String(30), nullable=False)
    source: Mapped[str] = mapped_column(String(60), nullable=False)
    value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    sealed: Mapped[str | None] = mapped_column(Encrypted("source_conflict.sealed"))
    said_on: Mapped[date] = mapped_column(Date, nullable=False)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    state: Mapped[str] = mapped_column(
        String(10), nullable=False, default=ConflictState.OPEN.value, server_default="open"
    )
    reason: Mapped[str] = mapped_column(String(300), nullable=False, default="", server_default="")
    cause: Mapped[str] = mapped_column(String(40), nullable=False, default="", server_default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    target: Mapped[Target] = relationship(viewonly=True)
    region: Mapped[Region] = relationship(viewonly=True)

    @property
    def said(self) -> Any:
        """The value that the source says, as JSON has it."""
        return self.sealed if self.sealed is not None else self.value


class SourcePush(Base):
    """One batch of a system. `answer`: the verdicts as they were given, packed, for whoever asks again."""

    __tablename__ = "source_push"
    __table_args__ = (
        UniqueConstraint("system_id", "idempotency_key"),
        Index("ix_source_push_system_id_id", "system_id", "id"),
    )
    id: Mapped[int] = pk()
    system_id: Mapped[int] = mapped_column(ForeignKey("source_system.id"), nullable=False)
    office_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    what: Mapped[str] = mapped_column(String(20), nullable=False, default="targets", server_default="targets")
    idempotency_key: Mapped[str | None] = mapped_column(String(100))
    body_digest: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    seconds: Mapped[float] = mapped_column(nullable=False, default=0.0)
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, nullable=False, default=dict)
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
    answer: Mapped[bytes] = mapped_column(LargeBinary, nullable=False, deferred=True)
    system: Mapped[SourceSystem] = relationship()
    user: Mapped[Account | None] = relationship()


class InternalCodeCounter(Base):
    """The last serial number of the portal's own codes in a region; it only grows, so that none comes twice."""

    __tablename__ = "internal_code_counter"
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), primary_key=True)
    last: Mapped[int] = mapped_column(Integer, nullable=False)


def _in_region(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.region_id.in_(scope.region_ids)


def _row_in_region(row: Any, scope: Scope) -> bool:
    return row.region_id in scope.region_ids


def _of_office_or_agency(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(model.office_id.in_(scope.readable_agency_ids), model.agency_id.in_(scope.readable_agency_ids))


def _read_order(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.office_id.in_(scope.readable_agency_ids)


def _of_office(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.office_id.in_(scope.agency_ids)


def _own_push(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.agency_id.in_(scope.agency_ids)


scoped(
    SourceSystem,
    read=_of_office_or_agency,
    write=lambda row, scope: row.office_id in scope.agency_ids,
    check=_of_office,
)
scoped(
    SourceOrder,
    read=_read_order,
    write=lambda row, scope: row.office_id in scope.agency_ids,
    check=_of_office,
)
scoped(SourceRow, read=_in_region, write=_row_in_region)
scoped(SourceConflict, read=_in_region, write=_row_in_region)
scoped(
    SourcePush,
    read=_of_office_or_agency,
    write=lambda row, scope: row.agency_id in scope.agency_ids,
    check=_own_push,
)
scoped(InternalCodeCounter, read=_in_region, write=_row_in_region)
