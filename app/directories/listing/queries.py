"""Reads of a list: one page, the total, everything that a state leaves. Within the session's scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from app.directories.listing.columns import Column
from app.directories.listing.density import Density, density
from app.directories.listing.estimates import estimated_rows
from app.directories.listing.listing import Listing
from app.directories.listing.state import ListState, Place
from app.directories.listing.ways import for_index, for_rows
from app.security.scoping import scoped_select

COUNTED_UP_TO = 10_000
FEWEST_HITS = 3
"""In a sample, for walking along an index that carries all."""
Criteria = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class ListPage:
    """Rows have `id` and one attribute per column; `before`, `after` are None where nothing lies beyond."""

    rows: Sequence[Row[Any]]
    before: Place | None
    after: Place | None


@dataclass(frozen=True)
class Total:
    """Counted up to `COUNTED_UP_TO`; beyond that `n` is an estimate of the database."""

    n: int
    estimated: bool = False


def shown_columns(listing: Listing, state: ListState) -> list[Column]:
    """The columns of the state in their order, or the usual ones."""
    found = [listing.column(key) for key in state.columns or listing.usual_columns]
    return [column for column in found if column is not None]


def look(
    session: Session, listing: Listing, state: ListState, criteria: Criteria | None = None
) -> tuple[ListPage, Total]:
    """One page in the order of the state, and the total. At most four queries, however many rows there are."""
    order = _Order(listing, state)
    criteria = criteria_of(session, listing, state) if criteria is None else criteria
    found = density(session, listing.model, criteria, order)
    if found is not None and not _is_walked(listing, state, found):
        rows, total = _found(session, listing, state, criteria, order)
        return order.cut(rows), total
    along = [for_rows(one) for one in criteria] if found is not None else criteria
    rows = _walked(session, listing, state, along, order)
    return order.cut(rows), _total(session, listing, state, criteria, found, len(rows))


def _is_walked(listing: Listing, state: ListState, found: Density) -> bool:
    """Whether the order is walked along. Where the indexes of the orders carry all that is asked, that reads
    nothing else, and beats finding everything first even where the matches lie far back; but so few that a
    sample hardly meets one are counted in the end, and then found with one look.
    """
    if not state.q and set(state.filters) <= listing.covered:
        return found.hits >= FEWEST_HITS
    return found.is_walked


def page(session: Session, listing: Listing, state: ListState, criteria: Criteria | None = None) -> ListPage:
    """One page in the order of the state."""
    return look(session, listing, state, criteria)[0]


def _walked(
    session: Session, listing: Listing, state: ListState, criteria: Criteria, order: _Order
) -> list[Row[Any]]:
    """Along the order, by an index where there is one: the rows are picked over the listing's own table, and
    only then joined with what the columns read.
    """
    picked = scoped_select(session, listing.model, order.number, order.value.label("sorted_by"))
    parts = [part.narrow(picked.where(*criteria)).limit(state.size + 1) for part in order.parts()]
    columns = shown_columns(listing, state)
    statement = _with_columns(session, listing, _one_after_the_other(parts, order), columns)
    sorted_by, number = statement.selected_columns.sorted_by, statement.selected_columns.id
    return list(session.execute(statement.order_by(*order.by(sorted_by, number))).all())


def _one_after_the_other(parts: list[Select[Any]], order: _Order) -> Select[Any] | CompoundSelect[Any]:
    """The second stretch is only looked at for what the first leaves of the page."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0].cte("first").prefix_with("MATERIALIZED")
    rest = parts[1].subquery("rest")
    left = order.size + 1 - select(func.count()).select_from(first).scalar_subquery()
    more = select(rest).order_by(*order.by(rest.c.sorted_by, rest.c.id)).limit(left).subquery("more")
    return union_all(select(first), select(more))


