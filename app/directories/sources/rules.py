"""Who said what of a target, and whose word counts (R-6.2, R-11.3). Pure.

`Target.field_sources` holds {field: [source, ISO date]}; under `*` stands what all other fields share. Sources
are `base`, `import`, `form`, `agency:<code>` and the codes of systems.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from app.kernel.states import StateEnum
from app.regulation import implements

EVERY = "*"
"""Stands for every field that has no entry of its own, in `field_sources` and in the order of precedence."""
FORM, IMPORT, BASE, AGENCY = "form", "import", "base", "agency"
BASE_SYSTEMS, AGENCY_SYSTEMS = "base-systems", "agency-systems"
GROUPS = (FORM, BASE_SYSTEMS, BASE, IMPORT, AGENCY_SYSTEMS, AGENCY)
"""What an order may name besides single systems: each a group of sources."""
RESERVED = frozenset({*GROUPS, EVERY, "system"})

FIELDS = (
    "name",
    "kind",
    "industry_code",
    "region_id",
    "address",
    "legal_representative",
    "contact",
    "phone",
    "home_address",
    "status",
    "registered_on",
    "tags",
)

Sources = Mapping[str, Sequence[str]]


class ConflictState(StateEnum):
    OPEN = "open", "Waits for a decision", "warn"
    TAKEN = "taken", "Taken from the source", "ok"
    KEPT = "kept", "Kept as it was", "mute"
    SUPERSEDED = "superseded", "No longer said", "mute"


class Lower(StateEnum):
    """What becomes of the word of a source that ranks lower."""

    ASK = "ask", "List it for a person"
    KEEP = "keep", "Leave it aside"


class Verdict(StrEnum):
    TAKE = "take"
    ASK = "ask"
    LEAVE = "leave"


@dataclass(frozen=True)
class Order:
    """Whose word counts for a field: sources and groups, the first counts most.

    A source overwrites only what is named behind it; what is not named is always asked. Without an entry of its own
    a field follows `EVERY`.
    """

    names: tuple[str, ...]
    lower: Lower = Lower.ASK


DEFAULT_ORDER = Order((BASE_SYSTEMS, BASE, IMPORT, AGENCY_SYSTEMS, AGENCY))
"""While the office has set nothing: the base before agencies. What a person has typed is not named, so that a
system never writes over it unseen."""


FILE_ORDER = Order((BASE_SYSTEMS, IMPORT, BASE, AGENCY_SYSTEMS, AGENCY))
"""The same for a file: the office's own speaks for the base that it keeps."""


@dataclass(frozen=True)
class Origin:
    """Who said the value that stands there, and since when; `since` None where nobody kept the day."""

    source: str
    since: date | None = None


@dataclass(frozen=True)
class Known:
    """Which systems there are, by code: whether each feeds the base directory."""

    systems: Mapping[str, bool] = field(default_factory=dict)

    def names_of(self, source: str) -> tuple[str, ...]:
        """Under what an order may name this source, the most exact first."""
        if source.startswith("agency:"):
            return (source, AGENCY)
        if source in self.systems:
            return (source, BASE_SYSTEMS if self.systems[source] else AGENCY_SYSTEMS)
        return (source,)


def agency_source(code: str) -> str:
    return f"agency:{code}"


def stamped(present: Sources, fields: Iterable[str], source: str, day: date) -> dict[str, list[str]]:
    """`field_sources` after a source has said these fields; equal entries are drawn together under `*`."""
    made = {name: list(entry) for name, entry in present.items()}
    mark = [source, day.isoformat()]
    for name in fields:
        made[name] = mark
    return {name: entry for name, entry in made.items() if name == EVERY or entry != made.get(EVERY)}


def whole(source: str, day: date) -> dict[str, list[str]]:
    """`field_sources` of a row that one source has brought."""
    return {EVERY: [source, day.isoformat()]}


def origin(present: Sources, name: str, otherwise: str) -> Origin:
    """Who said a field. `otherwise`: the row's own source, for rows from before it was kept."""
    entry = present.get(name) or present.get(EVERY)
    if not entry:
        return Origin(otherwise)
    try:
        return Origin(entry[0], date.fromisoformat(entry[1]))
    except (IndexError, ValueError):
        return Origin(entry[0])


def _rank(source: str, order: Order, known: Known) -> int | None:
    """The place of a source in the order, by its own name before its group's; None where it is not named."""
    return next((order.names.index(name) for name in known.names_of(source) if name in order.names), None)


@implements("R-6.2")
def weigh(source: str, present: str, order: Order, known: Known, *, empty: bool = False) -> Verdict:
    """What becomes of a value that differs from the one that stands there: nothing is overwritten silently.

    :param source: who says the new value
    :param present: who said what stands there
    :param empty: nothing stands there, so that nobody is contradicted
    """
    if empty or source == present:
        return Verdict.TAKE
    mine, theirs = _rank(source, order, known), _rank(present, order, known)
    if mine is None or theirs is None:
        return Verdict.ASK
    if mine < theirs:
        return Verdict.TAKE
    if mine > theirs and order.lower is Lower.KEEP:
        return Verdict.LEAVE
    return Verdict.ASK


@implements("R-6.2")
def weigh_file(source: str, present: str, order: Order, known: Known, *, empty: bool = False) -> Verdict:
    """The same for a row of a file: whoever takes it over has both values before the eyes, so that only a source
    that the order names before it keeps its word.
    """
    if empty or source == present:
        return Verdict.TAKE
    mine, theirs = _rank(source, order, known), _rank(present, order, known)
    if mine is None or theirs is None or mine <= theirs:
        return Verdict.TAKE
    return Verdict.LEAVE if order.lower is Lower.KEEP else Verdict.ASK


@implements("R-11.3")
def joins_base(brought_by_base: bool, row_of_agency: bool) -> bool:
    """An agency's row becomes one of the base when the base brings the same target; it stays the same row, so that
    its history and whatever refers to it remain."""
    return brought_by_base and row_of_agency


def order_for(name: str, orders: Mapping[str, Order], otherwise: Order = DEFAULT_ORDER) -> Order:
    return orders.get(name) or orders.get(EVERY) or otherwise


def is_empty(value: Any) -> bool:
    return value in (None, "", [])


def written(name: str, value: Any) -> Any:
    """A value of a field as JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else value


def read_back(name: str, value: Any) -> Any:
    """The opposite of `written`."""
    return date.fromisoformat(value) if name == "registered_on" and isinstance(value, str) else value
