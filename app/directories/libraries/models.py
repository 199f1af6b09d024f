"""Tables of libraries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    UniqueConstraint,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk
from app.directories.inspectors.models import Inspector
from app.directories.targets.models import Target
from app.security.models import Agency
from app.security.scope import Scope
from app.security.scoping import anybody, own_agency, parent_of, scoped


class Library(Base):
    """A named selection: a saved rule plus picks. `rule`: see `libraries.rules`.

    A joint library belongs to a joint item of the joint list (R-13.1, R-17.1) and is kept by its `members`;
    `agency_id` is the initiator's. `changed_at` moves with every change, those of the picks included. One that was put away
    (`archived_at`) is offered nowhere and stays as it is.
    """

    __tablename__ = "library"
    __table_args__ = (
        CheckConstraint("kind IN ('base', 'industry', 'area', 'category', 'joint')", name="kind_known"),
        CheckConstraint("subject IN ('targets', 'inspectors')", name="subject_known"),
        CheckConstraint(
            "subject = 'targets' OR (kind = 'joint' AND joint_item_id IS NOT NULL)",
            name="inspectors_only_joint",
        ),
        CheckConstraint("joint_item_id IS NULL OR kind = 'joint'", name="joint_item_has_joint_library"),
        UniqueConstraint("agency_id", "name", name="uq_library_agency_name"),
        Index(
            "uq_library_joint_item",
            "joint_item_id",
            "agency_id",
            "subject",
            unique=True,
            postgresql_where=text("joint_item_id IS NOT NULL"),
        ),
    )
    id: Mapped[int] = pk()
    name: Mapped[str] = mapped_column(String(120), nullable=False)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    subject: Mapped[str] = mapped_column(
        String(10), nullable=False, default="targets", server_default="targets"
    )
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    joint_item_id: Mapped[int | None] = mapped_column(ForeignKey("joint_item.id"))
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False, server_default=text("now()"))
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    archive_reason: Mapped[str] = mapped_column(String(300), nullable=False, default="", server_default="")
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    agency: Mapped[Agency] = relationship()
    picks: Mapped[list[LibraryPick]] = relationship(back_populates="library", cascade="all, delete-orphan")
    people: Mapped[list[LibraryPerson]] = relationship(back_populates="library", cascade="all, delete-orphan")
    members: Mapped[list[LibraryMember]] = relationship(
        back_populates="library", cascade="all, delete-orphan", order_by="LibraryMember.agency_id"
    )
    __mapper_args__ = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class LibraryPick(Base):
    """A hand-picked addition, or an exclusion, with its reason."""

    __tablename__ = "library_pick"
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"), primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), primary_key=True, index=True)
    included: Mapped[bool] = mapped_column(nullable=False)
    reason: Mapped[str] = mapped_column(String(300), nullable=False)
    library: Mapped[Library] = relationship(back_populates="picks")
    target: Mapped[Target] = relationship()


class LibraryPerson(Base):
    """The same for an inspector of a joint library of inspectors."""

    __tablename__ = "library_person"
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"), primary_key=True)
    inspector_id: Mapped[int] = mapped_column(ForeignKey("inspector.id"), primary_key=True, index=True)
    included: Mapped[bool] = mapped_column(nullable=False)
    reason: Mapped[str] = mapped_column(String(300), nullable=False)
    library: Mapped[Library] = relationship(back_populates="people")
    inspector: Mapped[Inspector] = relationship()


class LibraryMember(Base):
    """An agency that keeps a joint library: the initiator or a participant of its joint item."""

    __tablename__ = "library_member"
    library_id: Mapped[int] = mapped_column(ForeignKey("library.id", ondelete="CASCADE"), primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True, index=True)
    initiator: Mapped[bool] = mapped_column(nullable=False, default=False)
    library: Mapped[Library] = relationship(back_populates="members")
    agency: Mapped[Agency] = relationship()


class LibraryChange(Base):
    """One line of the log of a library that all who keep it read. `what`: see `libraries.log`."""

    __tablename__ = "library_change"
    id: Mapped[int] = pk()
    library_id: Mapped[int] = mapped_column(
        ForeignKey("library.id", ondelete="CASCADE"), nullable=False, index=True
    )
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    actor: Mapped[str] = mapped_column(String(40), nullable=False)
    actor_name: Mapped[str] = mapped_column(String(80), nullable=False)
    agency_name: Mapped[str] = mapped_column(String(120), nullable=False, default="")
    what: Mapped[str] = mapped_column(String(20), nullable=False)
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    library: Mapped[Library] = relationship()


def _joint(agencies: Any) -> Select[Any]:
    member = LibraryMember.__table__.c
    return select(member.library_id).where(member.agency_id.in_(agencies))


def _read(model: Any, scope: Scope) -> ColumnElement[bool]:
    agencies = scope.readable_agency_ids
    return or_(model.agency_id.in_(agencies), model.id.in_(_joint(agencies)))


def _write(row: Library, scope: Scope) -> bool:
    return row.agency_id in scope.agency_ids or any(m.agency_id in scope.agency_ids for m in row.members)


def _check(model: Any, scope: Scope) -> ColumnElement[bool]:
    return or_(model.agency_id.in_(scope.agency_ids), model.id.in_(_joint(scope.agency_ids)))


def _read_part(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    library = Library.__table__.c
    return model.library_id.in_(select(library.id).where(_read(library, scope)))


def _write_part(row: Any, scope: Scope) -> bool:
    library = parent_of(row, "library")
    return library is not None and _write(library, scope)


def _check_part(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    library = Library.__table__.c
    return model.library_id.in_(select(library.id).where(_check(library, scope)))


scoped(Library, read=_read, write=_write, check=_check)
scoped(LibraryPick, read=_read_part, write=_write_part, check=_check_part)
scoped(LibraryPerson, read=_read_part, write=_write_part, check=_check_part)
scoped(LibraryChange, read=_read_part, write=_write_part, check=_check_part)
# Which agencies keep which joint library is no secret; only the creation, past the scope, writes it.
scoped(LibraryMember, read=anybody, write=lambda row, scope: False, check=own_agency())
