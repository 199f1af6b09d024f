"""Judge many rows: what would change, what stays, what cannot be changed and why."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, bindparam, func, select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.bulk_edits.kinds import BulkKind, Row, Wanted
from app.directories.listing.chosen import Chosen
from app.directories.listing.listing import Listing
from app.kernel.errors import DomainError, Fault
from app.security.scoping import scoped_select

PIECE = 2_000


@dataclass(frozen=True)
class Judged:
    """One row: what changes (column -> value), or why it cannot; neither when it stands so already."""

    row: Row
    changes: dict[str, Any]
    faults: list[Fault]


def ids_of(session: Session, listing: Listing, chosen: Chosen) -> array[int]:
    """The ids of all chosen rows in order, eight bytes each: what is changed must not move the list meanwhile."""
    found = array("q")
    result = session.execute(
        chosen.select(session, listing), execution_options={"stream_results": True, "yield_per": 50_000}
    )
    for piece in result.scalars().partitions():
        found.extend(piece)
    return array("q", sorted(found))


class Jury:
    """Judges rows of one kind for one unit; the vocabulary and the rights are asked once."""

    def __init__(self, unit: Unit, kind: BulkKind, wanted: Wanted) -> None:
        self._unit, self._kind, self._wanted = unit, kind, wanted
        self._judge = kind.judge(unit)
        self._rights: dict[int | None, Fault | None] = {}

    def of(self, ids: Sequence[int], *, lock: bool = False) -> Iterator[Judged]:
        """The rows with these ids within the scope, in their order.

        :param lock: until the end of the unit, so that what was judged is what is changed
        """
        table = self._kind.model.__table__
        statement = scoped_select(self._unit.session, self._kind.model, *self._kind.columns)
        statement = statement.where(table.c.id == among(ids)).order_by(table.c.id)
        if lock:
            statement = statement.with_for_update(of=table)
        for row in self._unit.session.execute(statement).mappings().all():
            refused = self._right(self._kind.owner(row))
            if refused is not None:
                yield Judged(row, {}, [refused])
            else:
                yield Judged(row, *self._judge(row, self._wanted))

    def _right(self, owner: int | None) -> Fault | None:
        if owner not in self._rights:
            try:
                self._kind.keeps(self._unit, owner)
                self._rights[owner] = None
            except DomainError:
                self._rights[owner] = Fault("", "bulk_not_yours")
        return self._rights[owner]


def among(ids: Sequence[int]) -> Any:
    """Any of these ids, as one value of the statement."""
    return func.any(bindparam(None, list(ids), type_=ARRAY(BigInteger)))


def pieces(ids: array[int], size: int = PIECE) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def first_ids(session: Session, listing: Listing, chosen: Chosen, most: int) -> list[int]:
    """At most so many of the chosen rows."""
    inner = chosen.select(session, listing).limit(most).subquery()
    return list(session.scalars(select(inner.c[0]).order_by(inner.c[0])))
