"""The mark that a database carries for ever once the demo was loaded into it."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import String, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db import Base, db
from config import Settings, SettingsError


class PortalMark(Base):
    """Facts about the database itself, `demo` among them."""

    __tablename__ = "portal_mark"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), nullable=False)


def mark_of(session: Session, name: str) -> str | None:
    return session.scalar(select(PortalMark.value).where(PortalMark.name == name))


def has_demo_mark() -> bool:
    """Asked once per process: the mark never goes away."""
    known = current_app.extensions.get("demo_mark")
    if known is None:
        try:
            known = mark_of(db.session(), "demo") is not None
        except SQLAlchemyError:
            db.session.rollback()
            return False
        if known:
            current_app.extensions["demo_mark"] = True
    return bool(known)


def check_start(settings: Settings) -> None:
    """Production keeps away from a demo database, and a moved clock from a real one.

    :raises config.SettingsError: with the reason and the way out
    """
    demo = has_demo_mark()
    if settings.env == "production" and demo:
        raise SettingsError(
            "This database carries the mark of the demo and is never used in production. "
            "Point DATABASE_URL to a database of its own."
        )
    if settings.clock and not demo and not settings.embedded:
        raise SettingsError(
            "PORTAL_CLOCK moves the clock of a demo database only, and this database is not one. Leave it unset."
        )
