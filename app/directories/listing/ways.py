"""Two ways to ask the same: what an index answers, and what is cheap to compare on one row.

An index over an expression (pairs of characters) answers `expression @> pairs`; to see it again on a row costs a
call of the function, twenty times a comparison with LIKE. So a `Way` says both, and whoever knows how the rows
will be read leaves out what that reading does not need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.sql import visitors

_PART = "ways"


@dataclass(frozen=True)
class Way:
    """`plain` is what is meant and implies `indexed`, which an index answers; `exact`: they find the same rows."""

    plain: ColumnElement[bool]
    indexed: ColumnElement[bool]
    exact: bool


@dataclass(frozen=True, eq=False)
class _Readings:
    for_rows: ColumnElement[bool]
    for_index: ColumnElement[bool]


def any_way(ways: Iterable[Way]) -> ColumnElement[bool]:
    """Rows that one of the ways finds. All indexes are asked first and the comparisons stand apart, so that no
    function of an index is called again for a row.
    """
    ways = list(ways)
    plain, indexed = or_(*(way.plain for way in ways)), or_(*(way.indexed for way in ways))
    whole = and_(plain.self_group(), indexed.self_group())
    return whole._annotate({_PART: _Readings(plain, indexed if all(way.exact for way in ways) else whole)})


def for_rows(criterion: ColumnElement[bool]) -> ColumnElement[bool]:
    """For rows that are met one by one, along an order or in a sample: comparisons alone."""
    return _read(criterion, lambda readings: readings.for_rows)


def for_index(criterion: ColumnElement[bool]) -> ColumnElement[bool]:
    """For finding all rows: no comparison beside an index that says the same."""
    return _read(criterion, lambda readings: readings.for_index)


def _read(
    criterion: ColumnElement[bool], which: Callable[[_Readings], ColumnElement[bool]]
) -> ColumnElement[bool]:
    def said(element: Any, **_: Any) -> Any:
        readings = getattr(element, "_annotations", {}).get(_PART)
        return None if readings is None else which(readings)

    return visitors.replacement_traverse(criterion, {}, said)
