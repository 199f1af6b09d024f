"""Changes of a file into drafts, through the services that the form uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from sqlalchemy import select

from app.db import Unit
from app.directories.importing.kinds import Change
from app.item_lists.importing.drafts import Drafts
from app.item_lists.models import Item, JointItem
from app.item_lists.rules import ItemFields, JointItemFields
from app.item_lists.values import changed
from app.kernel.errors import Stale

F = TypeVar("F", ItemFields, JointItemFields)


@dataclass(frozen=True)
class Writer(Generic[F]):
    """How one kind of rows is written: `head` of the codes that are given where the file has none, `blank` fields,
    `now` the fields of a stored row, and the services `add(unit, list_id, fields)` and `change(unit, row_id, fields,
    version)`.
    """

    model: type[Item] | type[JointItem]
    head: str
    blank: F
    now: Callable[[int], F]
    add: Callable[[Unit, int, F], object]
    change: Callable[[Unit, int, F, int], object]


def write(unit: Unit, changes: Sequence[Change], drafts: Drafts, writer: Writer[F]) -> int:
    """How many were written; a row that somebody has changed meanwhile is not."""
    taken: dict[int, set[str]] = {}
    count = 0
    for change in changes:
        if change.row_id is None:
            item_list = drafts.made(change.values["year"], change.values["list_name"])
            fields = changed(writer.blank, change.values)
            codes = taken.setdefault(item_list.id, _codes(unit, writer, item_list.id))
            if not fields.code:
                fields = replace(fields, code=_next(writer.head, codes))
            codes.add(fields.code)
            writer.add(unit, item_list.id, fields)
        else:
            fields = changed(writer.now(change.row_id), change.values)
            try:
                writer.change(unit, change.row_id, fields, change.version or 0)
            except Stale:
                continue
        count += 1
    return count


def _codes(unit: Unit, writer: Writer[F], list_id: int) -> set[str]:
    return set(unit.session.scalars(select(writer.model.code).where(writer.model.list_id == list_id)))


def _next(head: str, taken: set[str]) -> str:
    return next(code for n in range(1, len(taken) + 2) if (code := f"{head}{n:02d}") not in taken)
