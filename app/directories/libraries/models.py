"""Tables of libraries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Integer, String, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, pk
from app.directories.targets.models import Target
from app.security.models import Agency
from app.security.scope import Scope
from app.security.scoping import by_agency, own_agency, parent_of, scoped


class Library(Base):
    """A named selection of targets: a saved rule plus picks. `rule`: see `libraries.rules.SelectionRule`."""

    __tablename__ = "library"
    __table_args__ = (
        CheckConstraint("kind IN ('base', 'industry', 'area', 'category', 'joint')", name="kind_known"),
        UniqueConstraint("agency_id", "name", name="uq_library_agency_name"),
    )
    id: Mapped[int] = pk()
    name: Mapped[str] = mapped_column(String(120), nullable=False)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    version: Mapped[int] = mapped_column(Integer, nullable=False, default=1, server_default="1")
    agency: Mapped[Agency] = relationship()
    picks: Mapped[list[LibraryPick]] = relationship(back_populates="library", cascade="all, delete-orphan")
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


def _read_pick(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    library = Library.__table__.c
    return model.library_id.in_(select(library.id).where(library.agency_id.in_(scope.readable_agency_ids)))


def _write_pick(row: LibraryPick, scope: Scope) -> bool:
    library = parent_of(row, "library")
    return library is not None and library.agency_id in scope.agency_ids


def _check_pick(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    library = Library.__table__.c
    return model.library_id.in_(select(library.id).where(library.agency_id.in_(scope.agency_ids)))


_own = by_agency()
scoped(Library, read=_own[0], write=_own[1], check=own_agency())
scoped(LibraryPick, read=_read_pick, write=_write_pick, check=_check_pick)