def _found(
    session: Session, listing: Listing, state: ListState, criteria: Criteria, order: _Order
) -> tuple[list[Row[Any]], Total]:
    """All matches first, by whatever finds them, then in order; they are counted on the way."""
    every = (
        scoped_select(session, listing.model, order.number.label("id"), order.value.label("sorted_by"))
        .where(*(for_index(one) for one in criteria))
        .cte("found")
        .prefix_with("MATERIALIZED")
    )
    counted = select(func.count().label("all_found")).select_from(every).subquery("counted")
    picked = order.narrow(select(every.c.id, every.c.sorted_by), every.c.sorted_by, every.c.id)
    picked = picked.limit(state.size + 1)
    shown = _with_columns(session, listing, picked, shown_columns(listing, state)).subquery("shown")
    rows = session.execute(
        select(counted.c.all_found, *shown.c)
        .select_from(counted.outerjoin(shown, true()))
        .order_by(*order.by(shown.c.sorted_by, shown.c.id))
    ).all()
    return [row for row in rows if row.id is not None], Total(rows[0].all_found)


def _total(
    session: Session,
    listing: Listing,
    state: ListState,
    criteria: Criteria,
    found: Density | None,
    met: int,
) -> Total:
    """A sample that met many says how many there are; few are counted."""
    if found is not None and found.rows > COUNTED_UP_TO:
        return Total(found.rows, estimated=True)
    if state.after is None and state.before is None and met <= state.size:
        return Total(met)
    if found is None:
        return count(session, listing, state, criteria)
    n = _count_up_to(session, _matching(session, listing, criteria))
    return Total(n) if n <= COUNTED_UP_TO else Total(max(found.rows, n), estimated=True)


def count(session: Session, listing: Listing, state: ListState, criteria: Criteria | None = None) -> Total:
    """How many rows the state leaves: counted while they are few, estimated when they are many.

    :param criteria: those of the state, where they are at hand; some take a query of their own
    """
    criteria = criteria_of(session, listing, state) if criteria is None else criteria
    inner = _matching(session, listing, criteria)
    n = _count_up_to(session, inner)
    if n <= COUNTED_UP_TO:
        return Total(n)
    return Total(max(estimated_rows(session, inner), n), estimated=True)


def _matching(session: Session, listing: Listing, criteria: Criteria) -> Select[Any]:
    ids = scoped_select(session, listing.model, _number(listing))
    return ids.where(*(for_index(one) for one in criteria))


def _count_up_to(session: Session, statement: Select[Any]) -> int:
    """No further than one above `COUNTED_UP_TO`."""
    capped = statement.limit(COUNTED_UP_TO + 1).subquery()
    return int(session.execute(select(func.count()).select_from(capped)).scalar_one())


def selected(session: Session, listing: Listing, state: ListState, *columns: Any) -> Select[Any]:
    """Everything that the state leaves, without order and pages: its ids, or these expressions."""
    statement = scoped_select(session, listing.model, *(columns or (_number(listing),)))
    if columns:
        statement = listing.joins(session, statement)
    return statement.where(*criteria_of(session, listing, state))


def chosen(
    session: Session, listing: Listing, state: ListState, ids: Sequence[int] | None, *columns: Any
) -> Select[Any]:
    """The ticked rows as far as they are within the scope, or, without ids, all that the filter leaves."""
    if ids is None:
        return selected(session, listing, state, *columns)
    statement = scoped_select(session, listing.model, *(columns or (_number(listing),)))
    if columns:
        statement = listing.joins(session, statement)
    return statement.where(_number(listing).in_(list(ids)))


def criteria_of(session: Session, listing: Listing, state: ListState) -> list[ColumnElement[bool]]:
    """The search and the filters of a state, over the listing's own table."""
    found = []
    if state.q:
        by_text = listing.search(session, state.q)
        if by_text is not None:
            found.append(by_text)
    for key, values in state.filters.items():
        known = listing.filter(key)
        if known is not None and values:
            found.append(known.criterion(session, tuple(values)))
    return found


def computed_values(
    session: Session, columns: Sequence[Column], rows: Sequence[Any]
) -> dict[str, Mapping[int, Any]]:
    """Values of the computed columns for these rows: one call per column."""
    ids = [row.id for row in rows]
    return {c.key: c.computed(session, ids) for c in columns if c.computed is not None and ids}


def _number(listing: Listing) -> ColumnElement[int]:
    return listing.model.__table__.c.id


