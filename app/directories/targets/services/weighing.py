"""What a file may change of a known row, and what stays because whoever said it has precedence (R-6.2, R-11.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.db import Unit
from app.directories.importing.kinds import Change, Compared
from app.directories.sources.queries import known as known_systems
from app.directories.sources.queries import office_for, orders_of
from app.directories.sources.rules import (
    BASE,
    FILE_ORDER,
    Known,
    Order,
    Verdict,
    agency_source,
    is_empty,
    order_for,
    origin,
    weigh_file,
)
from app.directories.sources.services.raising import has_open, is_settled, raise_conflicts, said_before
from app.directories.targets.entries import FIELDS, TargetEntry
from app.directories.targets.models import Target
from app.directories.targets.rules import Source
from app.kernel.spreadsheet import SheetRow
from app.security.models import Agency

CODE = "code"
_NAMES = dict(FIELDS)
"""The names under which an entry hands in the columns."""


@dataclass
class Weighing:
    """One batch of a file. `source`: in whose name it speaks, `agency_id` None: the base directory's."""

    unit: Unit
    source: str
    agency_id: int | None
    orders: Mapping[str, Order] = field(default_factory=dict)
    known: Known = field(default_factory=Known)
    waiting: bool = False
    met: dict[int, tuple[Change, frozenset[str]]] = field(default_factory=dict)

    def meet(self, change: Change | None, row: SheetRow, entry: TargetEntry, known: Any) -> None:
        """A known row that the file names. One that is equal matters only while something of the source waits."""
        if change is None and not self.waiting:
            return
        held = change or Change(known.code, {}, row.sheet, row.row, known.name, known.id, known.version)
        self.met[known.id] = (held, entry.given)

    def part(self, change: Change, stored: Mapping[str, Any]) -> None:
        """Take out of a change what is not the file's to say."""
        of_base = stored["source"] == Source.BASE
        for name in [name for name in change.values if name in _NAMES]:
            said, held = change.values[name], stored.get(name, change.before.get(name))
            present = origin(stored["field_sources"] or {}, name, self._otherwise(stored)).source
            order = order_for(name, self.orders, FILE_ORDER)
            verdict = weigh_file(self.source, present, order, self.known, empty=is_empty(held))
            if of_base and self.agency_id is not None and verdict is Verdict.TAKE:
                verdict = Verdict.ASK
            if verdict is Verdict.TAKE:
                continue
            del change.values[name]
            change.before.pop(name, None)
            if verdict is Verdict.ASK and not is_empty(said):
                change.contested[name] = [said, held, present]
        if of_base and self.agency_id is not None:
            if CODE in change.values:
                change.contested[CODE] = [change.values[CODE], change.before[CODE], BASE]
            change.values.clear()
            change.before.clear()

    def _otherwise(self, stored: Mapping[str, Any]) -> str:
        """Who said what nobody kept a source of: the row's own."""
        agency_id = stored["agency_id"]
        if agency_id is None:
            return BASE
        agency = self.unit.session.get(Agency, agency_id)
        return agency_source(agency.code) if agency is not None else BASE

    def settle(self, found: Compared) -> None:
        """Leave out what a person has decided already, and note where file and directory agree again."""
        session = self.unit.session
        asking = {row_id for row_id, (change, _) in self.met.items() if change.contested}
        wanted = set(self.met) if self.waiting else asking
        before = said_before(session, self.source, wanted) if wanted else {}
        for (row_id, name), known in before.items():
            change, given = self.met[row_id]
            if name in change.contested:
                if is_settled(known, change.contested[name][0]):
                    del change.contested[name]
            elif known.is_open and _NAMES.get(name) in given and name not in change.values:
                change.agreed.append(name)
        for change, _ in self.met.values():
            if change.values or change.contested or change.agreed:
                found.changes.append(change)


def weighing(unit: Unit, source: str, agency_id: int | None) -> Weighing:
    """With the orders that hold for the agency; three queries at most."""
    session = unit.session
    owner = agency_id if agency_id is not None else unit.actor.agency_id
    agency = session.get(Agency, owner) if owner is not None else None
    orders = orders_of(session, office_for(session, agency)) if agency is not None else {}
    waiting = has_open(session, source)
    return Weighing(unit, source, agency_id, orders, known_systems(session), waiting)


def list_conflicts(unit: Unit, source: str, changes: Sequence[Change]) -> None:
    """What a file that is taken over says against sources with precedence."""
    ids = [change.row_id for change in changes if change.row_id is not None]
    regions = dict(unit.session.execute(select(Target.id, Target.region_id).where(Target.id.in_(ids))).all())
    there = [change for change in changes if change.row_id in regions]
    contradicts = {
        change.row_id or 0: {name: parts[0] for name, parts in change.contested.items()} for change in there
    }
    agrees = {change.row_id or 0: change.agreed for change in there}
    raise_conflicts(unit, source, regions, contradicts, agrees)
