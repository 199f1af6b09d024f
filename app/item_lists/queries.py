"""Reads of item lists. The session's scope narrows every one: published lists, and those of agencies
within reach.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, any_, func, literal, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.item_lists.models import Item, ItemList, JointItem, JointItemPart
from app.item_lists.rules import (
    Gap,
    ItemFields,
    JointItemFields,
    ListKind,
    ListState,
    PartFacts,
    is_published,
    item_gaps,
    joint_item_gaps,
)
from app.kernel.errors import NotFound
from app.regulation.vocabulary import MemberLevel
from app.security.models import Agency, LineOfBusiness, Region

MOST_ITEMS = 1000
PAGE = 50


def level_of(region: Region) -> str:
    """The level of plans and joint items in a region; a functional zone counts as a county."""
    return region.level if region.level in set(MemberLevel) else MemberLevel.COUNTY.value


def get_list(session: Session, list_id: int) -> ItemList:
    """:raises NotFound: when it is not there or not within reach"""
    query = (
        select(ItemList)
        .where(ItemList.id == list_id)
        .options(joinedload(ItemList.agency).joinedload(Agency.region))
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("not_in_scope", kind="item_list")
    return found


def line_names(session: Session) -> dict[str, str]:
    """Short names of the lines of business by code."""
    rows = session.execute(select(LineOfBusiness.code, LineOfBusiness.short_name))
    return dict(rows.all())


def lists(
    session: Session,
    *,
    year: int | None = None,
    kind: str | None = None,
    state: str | None = None,
    text: str = "",
    before: int | None = None,
    limit: int = PAGE,
) -> list[ItemList]:
    """Lists, newest first; `before` is the id of the last row of the page before. One row more than
    `limit`.
    """
    query = (
        select(ItemList).options(joinedload(ItemList.agency)).order_by(ItemList.id.desc()).limit(limit + 1)
    )
    if year:
        query = query.where(ItemList.year == year)
    if kind:
        query = query.where(ItemList.kind == kind)
    if state:
        query = query.where(ItemList.state == state)
    if text:
        query = query.where(ItemList.name.contains(text, autoescape=True))
    if before:
        query = query.where(ItemList.id < before)
    return list(session.scalars(query))


def own_list(session: Session, agency_id: int, kind: str, year: int) -> ItemList | None:
    return session.scalars(
        select(ItemList).where(ItemList.agency_id == agency_id, ItemList.kind == kind, ItemList.year == year)
    ).one_or_none()


def item_counts(session: Session, list_ids: Sequence[int]) -> dict[int, int]:
    """Number of items or joint items per list."""
    counts: dict[int, int] = {}
    for model in (Item, JointItem):
        query = select(model.list_id, func.count()).where(model.list_id.in_(list_ids)).group_by(model.list_id)
        for list_id, number in session.execute(query):
            counts[list_id] = counts.get(list_id, 0) + number
    return counts


def items_of(session: Session, list_id: int, *, after: str = "", limit: int = PAGE) -> list[Item]:
    """Items of a list by code. One row more than `limit`."""
    query = (
        select(Item).where(Item.list_id == list_id, Item.code > after).order_by(Item.code).limit(limit + 1)
    )
    return list(session.scalars(query))


def joint_items_of(session: Session, list_id: int, *, after: str = "", limit: int = PAGE) -> list[JointItem]:
    """Joint items of a list by code, with their parts. One row more than `limit`."""
    query = (
        select(JointItem)
        .where(JointItem.list_id == list_id, JointItem.code > after)
        .options(selectinload(JointItem.parts).joinedload(JointItemPart.item))
        .order_by(JointItem.code)
        .limit(limit + 1)
    )
    return list(session.scalars(query))


def get_item(session: Session, item_id: int) -> Item:
    """:raises NotFound: when it is not there or not within reach"""
    query = (
        select(Item)
        .where(Item.id == item_id)
        .options(selectinload(Item.form_lines), joinedload(Item.item_list).joinedload(ItemList.agency))
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("not_in_scope", kind="item")
    return found


def joint_item(session: Session, joint_item_id: int) -> JointItem:
    """With list, parts and their items. :raises NotFound: when it is not there or not within reach"""
    query = (
        select(JointItem)
        .where(JointItem.id == joint_item_id)
        .options(
            selectinload(JointItem.parts).joinedload(JointItemPart.item).joinedload(Item.item_list),
            joinedload(JointItem.item_list).joinedload(ItemList.agency),
        )
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("not_in_scope", kind="joint_item")
    return found


def published_items(
    session: Session, year: int, line_code: str | None = None, region: Region | None = None
) -> list[Item]:
    """Items of the published department lists of a year (N-1).

    :param line_code: only of this line of business
    :param region: only of lists that hold in this region: its own and those of the regions above it
    """
    query = (
        select(Item)
        .join(Item.item_list)
        .where(
            ItemList.year == year, ItemList.state == ListState.PUBLISHED, ItemList.kind == ListKind.DEPARTMENT
        )
        .options(joinedload(Item.item_list))
        .order_by(Item.line_code, Item.code, Item.id)
        .limit(MOST_ITEMS)
    )
    if line_code:
        query = query.where(Item.line_code == line_code)
    if region is not None:
        query = query.where(ItemList.agency_id.in_(_agencies_above(region)))
    return list(session.scalars(query))


def published_joint_items(session: Session, year: int, level: str, region: Region) -> list[JointItem]:
    """Joint items in force in a region: of its own office's list and the lists above, whose levels include
    `level`.
    """
    query = (
        select(JointItem)
        .join(JointItem.item_list)
        .where(
            ItemList.year == year,
            ItemList.state == ListState.PUBLISHED,
            ItemList.kind == ListKind.JOINT,
            ItemList.agency_id.in_(_agencies_above(region)),
            literal(level) == any_(JointItem.levels),
        )
        .options(
            selectinload(JointItem.parts).joinedload(JointItemPart.item), joinedload(JointItem.item_list)
        )
        .order_by(JointItem.code, JointItem.id)
        .limit(MOST_ITEMS)
    )
    return list(session.scalars(query))


def _agencies_above(region: Region) -> Select[tuple[int]]:
    codes = region.path.split("/")
    return select(Agency.id).join(Region, Region.id == Agency.region_id).where(Region.code.in_(codes))


def fields_of(item: Item) -> ItemFields:
    """An item's row as the value that rules read."""
    return ItemFields(
        code=item.code,
        project=item.project,
        name=item.name,
        target_scope=item.target_scope,
        category=item.category,
        methods=tuple(item.methods),
        subject=item.subject,
        basis=item.basis,
        target_kinds=tuple(item.target_kinds),
        specialty=item.specialty,
        ratio_cap=item.ratio_cap,
        form_lines=tuple((line.text, line.help) for line in item.form_lines),
    )


