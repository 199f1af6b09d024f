"""Secrets, keys, recovery codes and open challenges, each of one person; the row of a reset."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, UtcDateTime, pk
from app.security.protection import Encrypted
from app.security.scope import Scope
from app.security.scoping import scoped


class TotpFactor(Base):
    """The secret that a person's authenticator app shares with the portal; without `confirmed_at` not in force.

    `last_step` is the latest step that has opened, `burned_steps` those whose codes were seen too early.
    """

    __tablename__ = "totp_factor"
    user_id: Mapped[int] = mapped_column(
        ForeignKey("ab_user.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    secret: Mapped[str] = mapped_column(Encrypted("totp_factor.secret"), nullable=False)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    burned_steps: Mapped[list[int]] = mapped_column(JSONB, nullable=False, default=list, server_default="[]")


class SecurityKey(Base):
    """A WebAuthn credential. `user_handle` is random and the same for all keys of a person."""

    __tablename__ = "security_key"
    __table_args__ = (CheckConstraint("sign_count >= 0", name="count_not_negative"),)
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(
        ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False, index=True
    )
    name: Mapped[str] = mapped_column(String(60), nullable=False)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, nullable=False, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    user_handle: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    sign_count: Mapped[int] = mapped_column(BigInteger, nullable=False)
    transports: Mapped[list[str]] = mapped_column(JSONB, nullable=False, default=list)
    backed_up: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KeyChallenge(Base):
    """A challenge that waits for its answer; the row goes when it is answered, rightly or not."""

    __tablename__ = "key_challenge"
    __table_args__ = (CheckConstraint("purpose IN ('add', 'log_in')", name="purpose_known"),)
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(
        ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False, index=True
    )
    purpose: Mapped[str] = mapped_column(String(10), nullable=False)
    challenge: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False, index=True)


class RecoveryCode(Base):
    """A code that opens once. All codes of one issue share the salt; scrypt (RFC 7914) makes the digest."""

    __tablename__ = "recovery_code"
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(
        ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False, index=True
    )
    salt: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary, nullable=False)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FactorReset(Base):
    """An administrator took somebody's factors away; the person is told at the next log-in (`told_at`)."""

    __tablename__ = "factor_reset"
    __table_args__ = (Index("ix_factor_reset_untold", "user_id", postgresql_where="told_at IS NULL"),)
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False)
    by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), nullable=False)
    reason: Mapped[str] = mapped_column(Text, nullable=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def _own(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.user_id == scope.person_id


def _is_own(row: Any, scope: Scope) -> bool:
    return row.user_id == scope.user_id


for _table in (TotpFactor, SecurityKey, KeyChallenge, RecoveryCode, FactorReset):
    scoped(_table, read=_own, write=_is_own)
