"""Tables of the archive. A dossier's versions stay; a follow-up that ends adds one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from app.db import Base, UtcDateTime, pk
from app.security.models import Agency
from app.security.scoping import by_agency, scoped
from app.tasks.models import Task


class Dossier(Base):
    """`contents` lists the files: {"path", "title", "bytes", "sha256"}."""

    __tablename__ = "dossier"
    __table_args__ = (UniqueConstraint("task_id", "agency_id", "edition", name="uq_dossier_edition"),)
    id: Mapped[int] = pk()
    no: Mapped[str] = mapped_column(String(80), unique=True, nullable=False)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), nullable=False)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False, index=True)
    edition: Mapped[int] = mapped_column(Integer, nullable=False)
    contents: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False)
    sha256: Mapped[str] = mapped_column(String(64), nullable=False)
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary, nullable=False))
    built_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    task: Mapped[Task] = relationship()
    agency: Mapped[Agency] = relationship()


_own = by_agency()
scoped(Dossier, read=_own[0], write=_own[1])
