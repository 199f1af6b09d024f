"""What the joint libraries need to know of joint items: which there are, and who takes part in a region."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.directories.libraries.places import JointItems, Parties, joint_items
from app.item_lists.models import ItemList, JointItem
from app.item_lists.queries import level_of, published_joint_items
from app.item_lists.rules import ListKind, ListState
from app.security.models import Agency


def _items(session: Session, agency: Agency) -> list[tuple[int, JointItem]]:
    """Joint items in force in the agency's region, of the last year that has a list and the one before it."""
    last = session.execute(
        select(func.max(ItemList.year)).where(
            ItemList.kind == ListKind.JOINT, ItemList.state == ListState.PUBLISHED
        )
    ).scalar()
    if last is None:
        return []
    level = level_of(agency.region)
    return [
        (year, item)
        for year in (last, last - 1)
        for item in published_joint_items(session, year, level, agency.region)
    ]


def _lines(item: JointItem) -> set[str]:
    return {item.lead_line, *(part.line_code for part in item.parts)}


def choices(session: Session, agency: Agency) -> list[tuple[int, str]]:
    """Joint items in which the agency's line takes part."""
    return [
        (item.id, f"{year} · {item.code} {item.name}")
        for year, item in _items(session, agency)
        if agency.line_code in _lines(item)
    ]


def parties(session: Session, joint_item_id: int, agency: Agency) -> Parties | None:
    """The agencies of the item's lines in the agency's region; None where nobody leads it there."""
    item = next((item for _, item in _items(session, agency) if item.id == joint_item_id), None)
    if item is None:
        return None
    there = session.scalars(
        select(Agency)
        .where(
            Agency.region_id == agency.region_id,
            Agency.line_code.in_(_lines(item)),
            Agency.active,
            ~Agency.is_office,
        )
        .order_by(Agency.code)
    ).all()
    initiator = next((one.id for one in there if one.line_code == item.lead_line), None)
    if initiator is None:
        return None
    return Parties(item.id, f"{item.code} {item.name}", initiator, tuple(one.id for one in there))


def label(session: Session, joint_item_id: int) -> str:
    item = session.get(JointItem, joint_item_id)
    return f"{item.code} {item.name}" if item is not None else str(joint_item_id)


PARTIES = JointItems(choices, parties, label)


def register() -> None:
    joint_items.add(PARTIES)
