"""A published item list: all its items with their six fields (R-8.1)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.item_lists.models import Item, JointItem
from app.item_lists.queries import MOST_ITEMS, get_list, items_of, joint_items_of
from app.item_lists.rules import ListKind, ListState
from app.kernel.errors import Refused
from app.publicity.snapshots.shape import Snapshot
from app.security.models import LineOfBusiness


def snapshot_list(session: Session, list_id: int) -> Snapshot:
    """:raises Refused: when the list is not published"""
    found = get_list(session, list_id)
    if found.state != ListState.PUBLISHED:
        raise Refused("subject_not_published")
    lines = {line.code: line.name for line in session.scalars(select(LineOfBusiness))}
    if found.kind == ListKind.JOINT:
        rows = [_joint(item, lines) for item in joint_items_of(session, list_id, limit=MOST_ITEMS)]
    else:
        rows = [_item(item, lines) for item in items_of(session, list_id, limit=MOST_ITEMS)]
    return Snapshot(
        title=found.name,
        agency_name=found.agency.name,
        region_code=found.agency.region.code,
        year=found.year,
        payload={"list_kind": found.kind, "rows": rows},
    )


def _cap(per_mille: int | None) -> str:
    return "" if per_mille is None else f"{per_mille / 10:g}%"


def _item(item: Item, lines: dict[str, str]) -> dict[str, Any]:
    return {
        "code": item.code,
        "project": item.project,
        "name": item.name,
        "scope": item.target_scope,
        "category": item.category,
        "methods": list(item.methods),
        "subject": item.subject,
        "basis": item.basis,
        "cap": _cap(item.ratio_cap),
        "lead": lines.get(item.line_code, ""),
    }


def _joint(item: JointItem, lines: dict[str, str]) -> dict[str, Any]:
    parts = sorted(
        item.parts, key=lambda part: (part.line_code != item.lead_line, part.line_code, part.item_id)
    )
    return {
        "code": item.code,
        "domain": item.domain,
        "name": item.name,
        "scope": item.target_scope,
        "category": item.category,
        "methods": [item.method],
        "basis": item.basis,
        "cap": _cap(item.ratio_cap),
        "lead": lines.get(item.lead_line, ""),
        "parts": [{"line": lines.get(part.line_code, ""), "item": part.item.name} for part in parts],
    }
