"""Sources, fields and values as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directories.rules import PERSONAL
from app.directories.sources.models import SourceConflict
from app.directories.sources.naming import GROUP_WORDS, source_words
from app.directories.sources.rules import EVERY, FIELDS, Origin
from app.directories.sources.services import source_of
from app.directories.targets.changes import LABELS
from app.directories.targets.models import Industry, TargetKind
from app.directories.targets.rules import TargetStatus
from app.security.models import Region
from app.security.protection.masks import shown
from app.security.protection.showing import my_sight


def field_words(name: str) -> str:
    return _("All other fields") if name == EVERY else str(LABELS.get(name, name))


def field_choices() -> list[tuple[str, str]]:
    return [(name, field_words(name)) for name in ("code", *FIELDS)]


__all__ = ["GROUP_WORDS", "Line", "Values", "field_choices", "field_words", "lines", "source_words"]


class Values:
    """Values of fields in words; the vocabularies behind all conflicts of a page in three queries."""

    def __init__(self, session: Session, said: Iterable[tuple[str, Any]]) -> None:
        wanted: dict[str, set[Any]] = {}
        for name, value in said:
            if value is not None and name in _REFERENCES:
                wanted.setdefault(name, set()).add(value)
        self._names: dict[tuple[str, Any], str] = {}
        for name, values in wanted.items():
            model, key = _REFERENCES[name]
            column = getattr(model, key)
            for row in session.scalars(select(model).where(column.in_(values))):
                self._names[name, getattr(row, key)] = str(row)

    def text(self, name: str, value: Any) -> str:
        if name in PERSONAL:
            return shown(PERSONAL[name], value or "", my_sight(PERSONAL[name])) or _("covered")
        if value in (None, "", []):
            return "—"
        if name == "status" and value in set(TargetStatus):
            return _(TargetStatus(value).label)
        if isinstance(value, list):
            return "、".join(map(str, value))
        return self._names.get((name, value), str(value))


_REFERENCES: dict[str, tuple[type[Any], str]] = {
    "region_id": (Region, "id"),
    "kind": (TargetKind, "code"),
    "industry_code": (Industry, "code"),
}


@dataclass(frozen=True)
class Line:
    """A conflict as the pages show it: both values, who says each, and since when."""

    conflict: SourceConflict
    field: str
    here: str
    here_source: str
    here_since: Any
    said: str
    said_source: str
    said_since: Any


def lines(session: Session, found: Sequence[SourceConflict]) -> list[Line]:
    """A fixed number of queries, whatever the number of conflicts."""
    origins = [_origin(one) for one in found]
    names = source_words(session, [o.source for o in origins] + [one.source for one in found])
    both = [(one.field, getattr(one.target, one.field)) for one in found]
    values = Values(session, [*both, *((one.field, one.said) for one in found)])
    return [
        Line(
            one,
            field_words(one.field),
            values.text(one.field, getattr(one.target, one.field)),
            names[origin.source],
            origin.since,
            values.text(one.field, one.said),
            names[one.source],
            one.said_on,
        )
        for one, origin in zip(found, origins, strict=True)
    ]


def _origin(conflict: SourceConflict) -> Origin:
    return source_of(conflict.target, conflict.field)
