"""A list of a directory, declared once: what it shows, filters, sorts and searches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from app.directories.listing.columns import Column
from app.directories.listing.filters import Filter
from app.security.protection.rules import sees

Search = Callable[[Session, str], ColumnElement[bool] | None]


@dataclass(frozen=True)
class Preset:
    """A tab that every person sees: these arguments of the URL."""

    label: Any
    filters: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Listing:
    """- `model`: scoped, with an integer key `id`; `joins(session, statement)` adds what the columns' expressions read
    - `search`: the criterion of a text, None for a text that says nothing
    - `order`: key of the column it is sorted by, `-` before it for descending
    - `permission`: ("can_list", "View") of whoever may open it; `endpoint` is the page
    - `covered`: filters whose columns the indexes of the orders carry beside what the wall asks for
    - `record`: endpoint and name of the key of a record's page; `unit` counts its rows: "targets"
    """

    key: str
    model: type[Any]
    title: Any
    joins: Callable[[Session, Select[Any]], Select[Any]]
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...]
    search: Search
    order: str
    permission: tuple[str, str]
    endpoint: str
    record: tuple[str, str] | None = None
    search_label: Any = ""
    unit: Any = ""
    presets: tuple[Preset, ...] = ()
    covered: frozenset[str] = frozenset()

    def column(self, key: str) -> Column | None:
        return next((column for column in self.columns if column.key == key), None)

    def filter(self, key: str) -> Filter | None:
        return next((found for found in self.filters if found.key == key), None)

    @property
    def sortable(self) -> dict[str, Column]:
        return {column.key: column for column in self.columns if column.sortable}

    @property
    def usual_columns(self) -> tuple[str, ...]:
        return tuple(column.key for column in self.columns if column.shown or column.fixed)

    def as_seen_by(self, roles: Iterable[str]) -> Listing:
        """The listing without the columns and filters of personal data that these roles do not see."""
        held = frozenset(roles)
        return replace(
            self,
            columns=tuple(c for c in self.columns if c.personal is None or sees(c.personal, held)),
            filters=tuple(f for f in self.filters if f.personal is None or sees(f.personal, held)),
        )


listings: dict[str, Listing] = {}
_early: dict[str, list[Filter | Column]] = {}


def add_listing(listing: Listing) -> Listing:
    listings[listing.key] = listing
    for part in _early.pop(listing.key, []):
        _add(listing.key, part)
    return listings[listing.key]


def add_filter(listing_key: str, found: Filter) -> None:
    _add(listing_key, found)


def add_column(listing_key: str, column: Column) -> None:
    _add(listing_key, column)


def _add(key: str, part: Filter | Column) -> None:
    """Adding what is there already puts it in the place of the old one."""
    listing = listings.get(key)
    if listing is None:
        _early.setdefault(key, []).append(part)
    elif isinstance(part, Filter):
        listings[key] = replace(listing, filters=_with(listing.filters, part))
    else:
        listings[key] = replace(listing, columns=_with(listing.columns, part))


def _with(parts: tuple[Any, ...], part: Any) -> tuple[Any, ...]:
    if any(known.key == part.key for known in parts):
        return tuple(part if known.key == part.key else known for known in parts)
    return (*parts, part)
