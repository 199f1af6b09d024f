"""Tables of libraries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, pk
from app.directories.targets.models import Target
from app.security.models import Agency
from app.security.scoping import by_agency, own_agency, scoped


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


_own = by_agency()
scoped(Library, read=_own[0], write=_own[1], check=own_agency())