def joint_fields_of(item: JointItem) -> JointItemFields:
    """A joint item's row as the value that rules read."""
    return JointItemFields(
        code=item.code,
        domain=item.domain,
        name=item.name,
        target_scope=item.target_scope,
        lead_line=item.lead_line,
        levels=tuple(item.levels),
        category=item.category,
        method=item.method,
        parts=tuple(sorted(part.item_id for part in item.parts)),
        target_kinds=tuple(item.target_kinds),
        industries=tuple(item.industries),
        ratio_cap=item.ratio_cap,
        basis=item.basis,
        source=item.source,
    )


def gaps_of(session: Session, item_list: ItemList) -> list[Gap]:
    """Everything that keeps a list from being submitted (R-8.1, R-2.1)."""
    if item_list.kind == ListKind.JOINT:
        return [
            gap
            for item in joint_items_of(session, item_list.id, limit=MOST_ITEMS)
            for gap in joint_item_gaps(joint_fields_of(item), part_facts(session, item, item_list.year))
        ]
    query = (
        select(Item)
        .where(Item.list_id == item_list.id)
        .options(selectinload(Item.form_lines))
        .order_by(Item.code)
        .limit(MOST_ITEMS)
    )
    return [gap for item in session.scalars(query) for gap in item_gaps(fields_of(item))]


def part_facts(session: Session, item: JointItem, year: int) -> list[PartFacts]:
    """What `rules.joint_item_gaps` asks about the parts; their lists come in one query."""
    ids = [part.item_id for part in item.parts]
    found = {
        row.id: row
        for row in session.scalars(select(Item).where(Item.id.in_(ids)).options(joinedload(Item.item_list)))
    }
    facts = []
    for part in item.parts:
        row = found.get(part.item_id)
        usable = row is not None and is_published(row.item_list.state, row.item_list.year, year)
        code = row.code if row is not None else str(part.item_id)
        facts.append(PartFacts(code, part.line_code, row.line_code if row is not None else None, usable))
    return facts
