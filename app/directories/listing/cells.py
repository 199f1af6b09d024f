"""What a person reads in a cell, on the page and in a file alike."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.directories.listing.columns import Column
from app.kernel.clock import SHANGHAI
from app.security.protection.masks import shown
from app.security.protection.rules import sight


class Head(NamedTuple):
    """What the cells of a column share, said in the language of the page."""

    label: str
    kind: str


class Cell(NamedTuple):
    column: Any
    text: str
    raw: Any
    colour: str = ""
    url: str = ""


def cell_of(
    column: Column, raw: Any, roles: Iterable[str], refers: Any = None, head: Head | None = None
) -> Cell:
    """:param raw: as the column's expression or its computing gave it; personal data come out under their mask
    :param refers: what its link is made from
    :param head: stands for the column in the cell, where many are drawn
    """
    if column.personal is not None:
        raw = shown(column.personal, raw, sight(column.personal, roles))
    colour = column.colour(raw) if column.colour is not None and raw is not None else ""
    url = column.link(refers) if column.link is not None and refers is not None else ""
    return Cell(column if head is None else head, _text(column, raw), raw, colour, url)


def rows_of_cells(
    columns: Sequence[Column],
    rows: Sequence[Any],
    computed: Mapping[str, Mapping[int, Any]],
    roles: Iterable[str],
) -> list[tuple[int, list[Cell]]]:
    """Ids and cells of a page: `computed` as `queries.computed_values` gives it."""
    by_column = [_column_of_cells(column, rows, computed, frozenset(roles)) for column in columns]
    return [(row.id, list(cells)) for row, cells in zip(rows, zip(*by_column, strict=True), strict=True)]


def _column_of_cells(
    column: Column, rows: Sequence[Any], computed: Mapping[str, Mapping[int, Any]], roles: frozenset[str]
) -> list[Cell]:
    """What repeats from row to row is said once."""
    head, known = Head(str(column.label), column.kind), {}
    if column.computed is not None:
        values = computed.get(column.key, {})
        raws = [values.get(row.id) for row in rows]
    else:
        raws = [getattr(row, column.key) for row in rows]
    if column.refers is not None:
        refers = f"{column.key}_ref"
        pairs = zip(raws, rows, strict=True)
        return [cell_of(column, raw, roles, getattr(row, refers), head) for raw, row in pairs]
    found = []
    for raw in raws:
        if not isinstance(raw, Hashable):
            found.append(cell_of(column, raw, roles, head=head))
            continue
        if raw not in known:
            known[raw] = cell_of(column, raw, roles, head=head)
        found.append(known[raw])
    return found


def _text(column: Column, raw: Any) -> str:
    if column.value is not None:
        return str(column.value(raw) or "")
    if raw is None:
        return ""
    if isinstance(raw, datetime):
        return f"{raw.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if isinstance(raw, list | tuple):
        return "、".join(map(str, raw))
    return str(raw)
