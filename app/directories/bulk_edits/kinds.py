"""What a directory lets be changed in many rows at once. Each directory's part stands in a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from app.db import Unit
from app.kernel.errors import Fault

Row = Mapping[str, Any]
Wanted = Mapping[str, Any]
"""Field -> the new value as text, `""` to empty it; of a field of tags `{"add": [...], "drop": [...]}`."""


@dataclass(frozen=True)
class BulkField:
    """- `column`: of the table; `widget`: choice, lookup, text, date, flag or tags
    - `choices(session)`: (value, label) of a choice, words of tags; `lookup`: kind of the look-up
    - `emptied`: an empty value is a value
    """

    name: str
    column: str
    label: Any
    widget: str
    choices: Callable[[Session], Sequence[tuple[str, Any]]] | None = None
    lookup: str = ""
    emptied: bool = False


class Judge(Protocol):
    """Made once for many rows: it holds the vocabulary."""

    def __call__(self, row: Row, wanted: Wanted) -> tuple[dict[str, Any], list[Fault]]:
        """What the wanted values change of a stored row (column -> value), or every fault of the row."""
        ...


@dataclass(frozen=True)
class BulkKind:
    """- `columns`: what the judge reads of a row, with `id`, `name` and the column called `number`
    - `owner(row)`: the agency that the row belongs to; `keeps(unit, owner)` raises where the actor may not change it
    - `more(unit, owner, columns)`: what a changed row gets besides, as values or SQL
    - `words(session, pairs)`: what a person reads for (column, stored value), by (column, text of the value)
    - `permission` as of a list's act; `tags`: the field that the short act on tags changes
    """

    listing: str
    model: type[Any]
    fields: tuple[BulkField, ...]
    columns: tuple[Any, ...]
    number: str
    judge: Callable[[Unit], Judge]
    keeps: Callable[[Unit, int | None], None]
    owner: Callable[[Row], int | None]
    more: Callable[[Unit, int | None, Iterable[str]], Mapping[str, Any]]
    words: Callable[[Session, Iterable[tuple[str, Any]]], Mapping[tuple[str, str], str]]
    permission: tuple[str, str]
    tags: str = ""

    def field(self, name: str) -> BulkField | None:
        return next((f for f in self.fields if f.name == name), None)


bulk_kinds: dict[str, BulkKind] = {}


def add_bulk_kind(kind: BulkKind) -> BulkKind:
    bulk_kinds[kind.listing] = kind
    return kind
