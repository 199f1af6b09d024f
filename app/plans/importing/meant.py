"""Agencies and items that a row of a plan means, looked up among those of the plan's region and year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.db import Unit
from app.item_lists.models import Item, JointItem
from app.item_lists.parties import plain
from app.item_lists.queries import published_items
from app.kernel.errors import Fault
from app.kernel.spreadsheet import SheetRow
from app.plans.importing.rows import Entry
from app.plans.models import Plan
from app.plans.queries import listed_joint_items, own_plan, parts_of
from app.plans.rules import EntryFields, PlanKind, PlanState
from app.regulation.vocabulary import CheckMethod
from app.security.models import Agency

MOST_NAMED = 5


@dataclass(frozen=True)
class Meant:
    fields: EntryFields | None
    faults: list[Fault]


class Meaning:
    """The plan of a year, a draft that is not stored yet where there is none, with what its entries may name."""

    def __init__(self, unit: Unit, agency: Agency, year: int) -> None:
        session = self._session = unit.session
        kind = PlanKind.JOINT if agency.is_office else PlanKind.AGENCY
        self.stored = own_plan(session, agency.id, kind.value, year)
        self.plan = self.stored or Plan(
            kind=kind.value, year=year, agency=agency, agency_id=agency.id, state=PlanState.DRAFT.value
        )
        self._joint = listed_joint_items(session, self.plan)
        self._parts = {item.id: parts_of(session, item) for item in self._joint}
        own = [] if agency.is_office else published_items(session, year, agency.line_code, agency.region)
        self._own = _by_word((item, (item.code, plain(item.name))) for item in own)
        self._by_word = _by_word((item, self._names(item)) for item in self._joint)
        query = select(Agency).where(Agency.region_id == agency.region_id, Agency.active, ~Agency.is_office)
        self._agencies = {one.line_code: one for one in session.scalars(query)}

    def _names(self, item: JointItem) -> Iterable[str]:
        parts = (part.name for each in self._parts[item.id].values() for part in each)
        return (item.code, *(plain(word) for word in (item.name, item.domain, item.target_scope, *parts)))

    def of(self, row: SheetRow, entry: Entry) -> Meant:
        """The entry as the form would have it, or what cannot be resolved."""
        joint, fault = self._joint_item(row, entry)
        if fault is not None:
            return Meant(None, [fault])
        if joint is None:
            return self._single(row, entry)
        parts = self._parts[joint.id]
        lines = list(dict.fromkeys((*entry.lead.lines, *entry.support.lines)))
        if not entry.support.lines:
            lines = list(dict.fromkeys((*lines, joint.lead_line, *parts)))
        missing = [line for line in lines if line not in self._agencies]
        if missing:
            return Meant(None, [row.fault("lead", "plan_agency_missing", line="、".join(missing))])
        lead = entry.lead.lines[0] if entry.lead.lines else joint.lead_line
        if self.plan.kind == PlanKind.AGENCY and not entry.lead.lines:
            lead = self.plan.agency.line_code
        participants = {
            self._agencies[line].id: tuple(item.id for item in parts.get(line, ())) for line in lines
        }
        start = {
            "kinds": entry.kinds or joint.target_kinds,
            "industries": entry.industries or joint.industries,
            "method": entry.method or joint.method,
        }
        return Meant(self._fields(entry, self._agencies[lead].id, participants, joint.id, start), [])

    def _single(self, row: SheetRow, entry: Entry) -> Meant:
        """An entry of the agency alone: items of its own published list."""
        items: dict[int, Item] = {}
        for field, words in entry.words:
            if field in ("joint_item", "items"):
                for word in words:
                    items |= {i.id: i for i in self._own.get(word) or self._own.get(plain(word), ())}
        alone = {*entry.lead.lines, *entry.support.lines} <= {self.plan.agency.line_code}
        if not items or not alone or self.plan.kind == PlanKind.JOINT:
            field = next((f for f in ("items", "joint_item") if row.cells.get(f)), "items")
            return Meant(None, [row.fault(field, "plan_item_unknown", year=entry.year)])
        start = {
            "kinds": entry.kinds or tuple(dict.fromkeys(k for i in items.values() for k in i.target_kinds)),
            "industries": entry.industries,
            "method": entry.method or CheckMethod.ON_SITE.value,
        }
        participants = {self.plan.agency_id: tuple(sorted(items))}
        return Meant(self._fields(entry, self.plan.agency_id, participants, None, start), [])

    def _joint_item(self, row: SheetRow, entry: Entry) -> tuple[JointItem | None, Fault | None]:
        """The one joint item of the published list that the row names; None when it names none."""
        for field, words in entry.words:
            found = {
                item.id: item
                for word in words
                for item in self._by_word.get(word) or self._by_word.get(plain(word), ())
            }
            meant = [item for item in found.values() if self._fits(item, entry)] or list(found.values())
            if len(meant) == 1:
                return meant[0], None
            if meant and field != "object":
                named = "、".join(f"{item.code} {item.name}" for item in meant[:MOST_NAMED])
                return None, row.fault(field, "plan_item_ambiguous", found=named)
        return None, None

    def _fits(self, item: JointItem, entry: Entry) -> bool:
        """Whether everybody that the row names has an item in the joint one."""
        return {*entry.lead.lines, *entry.support.lines} <= set(self._parts[item.id])

    def _fields(
        self,
        entry: Entry,
        initiator_id: int,
        participants: Mapping[int, tuple[int, ...]],
        joint_item_id: int | None,
        start: Mapping[str, Any],
    ) -> EntryFields:
        return EntryFields(
            name=entry.name,
            initiator_id=initiator_id,
            participants=participants,
            rule={
                "kinds": list(start["kinds"]),
                "industries": list(start["industries"]),
                "regions": [self.plan.agency.region.code],
                "status": ["active"],
            },
            selection=dict(entry.selection),
            month_from=entry.months[0],
            month_to=entry.months[1],
            method=start["method"],
            joint_item_id=joint_item_id,
            note=entry.note,
        )


def _by_word(pairs: Iterable[tuple[Any, Iterable[str]]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for item, words in pairs:
        for word in dict.fromkeys(words):
            if word:
                found.setdefault(word, []).append(item)
    return found
