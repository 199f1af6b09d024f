"""Files that were handed over for an import, kept until they are taken over or discarded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk
from app.security.models import Agency
from app.security.protection import EncryptedBytes
from app.security.scope import Scope
from app.security.scoping import scoped


class ImportRun(Base):
    """One file, the dry run's figures and faults in `report`, and whether it was taken over.

    `agency_id` None: into the base directory. `content` is emptied once the file is taken over.
    """

    __tablename__ = "import_run"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'checked', 'committing', 'committed', 'failed')", name="state_known"
        ),
        CheckConstraint("mode IN ('add', 'update', 'sync')", name="mode_known"),
    )
    id: Mapped[int] = pk()
    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    file_name: Mapped[str] = mapped_column(String(200), nullable=False)
    content: Mapped[bytes | None] = mapped_column(EncryptedBytes("import_run.content"), deferred=True)
    mode: Mapped[str] = mapped_column(String(10), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False, default="waiting")
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agency: Mapped[Agency | None] = relationship()


def _read(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.user_id == scope.person_id


scoped(ImportRun, read=_read, write=lambda row, scope: row.user_id == scope.user_id)
