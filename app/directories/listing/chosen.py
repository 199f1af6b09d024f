"""The rows that an act on many is to take: the ticked ones, or all that the state of a list leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.directories.listing import queries
from app.directories.listing.listing import Listing
from app.directories.listing.shown import state_of
from app.directories.listing.state import ListState, number_of
from app.kernel.errors import Fault, Invalid

MOST_TICKED = 1_000


@dataclass(frozen=True)
class Chosen:
    """`ids` None: everything that the state leaves."""

    state: ListState
    ids: tuple[int, ...] | None

    @classmethod
    def from_request(cls, session: Session, listing: Listing, args: Any) -> Chosen:
        """Read what the bar of the list posted: `ids`, or `all`, and the state of the list.

        :raises Invalid: nothing was picked
        """
        state = state_of(session, listing, args).first_page()
        if args.get("all"):
            return cls(state, None)
        ids = tuple(dict.fromkeys(n for text in args.getlist("ids") if (n := number_of(text)) is not None))
        if not ids:
            raise Invalid("nothing_picked", faults=[Fault("ids", "nothing_picked")])
        return cls(state, ids[:MOST_TICKED])

    def pairs(self) -> list[tuple[str, str]]:
        """The same as hidden fields."""
        picked = [("all", "1")] if self.ids is None else [("ids", str(n)) for n in self.ids]
        return [*self.state.pairs(), *picked]

    def to_json(self) -> dict[str, Any]:
        return {"state": self.state.to_json(), "ids": None if self.ids is None else list(self.ids)}

    @classmethod
    def from_json(cls, listing: Listing, data: Mapping[str, Any]) -> Chosen:
        ids = data.get("ids")
        return cls(ListState.from_json(listing, data["state"]), None if ids is None else tuple(ids))

    def select(self, session: Session, listing: Listing, *columns: Any) -> Select[Any]:
        """The rows within the scope: their ids, or these expressions; in no order."""
        return queries.chosen(session, listing, self.state, self.ids, *columns)

    def count(self, session: Session, listing: Listing, most: int | None = None) -> int:
        """How many, counted no further than one above `most`."""
        inner = self.select(session, listing)
        if most is not None:
            inner = inner.limit(most + 1)
        return session.scalar(select(func.count()).select_from(inner.subquery())) or 0
