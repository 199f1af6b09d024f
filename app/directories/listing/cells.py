"""What a person reads in a cell, on the page and in a file alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.directories.listing.columns import Column
from app.kernel.clock import SHANGHAI
from app.security.protection.masks import shown
from app.security.protection.rules import sight


@dataclass(frozen=True)
class Cell:
    column: Column
    text: str
    raw: Any
    colour: str = ""
    url: str = ""


def cell_of(column: Column, raw: Any, roles: Iterable[str], refers: Any = None) -> Cell:
    """:param raw: as the column's expression or its computing gave it; personal data come out under their mask
    :param refers: what its link is made from
    """
    if column.personal is not None:
        raw = shown(column.personal, raw, sight(column.personal, roles))
    colour = column.colour(raw) if column.colour is not None and raw is not None else ""
    url = column.link(refers) if column.link is not None and refers is not None else ""
    return Cell(column, _text(column, raw), raw, colour, url)


def cells_of(
    columns: Iterable[Column], row: Any, computed: Mapping[str, Mapping[int, Any]], roles: Iterable[str]
) -> list[Cell]:
    """One row: `computed` as `queries.computed_values` gives it."""
    held = frozenset(roles)
    return [
        cell_of(
            column,
            computed.get(column.key, {}).get(row.id)
            if column.computed is not None
            else getattr(row, column.key),
            held,
            getattr(row, f"{column.key}_ref", None),
        )
        for column in columns
    ]


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
