"""What the page for composing an entry shows: who could take part, what would be drawn, what overlaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.item_lists.models import Item, JointItem
from app.item_lists.queries import published_items
from app.item_lists.rules import may_draw
from app.kernel.decisions import Refusal
from app.kernel.errors import Fault, Invalid
from app.plans.models import Plan
from app.plans.queries import estimate, library_counts, overlap_facts, overlaps, parts_of
from app.plans.rules import (
    EntryFields,
    Expected,
    PlanKind,
    entry_faults,
    read_selection,
    takes_from_library,
    warnings,
)
from app.regulation.vocabulary import ItemCategory
from app.risk.rules import default_ratios
from app.security.models import Agency, Region


@dataclass(frozen=True)
class Party:
    """An agency that could take part, with the items that it would bring."""

    agency: Agency
    items: list[Item]
    is_lead: bool


def parties(session: Session, plan: Plan, joint: JointItem | None) -> list[Party]:
    """The initiator first. Without a joint item: the plan's agency with the items of its own line."""
    region = plan.agency.region
    if joint is None:
        items = published_items(session, plan.year, plan.agency.line_code, region)
        return [Party(plan.agency, items, True)] if items else []
    by_line = parts_of(session, joint)
    query = select(Agency).where(
        Agency.region_id == region.id, Agency.line_code.in_(by_line), Agency.active, ~Agency.is_office
    )
    lead = plan.agency.line_code if plan.kind == PlanKind.AGENCY else joint.lead_line
    found = [Party(a, by_line[a.line_code], a.line_code == lead) for a in session.scalars(query)]
    return sorted(found, key=lambda party: (not party.is_lead, party.agency.code))


def regions_for(session: Session, plan: Plan) -> dict[str, str]:
    """The plan's region and everything below it: code -> name."""
    path = plan.agency.region.path
    query = select(Region.code, Region.name).where(
        or_(Region.path == path, Region.path.startswith(path + "/"))
    )
    return dict(session.execute(query.order_by(Region.path)).all())


def default_entry(session: Session, plan: Plan, joint: JointItem | None) -> dict[str, Any]:
    """What a new entry starts from: the joint item's scope in the plan's region, ratios that keep to its
    cap.
    """
    kinds = list(joint.target_kinds) if joint else []
    rule = {
        "kinds": kinds,
        "industries": list(joint.industries) if joint else [],
        "regions": [plan.agency.region.code],
        "status": ["active"],
    }
    rows = {code: count[0] for code, count in library_counts(session, rule).items()} if kinds else None
    category = ItemCategory(joint.category) if joint else ItemCategory.GENERAL
    ratios = default_ratios(category, joint.ratio_cap if joint else None, rows)
    return {
        "name": joint.name if joint else "",
        "kinds": kinds,
        "industries": " ".join(rule["industries"]),
        "regions": rule["regions"],
        "method": joint.method if joint else "on_site",
        "month_from": 1,
        "month_to": 12,
        **{f"ratio_{code}": ratio for code, ratio in ratios.items()},
    }


@dataclass(frozen=True)
class Estimate:
    """`counts` per class: rows, eligible; `refusals` are decisions, `faults` what cannot be counted yet."""

    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    drawn: Expected | None = None
    rows: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    overlaps: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


_SCOPE = frozenset({"kinds", "regions", "industries", "month_from", "month_to", "selection"})


def estimate_entry(
    session: Session, plan: Plan, fields: EntryFields, joint: JointItem | None, own_entry_id: int = 0
) -> Estimate:
    """The number that would be drawn, and what the rules will say; nothing is stored."""
    faults = [fault for fault in entry_faults(fields) if fault.field in _SCOPE]
    try:
        selection = read_selection(fields.selection)
        if faults:
            return Estimate(faults=faults)
        counts, drawn = estimate(session, fields.rule, selection)
    except Invalid as error:
        return Estimate(faults=[*faults, *error.faults])
    rows, eligible = (sum(count[i] for count in counts.values()) for i in (0, 1))
    category, cap = (joint.category, joint.ratio_cap) if joint else (ItemCategory.KEY.value, None)
    decisions = (
        takes_from_library(selection, drawn, rows, eligible),
        may_draw(category, cap, drawn.total, rows, strata=len(counts)),
    )
    mine = overlap_facts(session, fields.rule, (fields.month_from, fields.month_to), fields.initiator_id)
    agencies = sum(1 for items in fields.participants.values() if items)
    return Estimate(
        counts=counts,
        drawn=drawn,
        rows=rows,
        refusals=[decision for decision in decisions if isinstance(decision, Refusal)],
        warnings=warnings(agencies, selection, drawn, eligible),
        overlaps=overlaps(session, plan.year, plan.agency.region_id, mine, own_entry_id=own_entry_id),
    )
