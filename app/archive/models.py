"""Tables of the archive. A dossier's editions stay; a follow-up that ends after the closing adds one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Integer, LargeBinary, String, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk
from app.security.models import Agency
from app.security.scope import Scope
from app.security.scoping import by_agency, own_agency, scoped
from app.tasks.models import Task


class Dossier(Base):
    """`contents` lists the files in order: {"no", "path", "title", "bytes", "sha256"}; `size` in bytes."""

    __tablename__ = "dossier"
    __table_args__ = (UniqueConstraint("task_id", "agency_id", "edition", name="uq_dossier_edition"),)
    id: Mapped[int] = pk()
    no: Mapped[str] = mapped_column(String(80), unique=True, nullable=False)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    edition: Mapped[int] = mapped_column(Integer, nullable=False)
    contents: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False)
    size: Mapped[int] = mapped_column(Integer, nullable=False)
    sha256: Mapped[str] = mapped_column(String(64), nullable=False)
    built_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    task: Mapped[Task] = relationship()
    agency: Mapped[Agency] = relationship()

    def __str__(self) -> str:
        return self.no


class DossierFile(Base):
    """The archive file itself, never changed; apart, so that the row history does not copy it."""

    __tablename__ = "dossier_file"
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    dossier: Mapped[Dossier] = relationship()


def _read_file(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    dossier = Dossier.__table__
    return model.dossier_id.in_(
        select(dossier.c.id).where(dossier.c.agency_id.in_(scope.readable_agency_ids))
    )


_own = by_agency()


def _check_file(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    dossier = Dossier.__table__
    return model.dossier_id.in_(select(dossier.c.id).where(dossier.c.agency_id.in_(scope.agency_ids)))


scoped(Dossier, read=_own[0], write=_own[1], check=own_agency())
scoped(
    DossierFile,
    read=_read_file,
    write=lambda row, scope: row.dossier.agency_id in scope.agency_ids,
    check=_check_file,
)
