"""Files that were handed over for an import, what they would do, and how an office's headings are understood."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk
from app.security.models import Agency
from app.security.protection import EncryptedBytes
from app.security.scope import Scope
from app.security.scoping import by_agency, own_agency, scoped

STATES = ("choosing", "waiting", "checked", "committing", "committed", "undoing", "undone", "failed")


class ImportRun(Base):
    """One file on its way: how it is read (`settings`), how far it is compared (`done`), the dry run's figures and
    faults (`report`), and whether it was taken over or undone.

    `agency_id` None: into the base directory. `attempt` counts the checks: the batches of an earlier one are gone.
    `settings`: {"sheets": [{"name", "row", "depth"}], "mapping": {column: label}, "key": name}.
    """

    __tablename__ = "import_run"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES!r}", name="state_known"),
        CheckConstraint("mode IN ('add', 'update', 'sync')", name="mode_known"),
        Index("ix_import_run_user", "user_id", "id"),
    )
    id: Mapped[int] = pk()
    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    file_name: Mapped[str] = mapped_column(String(200), nullable=False)
    content: Mapped[bytes | None] = mapped_column(EncryptedBytes("import_run.content"), deferred=True)
    mode: Mapped[str] = mapped_column(String(10), nullable=False)
    state: Mapped[str] = mapped_column(String(10), nullable=False, default="waiting")
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict, server_default="{}")
    report: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    attempt: Mapped[int] = mapped_column(Integer, nullable=False, default=0, server_default="0")
    done: Mapped[int] = mapped_column(Integer, nullable=False, default=0, server_default="0")
    job_id: Mapped[int | None] = mapped_column(Integer)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    committed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agency: Mapped[Agency | None] = relationship()

    @property
    def cause(self) -> str:
        """Under which the history knows the rows that this file wrote."""
        return f"import:{self.id}"

    @property
    def is_busy(self) -> bool:
        return self.state in ("waiting", "committing", "undoing")


class ImportBatch(Base):
    """The outcome of some rows of a file: what would be written and what is wrong, sealed as a whole, as it holds
    personal data; the numbers beside it lead to a page of the difference.
    """

    __tablename__ = "import_batch"
    __table_args__ = (UniqueConstraint("run_id", "position", name="uq_import_batch_position"),)
    id: Mapped[int] = pk()
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), nullable=False)
    position: Mapped[int] = mapped_column(Integer, nullable=False)
    new: Mapped[int] = mapped_column(Integer, nullable=False)
    changed: Mapped[int] = mapped_column(Integer, nullable=False)
    bad: Mapped[int] = mapped_column(Integer, nullable=False)
    contested: Mapped[int] = mapped_column(Integer, nullable=False, default=0, server_default="0")
    content: Mapped[bytes] = mapped_column(
        EncryptedBytes("import_batch.content"), nullable=False, deferred=True
    )


class ImportKey(Base):
    """Every key that a file names, once, with the row of its first mention: twins are told by it, and what a
    complete file lacks. `number` counts the rows of the file.
    """

    __tablename__ = "import_key"
    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, nullable=False)
    sheet: Mapped[str] = mapped_column(String(100), nullable=False, default="")
    row: Mapped[int] = mapped_column(Integer, nullable=False)


class ImportMapping(Base):
    """How an agency understands a set of headings: {column: label}, remembered from the last file that had them."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("agency_id", "kind", "signature", name="uq_import_mapping_headings"),)
    id: Mapped[int] = pk()
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), nullable=False)
    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    signature: Mapped[str] = mapped_column(String(40), nullable=False)
    mapping: Mapped[dict[str, str]] = mapped_column(JSONB, nullable=False)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)


def _read(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.user_id == scope.person_id


def _of_own_run(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    runs = ImportRun.__table__.c
    return model.run_id.in_(select(runs.id).where(runs.user_id == scope.person_id))


_own = by_agency()
scoped(ImportRun, read=_read, write=lambda row, scope: row.user_id == scope.user_id)
scoped(ImportBatch, read=_of_own_run, write=lambda row, scope: True)
scoped(ImportKey, read=_of_own_run, write=lambda row, scope: True)
scoped(ImportMapping, read=_own[0], write=_own[1], check=own_agency())
