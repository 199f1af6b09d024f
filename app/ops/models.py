"""Tables of the console's own: alerts of the security log, and its exports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    and_,
    or_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import Base, UtcDateTime, pk, state_check
from app.ops.alerts.rules import FOR_SECURITY_ADMIN, AlertKind
from app.security.models import Account
from app.security.rules import RoleName
from app.security.scope import Scope
from app.security.scoping import scoped


class SecurityAlert(Base):
    """What somebody has to look at; `key` makes it appear once. `line_id` is the line that set it off."""

    __tablename__ = "security_alert"
    __table_args__ = (
        state_check("kind", AlertKind),
        CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="acknowledged_by_somebody"
        ),
        Index("ix_security_alert_open", "id", postgresql_where="acknowledged_at IS NULL"),
    )
    id: Mapped[int] = pk()
    key: Mapped[str] = mapped_column(String(120), unique=True, nullable=False)
    kind: Mapped[str] = mapped_column(String(20), nullable=False, index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    address: Mapped[str] = mapped_column(String(60), nullable=False, default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    line_id: Mapped[int | None] = mapped_column(BigInteger)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    note: Mapped[str] = mapped_column(Text, nullable=False, default="", server_default="")
    user: Mapped[Account | None] = relationship(foreign_keys=[user_id])
    acknowledger: Mapped[Account | None] = relationship(foreign_keys=[acknowledged_by])


class LogExport(Base):
    """An export of the security log that a job writes; its file lies outside the web root."""

    __tablename__ = "log_export"
    __table_args__ = (CheckConstraint("format IN ('csv', 'xlsx')", name="format_known"),)
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False, index=True)
    format: Mapped[str] = mapped_column(String(4), nullable=False)
    filters: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False, default=dict)
    upto: Mapped[int] = mapped_column(BigInteger, nullable=False)
    outbox_id: Mapped[int | None] = mapped_column(BigInteger)
    file_name: Mapped[str] = mapped_column(String(80), nullable=False, default="", server_default="")
    rows: Mapped[int | None] = mapped_column(Integer)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def _read_alert(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    """All for the audit administrator; lock-outs for the security administrator, who can open them again."""
    return or_(
        scope.holds(RoleName.AUDIT_ADMIN),
        and_(scope.holds(RoleName.SECURITY_ADMIN), model.kind.in_([k.value for k in FOR_SECURITY_ADMIN])),
    )


def _write_alert(row: SecurityAlert, scope: Scope) -> bool:
    return RoleName.AUDIT_ADMIN in scope.roles or (
        RoleName.SECURITY_ADMIN in scope.roles and row.kind in FOR_SECURITY_ADMIN
    )


def _own_export(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return and_(scope.holds(RoleName.AUDIT_ADMIN), model.user_id == scope.person_id)


def _write_export(row: LogExport, scope: Scope) -> bool:
    return RoleName.AUDIT_ADMIN in scope.roles and row.user_id == scope.user_id


scoped(SecurityAlert, read=_read_alert, write=_write_alert)
scoped(LogExport, read=_own_export, write=_write_export)
