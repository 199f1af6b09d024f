"""Reference rows: the region's department lists and its joint list, published in the year of loading."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.item_lists.models import FormLine, Item, ItemList, JointItem, JointItemPart
from app.item_lists.rules import ListKind, ListState
from app.kernel.clock import today
from app.security.models import Agency
from seeds.reader import cell_list, reference

REGION = "640000"
OFFICE = f"OFFICE-{REGION}"


def load_reference_rows(unit: Unit) -> None:
    """Lists of agencies that have none yet. An agency that keeps lists of its own is left alone, in every
    year.
    """
    session, year, now = unit.session, today(unit.clock).year, unit.clock.now()
    lines: dict[str, list[dict[str, str]]] = {}
    for row in reference("form_lines"):
        lines.setdefault(row["item_code"], []).append(row)
    by_line: dict[str, list[dict[str, str]]] = {}
    for row in reference("department_items"):
        by_line.setdefault(row["line"], []).append(row)
    for line, rows in by_line.items():
        made = _list(session, f"{line.upper()}-{REGION}", ListKind.DEPARTMENT, year, now)
        if made is not None:
            session.add_all(_item(made, row, lines.get(row["code"], [])) for row in rows)
    session.flush()
    _joint_list(session, year, now)


def _list(session: Session, agency_code: str, kind: ListKind, year: int, now: datetime) -> ItemList | None:
    agency = session.scalars(select(Agency).where(Agency.code == agency_code)).one()
    known = select(ItemList.id).where(ItemList.agency_id == agency.id, ItemList.kind == kind).limit(1)
    if session.scalar(known) is not None:
        return None
    title = "部门联合抽查事项清单" if kind is ListKind.JOINT else f"{agency.name}随机抽查事项清单"
    made = ItemList(
        kind=kind.value,
        name=f"{year}年度{title}",
        agency=agency,
        agency_id=agency.id,
        year=year,
        state=ListState.PUBLISHED.value,
        submitted_by="system",
        published_at=now,
    )
    session.add(made)
    return made


def _item(item_list: ItemList, row: dict[str, str], lines: list[dict[str, str]]) -> Item:
    return Item(
        item_list=item_list,
        code=row["code"],
        line_code=row["line"],
        project=row["project"],
        name=row["name"],
        target_scope=row["target_scope"],
        target_kinds=cell_list(row["target_kinds"]),
        category=row["category"],
        methods=cell_list(row["methods"]),
        subject=row["subject"],
        basis=row["basis"],
        specialty=row["specialty"] or None,
        ratio_cap=int(row["ratio_cap"]) if row["ratio_cap"] else None,
        form_lines=[FormLine(no=int(line["no"]), text=line["text"], help=line["help"]) for line in lines],
    )


def _joint_list(session: Session, year: int, now: datetime) -> None:
    made = _list(session, OFFICE, ListKind.JOINT, year, now)
    if made is None:
        return
    published = (
        select(Item)
        .join(Item.item_list)
        .where(
            ItemList.year == year, ItemList.state == ListState.PUBLISHED, ItemList.agency_id != made.agency_id
        )
    )
    items = {item.code: item for item in session.scalars(published)}
    parts: dict[str, list[dict[str, str]]] = {}
    for row in reference("joint_item_parts"):
        parts.setdefault(row["joint_code"], []).append(row)
    session.add_all(
        _joint_item(made, row, parts.get(row["code"], []), items) for row in reference("joint_items")
    )


def _joint_item(
    item_list: ItemList, row: dict[str, str], parts: list[dict[str, str]], items: dict[str, Item]
) -> JointItem:
    return JointItem(
        item_list=item_list,
        code=row["code"],
        domain=row["domain"],
        name=row["name"],
        target_scope=row["target_scope"],
        target_kinds=cell_list(row["target_kinds"]),
        industries=cell_list(row["industries"]),
        lead_line=row["lead_line"],
        levels=cell_list(row["levels"]),
        category=row["category"],
        method=row["method"],
        ratio_cap=int(row["ratio_cap"]) if row["ratio_cap"] else None,
        basis=row["basis"],
        source=row["src"][:300],
        parts=[
            JointItemPart(item=items[part["item_code"]], line_code=part["line"])
            for part in parts
            if part["item_code"] in items
        ],
    )
