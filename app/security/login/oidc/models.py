"""Which account stands behind a subject of the provider; answers that were used up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, UtcDateTime, pk
from app.security.protection import Encrypted
from app.security.scope import Scope
from app.security.scoping import nobody, scoped


class SsoLink(Base):
    """A person at the provider and the account here: one of each. `id_token` is the last one, for logging out."""

    __tablename__ = "sso_link"
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="uq_sso_link_subject"),
        UniqueConstraint("issuer", "user_id", name="uq_sso_link_account"),
    )
    id: Mapped[int] = pk()
    issuer: Mapped[str] = mapped_column(String(400), nullable=False)
    subject: Mapped[str] = mapped_column(String(255), nullable=False)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("ab_user.id", ondelete="CASCADE"), nullable=False, index=True
    )
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    id_token: Mapped[str | None] = mapped_column(Encrypted("sso_link.id_token"))


class SsoState(Base):
    """The SHA-256 of a `state` that has come back: it does not come back twice."""

    __tablename__ = "sso_state"
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False, index=True)


def _own(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return model.user_id == scope.person_id


scoped(SsoLink, read=_own, write=lambda row, scope: False, check=nobody)
