"""What is checked of an entry whenever it is written, and once more when its plan is reported or
submitted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.db import Unit
from app.directories.libraries.queries import unknown_words
from app.directories.libraries.rules import SelectionRule
from app.directories.outside.queries import items_outside
from app.directories.targets.models import TargetKind
from app.item_lists.models import Item, ItemList, JointItem
from app.item_lists.queries import joint_item, level_of
from app.item_lists.rules import may_draw, may_use
from app.kernel.errors import Fault, Invalid, NotFound, Refused
from app.plans.models import Plan, PlanEntry
from app.plans.queries import estimate
from app.plans.rules import (
    EntryFields,
    Expected,
    ItemFacts,
    PlanKind,
    entry_faults,
    participants_allowed,
    read_selection,
    takes_from_library,
)
from app.regulation.vocabulary import ItemCategory
from app.security.models import Agency, Region


@dataclass(frozen=True)
class Checked:
    """What the checks found out on their way."""

    category: str
    drawn: Expected
    items: Mapping[int, Item]


def fields_of(entry: PlanEntry) -> EntryFields:
    """An entry's row as the value that rules read."""
    participants: dict[int, tuple[int, ...]] = {}
    for part in sorted(entry.participants, key=lambda p: (p.agency_id, p.item_id)):
        participants[part.agency_id] = (*participants.get(part.agency_id, ()), part.item_id)
    return EntryFields(
        name=entry.name,
        initiator_id=entry.initiator_id,
        participants=participants,
        rule=entry.rule,
        selection=entry.selection,
        month_from=entry.month_from,
        month_to=entry.month_to,
        method=entry.method,
        joint_item_id=entry.joint_item_id,
        note=entry.note,
    )


def check_entry(unit: Unit, plan: Plan, entry: PlanEntry) -> Checked:
    return check_fields(unit, plan, fields_of(entry))


def check_fields(unit: Unit, plan: Plan, fields: EntryFields) -> Checked:
    """Everything that R-2.1, R-9.1, R-19.1 and N-1 ask.

    :raises Invalid: with every faulty field. :raises Refused: by the first rule that does not allow it
    """
    session = unit.session
    faults = [*entry_faults(fields), *_scope_faults(unit, plan, fields)]
    try:
        selection = read_selection(fields.selection)
    except Invalid as error:
        faults.extend(error.faults)
    if faults:
        raise Invalid("invalid", faults)
    agencies = _agencies(unit, plan, fields)
    items = _items(unit, fields)
    joint = joint_item(session, fields.joint_item_id) if fields.joint_item_id else None
    _check_published(plan, joint, items)
    for words in items_outside(session, items).values():
        raise Refused("plan_item_outside", rule="R-3.3", item=words)
    known = {part.item_id for part in joint.parts} if joint else set()
    facts = {
        agency_id: [
            ItemFacts(items[i].name, agencies[agency_id].line_code, items[i].line_code, i in known)
            for i in item_ids
        ]
        for agency_id, item_ids in fields.participants.items()
    }
    names = {agency.id: agency.name for agency in agencies.values()}
    participants_allowed(fields.initiator_id, facts, names, joint is not None).require()
    category, cap = _category(joint, list(items.values()))
    counts, drawn = estimate(session, fields.rule, selection)
    rows, eligible = (sum(count[i] for count in counts.values()) for i in (0, 1))
    takes_from_library(selection, drawn, rows, eligible).require()
    may_draw(category, cap, drawn.total, rows, strata=len(counts)).require()
    return Checked(category, drawn, items)


def _scope_faults(unit: Unit, plan: Plan, fields: EntryFields) -> list[Fault]:
    """Regions lie within the plan's own; kinds are those of the directory."""
    codes = list(fields.rule.get("regions", []))
    own = plan.agency.region.path
    rows = unit.session.execute(select(Region.code, Region.path).where(Region.code.in_(codes)))
    within = {code for code, path in rows if path == own or path.startswith(own + "/")}
    faults = [Fault("regions", "region_outside", value=code) for code in codes if code not in within]
    named = SelectionRule(libraries=tuple(fields.rule.get("libraries", ())))
    faults += named.faults() or unknown_words(unit.session, named)
    kinds = set(unit.session.scalars(select(TargetKind.code)))
    faults += [
        Fault("kinds", "not_a_choice", value=k) for k in fields.rule.get("kinds", []) if k not in kinds
    ]
    return faults


def _agencies(unit: Unit, plan: Plan, fields: EntryFields) -> dict[int, Agency]:
    """The agencies of an entry, all of the plan's region. An agency's own plan holds what it initiates
    itself.
    """
    wanted = {*fields.participants, fields.initiator_id}
    query = select(Agency).where(
        Agency.id.in_(wanted), Agency.region_id == plan.agency.region_id, Agency.active, ~Agency.is_office
    )
    found = {agency.id: agency for agency in unit.session.scalars(query)}
    if set(found) != wanted:
        raise NotFound("not_in_scope", kind="agency")
    if plan.kind == PlanKind.AGENCY and fields.initiator_id != plan.agency_id:
        raise Refused("initiator_is_other_agency", rule="R-19.1")
    return found


def _items(unit: Unit, fields: EntryFields) -> dict[int, Item]:
    wanted = {item_id for item_ids in fields.participants.values() for item_id in item_ids}
    query = select(Item).where(Item.id.in_(wanted)).options(joinedload(Item.item_list))
    found = {item.id: item for item in unit.session.scalars(query)}
    if set(found) != wanted:
        raise NotFound("not_in_scope", kind="item")
    return found


def _check_published(plan: Plan, joint: JointItem | None, items: Mapping[int, Item]) -> None:
    """N-1 for the joint item and every item, and the level that the joint item is meant for."""
    above = plan.agency.region.path.split("/")
    sources: list[tuple[str, ItemList]] = [(item.name, item.item_list) for item in items.values()]
    if joint is not None:
        sources.append((joint.name, joint.item_list))
        if level_of(plan.agency.region) not in joint.levels:
            raise Refused("joint_item_level", rule="R-8.2", item=joint.name)
    for name, item_list in sources:
        may_use(name, item_list.state, item_list.year, plan.year).require()
        if item_list.agency.region.code not in above:
            raise Refused("item_not_published", rule="N-1", item=name, year=plan.year)


def _category(joint: JointItem | None, items: Sequence[Item]) -> tuple[str, int | None]:
    """Category and cap: the joint item's own, otherwise the strictest of its items."""
    if joint is not None:
        return joint.category, joint.ratio_cap
    caps = [item.ratio_cap for item in items if item.category == ItemCategory.GENERAL and item.ratio_cap]
    return (ItemCategory.GENERAL.value, min(caps)) if caps else (ItemCategory.KEY.value, None)
