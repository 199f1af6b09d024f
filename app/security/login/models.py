"""Sessions of log-in, past passwords, and the policy of log-in.

The first two hold secrets and are not watched by the row history; their life stands in
the security log.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, UtcDateTime, pk
from app.security.protection import EncryptedBytes


class LoginSession(Base):
    """One session of one person: a browser (`web`), or the tokens of a program (`api`).

    The token itself is known to the cookie alone; here stands its SHA-256. `pending` names what the person has
    to do before anything else: `password` or `factor`. `kept` is an entry that came after the end (`login.kept`).
    """

    __tablename__ = "login_session"
    __table_args__ = (
        CheckConstraint("kind IN ('web', 'api')", name="kind_known"),
        CheckConstraint("pending IN ('', 'password', 'factor', 'password factor')", name="pending_known"),
        Index("ix_login_session_open", "user_id", "kind", postgresql_where=text("ended_at IS NULL")),
    )
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(
        ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False, index=True
    )
    kind: Mapped[str] = mapped_column(String(3), nullable=False)
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True, nullable=False)
    factors: Mapped[str] = mapped_column(String(100), nullable=False, default="")
    pending: Mapped[str] = mapped_column(String(20), nullable=False, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    authenticated_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_why: Mapped[str] = mapped_column(String(40), nullable=False, default="")
    address: Mapped[str] = mapped_column(String(60), nullable=False, default="")
    agent: Mapped[str] = mapped_column(String(200), nullable=False, default="")
    kept: Mapped[bytes | None] = mapped_column(EncryptedBytes("login_session.kept"), deferred=True)
    kept_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PastPassword(Base):
    """The hash of a password that a person had, so that it is not taken again."""

    __tablename__ = "past_password"
    id: Mapped[int] = pk()
    user_id: Mapped[int] = mapped_column(
        ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False, index=True
    )
    password: Mapped[str] = mapped_column(String(256), nullable=False)
    replaced_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)


class SecurityPolicy(Base):
    """The one policy of log-in, `rules.Policy` as a row; without it the defaults hold.

    `demo` is written by the demo's seeding alone and allows weaker values than the standard's.
    """

    __tablename__ = "security_policy"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, default=1, autoincrement=False)
    demo: Mapped[bool] = mapped_column(Boolean, nullable=False, default=False, server_default="false")
    password_length: Mapped[int] = mapped_column(Integer, nullable=False)
    classes: Mapped[int] = mapped_column(Integer, nullable=False)
    expiry_days: Mapped[int] = mapped_column(Integer, nullable=False)
    history: Mapped[int] = mapped_column(Integer, nullable=False)
    failures: Mapped[int] = mapped_column(Integer, nullable=False)
    lock_minutes: Mapped[int] = mapped_column(Integer, nullable=False)
    idle_minutes: Mapped[int] = mapped_column(Integer, nullable=False)
    absolute_hours: Mapped[int] = mapped_column(Integer, nullable=False)
    sessions: Mapped[int] = mapped_column(Integer, nullable=False)
    fresh_minutes: Mapped[int] = mapped_column(Integer, nullable=False)
    second_factor_roles: Mapped[list[str]] = mapped_column(JSONB, nullable=False)
    second_factor_offices: Mapped[bool] = mapped_column(Boolean, nullable=False)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    reason: Mapped[str] = mapped_column(String(200), nullable=False, default="")
