"""Reads of definitions."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.designer.models import ListRecord, ListType


def list_types(session: Session) -> list[ListType]:
    """Lists within reach that are in use, by name."""
    query = select(ListType).where(ListType.archived_at.is_(None)).order_by(ListType.name).limit(500)
    query = query.options(joinedload(ListType.agency))
    return list(session.scalars(query))


def by_slug(session: Session, slug: str) -> ListType | None:
    """Read anew in every request: a change is served at once by every process."""
    query = select(ListType).where(ListType.slug == slug, ListType.archived_at.is_(None))
    return session.scalars(query, execution_options={"populate_existing": True}).first()


def has_rows(session: Session, type_id: int) -> bool:
    table = ListRecord.__table__
    return session.execute(select(table.c.id).where(table.c.type_id == type_id).limit(1)).first() is not None
