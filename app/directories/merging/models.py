"""Tables of mergers: what went into what, and everything that is needed to part them again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk
from app.directories.targets.children import check_child, read_child, write_child
from app.directories.targets.models import Target
from app.security.models import Account
from app.security.protection import Encrypted
from app.security.scoping import nobody, scoped


class Merge(Base):
    """One merger. The gone target's row is deleted, so that the database itself proves that nothing hangs on it.

    - `gone`: its columns as they were, personal data aside
    - `taken`: columns of the kept target that changed, `{name: [before, after]}`
    - `moved`: rows that hung on the gone target, `[{table, columns, key, digest}]`; `digest` is the row's after
      the move, so that a row that was touched since is told from one that was not
    - `dropped`: rows that the kept target had already, `[{table, row}]`; `added`: figures that were added to the
      kept target's instead, `[{table, key, columns}]`
    - `stayed`: after parting, what could not be given back and why, `[{what, ...}]`
    """

    __tablename__ = "merge"
    __table_args__ = (
        ForeignKeyConstraint(["kept_id", "region_id"], ["target.id", "target.region_id"], onupdate="CASCADE"),
        CheckConstraint("kept_id <> gone_id", name="two_targets"),
        CheckConstraint("(undone_at IS NULL) = (undone_reason IS NULL)", name="undone_with_reason"),
        Index("ix_merge_kept", "kept_id", "region_id"),
        Index("uq_merge_gone", "gone_id", unique=True, postgresql_where=text("undone_at IS NULL")),
    )
    id: Mapped[int] = pk()
    kept_id: Mapped[int] = mapped_column(BigInteger, nullable=False)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), nullable=False)
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agency.id"))
    gone_id: Mapped[int] = mapped_column(BigInteger, nullable=False)
    gone_code: Mapped[str] = mapped_column(String(40), nullable=False, index=True)
    kept_code: Mapped[str] = mapped_column(String(40), nullable=False)
    reason: Mapped[str] = mapped_column(String(500), nullable=False)
    gone: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)
    taken: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    moved: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
    dropped: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
    added: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
    stayed: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, nullable=False, default=list)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_reason: Mapped[str | None] = mapped_column(String(500))
    kept: Mapped[Target] = relationship(viewonly=True)
    user: Mapped[Account | None] = relationship(foreign_keys=[user_id])


class MergedContact(Base):
    """The personal data of a merger, sealed: of the gone target, and what the kept one had before."""

    __tablename__ = "merged_contact"
    __table_args__ = (
        CheckConstraint("side IN ('gone', 'kept')", name="side_known"),
        Index("uq_merged_contact_side", "merge_id", "side", unique=True),
    )
    id: Mapped[int] = pk()
    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id"), nullable=False)
    side: Mapped[str] = mapped_column(String(4), nullable=False)
    phone: Mapped[str] = mapped_column(Encrypted("merged_contact.phone"), nullable=False, default="")
    home_address: Mapped[str] = mapped_column(
        Encrypted("merged_contact.home_address"), nullable=False, default=""
    )


scoped(Merge, read=read_child, write=write_child, check=check_child)
scoped(MergedContact, read=nobody, write=lambda row, scope: False, check=nobody)
