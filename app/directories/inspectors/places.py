"""What domains above know of inspectors: visits in hand, how much each has done this year."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.kernel.places import Place

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.db import Unit
    from app.directories.inspectors.models import Inspector


@dataclass(frozen=True)
class OpenVisit:
    """A visit that an inspector has in hand at an agency."""

    key: str
    label: str
    link: str
    note: str = ""


@dataclass(frozen=True)
class VisitKeeper:
    """`open_visits(session, inspector_id, agency_id)`: at most a hundred; `hand_over(unit, key, reason)` gives one to
    the next in the drawn order, whom nobody chooses, and raises a `DomainError` where nobody is left.
    """

    open_visits: Callable[[Session, int, int], list[OpenVisit]]
    hand_over: Callable[[Unit, str, str], None]


@dataclass(frozen=True)
class Workload:
    """Visits of one year: `matched` by draws of the portal, of these `done`, and `past` outside of it: from before the
    portal, and in national systems.
    """

    matched: int = 0
    done: int = 0
    past: int = 0

    @property
    def total(self) -> int:
        return self.matched + self.past


Counts = Callable[["Session", Collection[int], int], Mapping[int, tuple[int, int]]]

after_moving: Place[Callable[[Unit, Inspector, int], None]] = Place("after moving")
"""(unit, inspector, former agency's id): within the unit, past the scope, the inspector is at another agency."""
visit_keepers: Place[VisitKeeper] = Place("visit keepers")
workloads: Place[Counts] = Place("workloads")
"""(session, inspector ids, year) -> id -> (matched, done)."""
past_loads: Place[Callable[[Session, Collection[int], int], Mapping[int, int]]] = Place("past loads")
"""(session, inspector ids, year) -> id -> visits outside the portal: from before it, in other systems."""


def load_outside(session: Session, inspector_ids: Collection[int], year: int) -> dict[int, int]:
    """Inspector id -> visits outside the portal; inspectors without any are left out."""
    found: dict[int, int] = {}
    for loads in past_loads:
        for inspector_id, visits in loads(session, inspector_ids, year).items():
            found[inspector_id] = found.get(inspector_id, 0) + visits
    return found


def workload_of(session: Session, inspector_ids: Collection[int], year: int) -> dict[int, Workload]:
    """Workload by inspector; one query per place, whatever the number of inspectors."""
    matched: dict[int, int] = {}
    done: dict[int, int] = {}
    past = load_outside(session, inspector_ids, year)
    for counts in workloads:
        for inspector_id, (sent, finished) in counts(session, inspector_ids, year).items():
            matched[inspector_id] = matched.get(inspector_id, 0) + sent
            done[inspector_id] = done.get(inspector_id, 0) + finished
    return {i: Workload(matched.get(i, 0), done.get(i, 0), past.get(i, 0)) for i in inspector_ids}


def open_visits_of(session: Session, inspector_id: int, agency_id: int) -> list[OpenVisit]:
    return [
        visit for keeper in visit_keepers for visit in keeper.open_visits(session, inspector_id, agency_id)
    ]
