"""Which items an agency may ask to be taken out of random selection (R-3.3)."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.directories.outside.places import Items, items
from app.item_lists.models import ItemList
from app.item_lists.queries import published_items
from app.item_lists.rules import ListKind, ListState
from app.security.models import Agency


def choices(session: Session, agency: Agency) -> list[tuple[int, str]]:
    """Items of the agency's line on the published lists of the last year that has one."""
    last = session.execute(
        select(func.max(ItemList.year)).where(
            ItemList.kind == ListKind.DEPARTMENT, ItemList.state == ListState.PUBLISHED
        )
    ).scalar()
    if last is None or agency.line_code is None:
        return []
    return [
        (item.id, f"{item.code} {item.name}")
        for item in published_items(session, last, agency.line_code, agency.region)
    ]


ITEMS = Items(choices)


def register() -> None:
    items.add(ITEMS)
