"""The mark that a database carries for ever once the demo was loaded into it."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import String, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db import Base, db


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
