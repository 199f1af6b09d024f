"""The office's words for lists of items: what a template offers, how stored values read, who the agencies are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directories.targets.models import Specialty, TargetKind
from app.item_lists.models import Item
from app.item_lists.parties import Parties
from app.item_lists.queries import line_names
from app.item_lists.rules import percent
from app.regulation.vocabulary import CheckMethod, ItemCategory, MemberLevel
from app.security.models import Agency, LineOfBusiness

OFFICE = "office"
CATEGORY_WORDS = ("重点检查事项", "一般检查事项")
METHOD_WORDS = ("现场检查", "书面检查", "网络监测", "其他方式")
LEVEL_WORDS = ("自治区级", "市级", "县级", "市县级")


def parties_of(session: Session, region_id: int | None = None) -> Parties:
    """The lines of business with their words; the agencies of a region by their names as well."""
    lines = select(LineOfBusiness.code, LineOfBusiness.name, LineOfBusiness.short_name)
    words = {
        code: (code, name, short)
        for code, name, short in session.execute(lines.where(LineOfBusiness.code != OFFICE))
    }
    agencies = select(Agency.name, Agency.code, Agency.line_code).where(
        Agency.active, ~Agency.is_office, Agency.region_id == region_id
    )
    named: dict[str, str] = {}
    for name, code, line in session.execute(agencies) if region_id is not None else ():
        named |= {name: line, code: line}
    return Parties(words, named)


def expected_lines(session: Session) -> str:
    """The agencies that a cell may name, for the sentence of a fault."""
    return "、".join(name for code, name in sorted(line_names(session).items()) if code != OFFICE)


def lists_of(session: Session, *names: str) -> Mapping[str, Iterable[str]]:
    """The words of a template's drop-downs."""
    kinds = select(TargetKind.name).order_by(TargetKind.position, TargetKind.code)
    offered: dict[str, Callable[[], Iterable[str]]] = {
        "target_kinds": lambda: session.scalars(kinds).all(),
        "category": lambda: CATEGORY_WORDS,
        "methods": lambda: METHOD_WORDS,
        "method": lambda: METHOD_WORDS,
        "levels": lambda: LEVEL_WORDS,
        "specialty": lambda: session.scalars(select(Specialty.name).order_by(Specialty.name)).all(),
        "lead_line": lambda: [n for code, n in sorted(line_names(session).items()) if code != OFFICE],
    }
    return {name: offered[name]() for name in names}


def shown(session: Session) -> Callable[[str, Any], str]:
    """Stored values of items and joint items as a person reads them."""
    words: dict[str, Mapping[Any, str]] = {
        "target_kinds": dict(session.execute(select(TargetKind.code, TargetKind.name)).all()),
        "category": {c.value: _(c.label) for c in ItemCategory},
        "methods": {m.value: _(m.label) for m in CheckMethod},
        "method": {m.value: _(m.label) for m in CheckMethod},
        "levels": {level.value: _(level.label) for level in MemberLevel},
        "lead_line": line_names(session),
    }

    def show(column: str, value: Any) -> str:
        if value is None or value == "" or value == []:
            return ""
        if column == "ratio_cap":
            return f"{percent(value)} %"
        if column == "form_lines":
            return "；".join(text for text, _help in value)
        if column == "parts":
            names = session.scalars(select(Item.name).where(Item.id.in_(value)).order_by(Item.code))
            return "、".join(names)
        known = words.get(column, {})
        each = value if isinstance(value, list) else [value]
        return "、".join(str(known.get(one, one)) for one in each)

    return show
