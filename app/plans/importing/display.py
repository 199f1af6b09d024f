"""Words of imported plan entries: their fields, and stored values as a person reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directories.targets.queries import kind_names
from app.item_lists.models import Item, JointItem
from app.item_lists.rules import percent
from app.plans.rules import read_selection
from app.regulation.vocabulary import CheckMethod
from app.security.models import Agency, Region

LABELS: Mapping[str, Any] = {
    "name": _l("Name of the entry"),
    "plan_name": _l("Name of the plan"),
    "joint_item": _l("Code of the joint item"),
    "joint_item_id": _l("Joint item"),
    "items": _l("Items"),
    "object": _l("Targets"),
    "kinds": _l("Kinds of targets"),
    "industries": _l("Industries"),
    "ratio": _l("Ratio"),
    "number": _l("Number in all"),
    "selection": _l("Ratio or number"),
    "time": _l("Months"),
    "until": _l("End, where it stands apart"),
    "month_from": _l("From month"),
    "month_to": _l("To month"),
    "lead": _l("Initiator"),
    "initiator_id": _l("Initiator"),
    "support": _l("Participants"),
    "participants": _l("Items of the agencies"),
    "method": _l("Method"),
    "frequency": _l("Frequency"),
    "credit": _l("What it says of credit risk"),
    "rule": _l("Scope"),
    "note": _l("Note"),
    "year": _l("Year"),
}


def shown(session: Session) -> Callable[[str, Any], str]:
    kinds = kind_names(session)

    def show(column: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        if column == "selection":
            return _selection(value)
        if column == "participants":
            return _participants(session, value)
        if column == "rule":
            return _rule(session, kinds, value)
        if column == "method":
            return _(CheckMethod(value).label)
        if column == "joint_item_id":
            item = session.get(JointItem, value)
            return f"{item.code} {item.name}" if item is not None else str(value)
        if column == "initiator_id":
            agency = session.get(Agency, value)
            return agency.name if agency is not None else str(value)
        return str(value)

    return show


def _selection(value: Mapping[str, Any]) -> str:
    selection = read_selection(value)
    if selection.kind == "total":
        return str(selection.number)
    return "、".join(f"{code} {percent(ratio.per_mille)}%" for code, ratio in selection.ratios.items())


def _participants(session: Session, value: Mapping[str, list[int]]) -> str:
    agencies = select(Agency.id, Agency.name).where(Agency.id.in_([int(key) for key in value]))
    items = select(Item.id, Item.name).where(Item.id.in_([i for ids in value.values() for i in ids]))
    named, called = dict(session.execute(agencies).all()), dict(session.execute(items).all())
    return "；".join(
        f"{named.get(int(key), key)}：{'、'.join(called.get(i, str(i)) for i in ids)}"
        for key, ids in value.items()
    )


def _rule(session: Session, kinds: Mapping[str, str], value: Mapping[str, list[str]]) -> str:
    codes = value.get("regions", [])
    regions = session.scalars(select(Region.name).where(Region.code.in_(codes)))
    words = [kinds.get(code, code) for code in value.get("kinds", [])]
    return "；".join("、".join(part) for part in (words, value.get("industries", []), list(regions)) if part)