class _Order:
    """The order of a state. Missing values come first, and last the other way round; ids break ties."""

    def __init__(self, listing: Listing, state: ListState) -> None:
        column = listing.sortable[state.sort]
        self.value = column.sort_expression
        self.number = _number(listing)
        self.size = state.size
        self.nullable = bool(getattr(self.value, "nullable", True))
        self.before, self.after = (self._fitting(place) for place in (state.before, state.after))
        self.backwards = self.before is not None
        self.descending = state.descending != self.backwards

    @property
    def start(self) -> Place | None:
        return self.before or self.after

    def _fitting(self, place: Place | None) -> Place | None:
        """A place of another order shows the first page."""
        if place is None or (place.value is None and not self.nullable):
            return None
        if place.value is not None and type(place.value) is not self.value.type.python_type:
            return None
        return place

    def parts(self) -> Iterator[_Part]:
        """Stretches of the order that an index gives each by itself: rows without a value, rows with one."""
        start = self.start
        stretches = ([True, False] if self.nullable else [False])[:: -1 if self.descending else 1]
        for missing in stretches:
            if start is None or missing == (start.value is None):
                yield _Part(self, missing, start)
                start = None
            # A stretch before that of the start has been seen.

    def by(self, value: Any, number: Any) -> list[Any]:
        """Missing values first, and last the other way round."""
        if not self.nullable:
            return [value.desc(), number.desc()] if self.descending else [value, number]
        if self.descending:
            return [value.desc().nulls_last(), number.desc()]
        return [value.nulls_first(), number]

    def narrow(self, statement: Select[Any], value: Any, number: Any) -> Select[Any]:
        """Both stretches at once, over rows that no index gives in order, from the start of the page."""
        down, start = self.descending, self.start
        if start is not None and start.value is None:
            beyond = number < start.id if down else number > start.id
            missing = value.is_(None)
            statement = statement.where(and_(missing, beyond) if down else or_(~missing, beyond))
        elif start is not None:
            key, at = tuple_(value, number), tuple_(*_typed(self.value, self.number, start))
            ahead = key < at if down else key > at
            statement = statement.where(or_(ahead, value.is_(None)) if down and self.nullable else ahead)
        return statement.order_by(*self.by(value, number))

    def cut(self, rows: list[Row[Any]]) -> ListPage:
        more, kept = len(rows) > self.size, rows[: self.size]
        if self.backwards:
            kept.reverse()
        if not kept:
            return ListPage(kept, None, None)
        first, last = (Place(row.sorted_by, row.id) for row in (kept[0], kept[-1]))
        has_before = more if self.backwards else self.after is not None
        has_after = True if self.backwards else more
        return ListPage(kept, first if has_before else None, last if has_after else None)


@dataclass(frozen=True)
class _Part:
    order: _Order
    missing: bool
    start: Place | None

    def narrow(self, statement: Select[Any]) -> Select[Any]:
        value, number, down = self.order.value, self.order.number, self.order.descending
        if self.order.nullable:
            statement = statement.where(value.is_(None) if self.missing else value.is_not(None))
        if self.start is not None and self.missing:
            statement = statement.where(number < self.start.id if down else number > self.start.id)
        elif self.start is not None:
            key, at = tuple_(value, number), tuple_(*_typed(value, number, self.start))
            statement = statement.where(key < at if down else key > at)
        return statement.order_by(*([value.desc(), number.desc()] if down else [value, number]))


def _typed(value: Any, number: Any, start: Place) -> tuple[Any, Any]:
    return bindparam(None, start.value, value.type), bindparam(None, start.id, number.type)


def _with_columns(
    session: Session, listing: Listing, picked: Select[Any] | CompoundSelect[Any], columns: Sequence[Column]
) -> Select[Any]:
    """The picked rows with what the columns read, in no order."""
    inner = picked.subquery("picked")
    table = listing.model.__table__
    parts = [part for column in columns for part in parts_of(column)]
    statement = select(table.c.id, inner.c.sorted_by, *parts).join_from(
        table, inner, inner.c.id == table.c.id
    )
    return listing.joins(session, statement)


def parts_of(column: Column) -> Iterator[ColumnElement[Any]]:
    """What is selected for a column: its value, and what its link refers to."""
    found = column.sql
    if found is not None:
        yield found.label(column.key)
    if column.refers is not None:
        yield column.refers.label(f"{column.key}_ref")
