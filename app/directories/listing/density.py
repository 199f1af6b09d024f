"""How dense the rows of a state lie in its order, guessed from a sample of pages of the table.

Two ways lead to a page of fifty: walk along the index of the order until fifty have been met, or find all rows
that match and sort them. The first takes three seconds when the matches lie far back (hotels named after a city,
asked for by that city's office), the second is slow when half of a million match. The planner takes matches to be
spread evenly and words of a name to be independent, and chooses wrongly; one page of a hundred tells better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    func,
    literal,
    select,
    tablesample,
    true,
    tuple_,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.util import ClauseAdapter

from app.directories.listing.estimates import rows_of_table
from app.directories.listing.ways import for_rows
from app.security.scoping import criterion_over, scope_of

SAMPLED_ROWS = 1_500
SMALLEST_TABLE = 100_000
"""Below, everything is found at once."""
LONGEST_WALK = 15_000
"""Rows of the order that are looked at sooner than all matches are found."""
FEWEST_NEAR = 5
"""Matches that the sample has to meet ahead before their places say anything."""
SEED = 1


@dataclass(frozen=True)
class Density:
    """`rows`: about how many match; `hits`: on how many of the sample that rests; `walk`: about how many rows of
    the order are met before a page is full.
    """

    rows: int
    hits: int
    walk: int

    @property
    def is_walked(self) -> bool:
        return self.walk <= LONGEST_WALK


def density(
    session: Session, model: type[Any], criteria: Sequence[ColumnElement[bool]], order: Any
) -> Density | None:
    """None for a table so small that it does not matter.

    :param order: `value`, `number`, `descending`, `size`, and `start`, the place that the page begins after
    """
    there = rows_of_table(session, model.__tablename__)
    if there < SMALLEST_TABLE:
        return None
    share = SAMPLED_ROWS / there
    sample = tablesample(
        model.__table__, func.system(literal(100 * share)), name="sampled", seed=literal(SEED)
    )
    over = ClauseAdapter(sample).traverse
    wall = criterion_over(model, sample.c, scope_of(session))
    hit = and_(true(), wall, *(over(for_rows(one)) for one in criteria))
    value, number = over(order.value), over(order.number)
    ahead = _ahead(value, number, order)
    by = [value.desc().nulls_last(), number.desc()] if order.descending else [value.nulls_first(), number]
    place = func.row_number().over(partition_by=ahead, order_by=by)
    seen = select(hit.label("hit"), ahead.label("ahead"), place.label("place")).select_from(sample).subquery()
    hits, first, near, all_ = session.execute(
        select(
            func.count().filter(seen.c.hit),
            func.min(seen.c.place).filter(seen.c.hit, seen.c.ahead),
            func.count().filter(seen.c.hit, seen.c.ahead),
            func.count().filter(seen.c.ahead),
        )
    ).one()
    walk = there
    if first is not None and near >= FEWEST_NEAR and first <= 3 * all_ / near:
        # Spread evenly, as far as the sample tells: one match among so many rows.
        walk = int(order.size * max(first, all_ / near))
    elif first is not None:
        walk = int((first - 1) / share + order.size * max(all_ - first + 1, 1) / near)
    return Density(int(hits / share), hits, min(walk, there))


def _ahead(value: ColumnElement[Any], number: ColumnElement[int], order: Any) -> ColumnElement[bool]:
    """Whether a row lies beyond the start of the page; rows without a value come first."""
    start = order.start
    if start is None:
        return true()
    if start.value is None:
        return true() if not order.descending else value.is_(None)
    key = tuple_(value, number)
    at = tuple_(bindparam(None, start.value, value.type), bindparam(None, start.id, number.type))
    return func.coalesce(key < at, true()) if order.descending else func.coalesce(key > at, literal(False))
