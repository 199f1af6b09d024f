"""Fields of a draft as plain JSON values, and back; what a row of a file leaves unsaid stays. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

from app.item_lists.rules import ItemFields, JointItemFields
from app.regulation.vocabulary import ItemCategory

Fields = TypeVar("Fields", ItemFields, JointItemFields)


def as_values(given: ItemFields | JointItemFields) -> dict[str, Any]:
    return {part.name: _plain(getattr(given, part.name)) for part in fields(given)}


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _typed(value: Any) -> Any:
    return tuple(_typed(one) for one in value) if isinstance(value, list) else value


def changed(now: Fields, values: Mapping[str, Any]) -> Fields:
    """`now` with the values that are names of its fields."""
    known = {part.name for part in fields(now)}
    return replace(now, **{name: _typed(value) for name, value in values.items() if name in known})


def heard(now: Fields, sent: Fields, said: Iterable[str]) -> Fields:
    """What stands after a row: of the fields whose columns a sheet lacks, what stood before.

    A ratio that is no upper limit takes none away, and lines of the form stay where the row has none.
    """
    silent = {part.name for part in fields(now)} - set(said)
    after = replace(sent, **{name: getattr(now, name) for name in silent})
    if after.category == ItemCategory.KEY:
        return replace(after, ratio_cap=None)
    if after.ratio_cap is None:
        after = replace(after, ratio_cap=now.ratio_cap)
    if isinstance(after, ItemFields) and isinstance(now, ItemFields) and not after.form_lines:
        after = replace(after, form_lines=now.form_lines)
    return after


def differing(now: Fields, after: Fields) -> dict[str, Any]:
    """Plain values of the fields in which they differ, as they are to be."""
    old, new = as_values(now), as_values(after)
    return {name: value for name, value in new.items() if value != old[name]}
