"""The rows of an export as texts, in the order of the list, a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.directories.listing import queries
from app.directories.listing.cells import cell_of
from app.directories.listing.chosen import Chosen
from app.directories.listing.columns import Column
from app.directories.listing.listing import Listing
from app.security.protection.rules import Kind, Sight, sight

PIECE = 2_000
MOST_KNOWN = 5_000
Told = Callable[[int], None]


def covered_kinds(columns: Iterable[Column], roles: Iterable[str]) -> list[Kind]:
    """Kinds of personal data that the columns show under their mask."""
    held = frozenset(roles)
    kinds = {c.personal for c in columns if c.personal is not None}
    return sorted(kind for kind in kinds if sight(kind, held) is Sight.MASKED)


def columns_of(listing: Listing, chosen: Chosen, *, clear: bool) -> list[Column]:
    """The columns that the list shows; with `clear` personal data come without their mask."""
    shown = [c for c in queries.shown_columns(listing, chosen.state) if c.kind != "act"]
    return [replace(column, personal=None) for column in shown] if clear else shown


def rows_of(
    session: Session,
    listing: Listing,
    chosen: Chosen,
    columns: Sequence[Column],
    roles: Iterable[str],
    told: Told | None = None,
) -> Iterator[list[str]]:
    """All rows in the order of the list, read through a cursor of the server: memory stays flat.

    :param told: called after every piece with the number of rows so far
    """
    held, done = frozenset(roles), 0
    stored = [c for c in columns if c.expression is not None]
    places = {column.key: place for place, column in enumerate(stored, start=1)}
    readers = [(column, places.get(column.key), _reader(column, held)) for column in columns]
    found = session.execute(
        _ordered(session, listing, chosen, stored),
        execution_options={"stream_results": True, "yield_per": PIECE},
    )
    for piece in found.partitions(PIECE):
        computed = queries.computed_values(session, columns, piece)
        for row in piece:
            yield [
                read(row[place] if place is not None else computed.get(column.key, {}).get(row[0]))
                for column, place, read in readers
            ]
        done += len(piece)
        if told is not None:
            told(done)


def _reader(column: Column, roles: frozenset[str]) -> Callable[[Any], str]:
    """The text of a cell as the page has it; what recurs is put into words once."""
    known: dict[Any, str] = {}

    def plain(raw: Any) -> str:
        return raw if type(raw) is str else cell_of(column, raw, roles).text

    def worded(raw: Any) -> str:
        if not isinstance(raw, str | int | date | None):
            return cell_of(column, raw, roles).text
        if raw not in known:
            if len(known) >= MOST_KNOWN:
                known.clear()
            known[raw] = cell_of(column, raw, roles).text
        return known[raw]

    def covered(raw: Any) -> str:
        return cell_of(column, raw, roles).text

    if column.personal is not None:
        return covered
    return plain if column.value is None else worded


def _ordered(session: Session, listing: Listing, chosen: Chosen, stored: Sequence[Column]) -> Select[Any]:
    """As the list orders them: missing values first, last the other way round, ids at the end."""
    number = listing.model.__table__.c.id
    labelled = [part for column in stored for part in queries.parts_of(column)]
    statement = chosen.select(session, listing, number.label("id"), *labelled)
    by = listing.sortable[chosen.state.sort].sort_expression
    if chosen.state.descending:
        return statement.order_by(by.desc().nulls_last(), number.desc())
    return statement.order_by(by.asc().nulls_first(), number)
