"""Reads of plans. The session's scope narrows every one: published plans, and those of agencies within
reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.directories.libraries.queries import count_by_class
from app.directories.libraries.rules import SelectionRule
from app.item_lists.models import Item, JointItem, JointItemPart
from app.item_lists.queries import level_of, published_joint_items
from app.kernel.errors import NotFound
from app.plans.models import Plan, PlanEntry, PlanEntryItem, PlanReopening
from app.plans.rules import (
    Coverage,
    EntryState,
    Expected,
    OverlapFacts,
    PlanKind,
    PlanState,
    ReopeningState,
    Selection,
    coverage,
    expected,
    overlap,
    read_selection,
)
from app.security.models import Agency, Region
from app.security.scoping import unscoped

MOST_ENTRIES = 500
MOST_COMPARED = 200
PAGE = 50
RUNNING = (EntryState.PUBLISHED.value, EntryState.IN_PROGRESS.value, EntryState.DONE.value)


def get_plan(session: Session, plan_id: int) -> Plan:
    """With agency and region. :raises NotFound: when it is not there or not within reach"""
    query = select(Plan).where(Plan.id == plan_id).options(joinedload(Plan.agency).joinedload(Agency.region))
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("not_in_scope", kind="plan")
    return found


def own_plan(session: Session, agency_id: int, kind: str, year: int) -> Plan | None:
    query = select(Plan).where(Plan.agency_id == agency_id, Plan.kind == kind, Plan.year == year)
    return session.scalars(query).one_or_none()


def plans(
    session: Session,
    *,
    year: int | None = None,
    kind: str | None = None,
    state: str | None = None,
    text: str = "",
    before: int | None = None,
    limit: int = PAGE,
) -> list[Plan]:
    """Plans, newest first; `before` is the id of the last row of the page before. One row more than
    `limit`.
    """
    query = select(Plan).options(joinedload(Plan.agency)).order_by(Plan.id.desc()).limit(limit + 1)
    for column, value in ((Plan.year, year), (Plan.kind, kind), (Plan.state, state)):
        if value:
            query = query.where(column == value)
    if text:
        query = query.where(Plan.name.contains(text, autoescape=True))
    if before:
        query = query.where(Plan.id < before)
    return list(session.scalars(query))


def entry_counts(session: Session, plan_ids: Iterable[int]) -> dict[int, int]:
    query = select(PlanEntry.plan_id, func.count()).where(PlanEntry.plan_id.in_(list(plan_ids)))
    return dict(session.execute(query.group_by(PlanEntry.plan_id)).all())


_WHOLE = (
    joinedload(PlanEntry.initiator),
    joinedload(PlanEntry.joint_item),
    selectinload(PlanEntry.participants).joinedload(PlanEntryItem.agency),
    selectinload(PlanEntry.participants).joinedload(PlanEntryItem.item),
)


def entries_of(session: Session, plan_id: int, *, after: int = 0, limit: int = PAGE) -> list[PlanEntry]:
    """Entries by number, with initiator, joint item, participants and items. One row more than `limit`."""
    query = (
        select(PlanEntry)
        .where(PlanEntry.plan_id == plan_id, PlanEntry.no > after)
        .options(*_WHOLE)
        .order_by(PlanEntry.no)
        .limit(limit + 1)
    )
    return list(session.scalars(query))


def get_entry(session: Session, entry_id: int) -> PlanEntry:
    """With plan, initiator, joint item, participants and items. :raises NotFound:"""
    whole = joinedload(PlanEntry.plan).joinedload(Plan.agency).joinedload(Agency.region)
    query = select(PlanEntry).where(PlanEntry.id == entry_id).options(*_WHOLE, whole)
    found = session.scalars(query).one_or_none()
    if found is None or found.plan is None:
        raise NotFound("not_in_scope", kind="plan_entry")
    return found


def published_entries_for(session: Session, agency_id: int, year: int) -> list[PlanEntry]:
    """Published joint entries that the agency initiates: what its tasks are made from, one after the other."""
    query = (
        select(PlanEntry)
        .join(PlanEntry.plan)
        .where(
            Plan.kind == PlanKind.JOINT,
            Plan.state == PlanState.PUBLISHED,
            Plan.year == year,
            PlanEntry.initiator_id == agency_id,
            PlanEntry.state.in_(RUNNING),
        )
        .options(*_WHOLE)
        .order_by(PlanEntry.month_from, PlanEntry.id)
        .limit(MOST_ENTRIES)
    )
    return list(session.scalars(query))


def library_counts(session: Session, rule: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Rows and eligible rows of each class that a rule selects."""
    counted = count_by_class(session, SelectionRule.from_json(rule))
    return {code: (count.rows, count.eligible) for code, count in counted.items() if count.rows}


def estimate(
    session: Session, rule: Mapping[str, Any], selection: Selection
) -> tuple[dict[str, tuple[int, int]], Expected]:
    """Counts of the library and what a draw from it would give."""
    counts = library_counts(session, rule)
    return counts, expected(selection, counts)


def expected_draw(session: Session, entry: PlanEntry) -> dict[str, Any]:
    """`{"classes": {class: drawn}, "total": n}` from the library as it is now."""
    _, drawn = estimate(session, entry.rule, read_selection(entry.selection))
    return {"classes": drawn.classes, "total": drawn.total}


def listed_joint_items(session: Session, plan: Plan) -> list[JointItem]:
    """The published joint items of the plan's year that hold on its level and in its region."""
    region = plan.agency.region
    return published_joint_items(session, plan.year, level_of(region), region)


def coverage_of(session: Session, plan: Plan) -> Coverage:
    """Distinct joint items of the plan's entries over the published ones (R-18.3)."""
    planned = session.scalars(
        select(PlanEntry.joint_item_id)
        .where(PlanEntry.plan_id == plan.id, PlanEntry.joint_item_id.is_not(None))
        .distinct()
    )
    return coverage([i for i in planned if i], [item.id for item in listed_joint_items(session, plan)])


def candidates(session: Session, plan: Plan) -> list[PlanEntry]:
    """Joint entries that agencies of the office's region have reported for the year."""
    query = (
        select(PlanEntry)
        .join(PlanEntry.plan)
        .join(Agency, Agency.id == Plan.agency_id)
        .where(
            Plan.kind == PlanKind.AGENCY,
            Plan.state.in_((PlanState.REPORTED, PlanState.PUBLISHED)),
            Plan.year == plan.year,
            Agency.region_id == plan.agency.region_id,
            PlanEntry.joint_item_id.is_not(None),
        )
        .options(*_WHOLE, joinedload(PlanEntry.plan).joinedload(Plan.agency))
        .order_by(PlanEntry.joint_item_id, PlanEntry.id)
        .limit(MOST_ENTRIES)
    )
    return list(session.scalars(query))


def taken(session: Session, plan_id: int) -> dict[int, int]:
    """Entries of agencies that stand in a joint plan already: source -> copy."""
    query = select(PlanEntry.source_entry_id, PlanEntry.id).where(
        PlanEntry.plan_id == plan_id, PlanEntry.source_entry_id.is_not(None)
    )
    return dict(session.execute(query).all())


def parts_of(session: Session, joint_item: JointItem) -> dict[str, list[Item]]:
    """The items of a joint item by line."""
    query = (
        select(Item)
        .join(JointItemPart, JointItemPart.item_id == Item.id)
        .where(JointItemPart.joint_item_id == joint_item.id)
        .order_by(Item.code)
    )
    by_line: dict[str, list[Item]] = {}
    for item in session.scalars(query):
        by_line.setdefault(item.line_code, []).append(item)
    return by_line


def overlap_facts(
    session: Session, rule: Mapping[str, Any], months: tuple[int, int], initiator_id: int
) -> OverlapFacts:
    """An entry's scope with the paths of its regions. One query."""
    paths = session.scalars(select(Region.path).where(Region.code.in_(rule.get("regions", []))))
    return OverlapFacts(
        kinds=frozenset(rule.get("kinds", [])),
        industries=frozenset(rule.get("industries", [])),
        regions=frozenset(paths),
        months=months,
        initiator_id=initiator_id,
    )


def overlaps(
    session: Session, year: int, region_id: int, mine: OverlapFacts, *, own_entry_id: int = 0
) -> list[dict[str, Any]]:
    """Reported and published entries of other agencies of the region that could meet the same targets
    (R-3.1).

    Looks past the scope: a joint meeting's members see of each other's reported plans the agency, the title
    and the months, nothing else, so that they can merge. Three queries.
    """
    query = (
        select(PlanEntry)
        .join(PlanEntry.plan)
        .join(Agency, Agency.id == Plan.agency_id)
        .where(
            Plan.kind == PlanKind.AGENCY,
            Plan.year == year,
            Plan.state.in_((PlanState.REPORTED, PlanState.PUBLISHED)),
            Agency.region_id == region_id,
            PlanEntry.initiator_id != mine.initiator_id,
            PlanEntry.id != own_entry_id,
        )
        .options(joinedload(PlanEntry.initiator))
        .order_by(PlanEntry.id)
        .limit(MOST_ENTRIES)
    )
    with unscoped(session, "overlaps of plans in one joint meeting"):
        others = list(session.scalars(query))
    codes = {code for entry in others for code in entry.rule.get("regions", [])}
    paths = dict(session.execute(select(Region.code, Region.path).where(Region.code.in_(codes))).all())
    found = []
    for entry in others:
        months = overlap(mine, _facts(entry, paths))
        if months is not None:
            found.append({"id": entry.id, "name": entry.name, "agency": entry.initiator, "months": months})
    return found


def overlaps_among(session: Session, entries: Sequence[PlanEntry]) -> dict[int, list[str]]:
    """For each entry the names of the agencies whose entries could meet the same targets (R-3.1). One
    query.
    """
    if len(entries) > MOST_COMPARED:
        return {}
    codes = {code for entry in entries for code in entry.rule.get("regions", [])}
    paths = dict(session.execute(select(Region.code, Region.path).where(Region.code.in_(codes))).all())
    facts = {entry.id: _facts(entry, paths) for entry in entries}
    met: dict[int, list[str]] = {}
    for mine in entries:
        names = {o.initiator.name for o in entries if overlap(facts[mine.id], facts[o.id]) is not None}
        if names:
            met[mine.id] = sorted(names)
    return met


def _facts(entry: PlanEntry, paths: Mapping[str, str]) -> OverlapFacts:
    return OverlapFacts(
        kinds=frozenset(entry.rule.get("kinds", [])),
        industries=frozenset(entry.rule.get("industries", [])),
        regions=frozenset(paths[c] for c in entry.rule.get("regions", []) if c in paths),
        months=(entry.month_from, entry.month_to),
        initiator_id=entry.initiator_id,
    )


def open_reopening(session: Session, plan_id: int) -> PlanReopening | None:
    """The request to change a frozen plan that nobody has decided yet."""
    query = select(PlanReopening).where(
        PlanReopening.plan_id == plan_id, PlanReopening.state == ReopeningState.ASKED.value
    )
    return session.scalars(query.execution_options(populate_existing=True)).first()


def begun_entries(session: Session, plan_id: int) -> int:
    """Entries of a plan that tasks have begun or done."""
    entry = PlanEntry.__table__.c
    query = select(func.count()).where(
        entry.plan_id == plan_id, entry.state.in_([EntryState.IN_PROGRESS.value, EntryState.DONE.value])
    )
    return session.scalar(query) or 0


def reopenings_asked(session: Session, limit: int) -> list[PlanReopening]:
    """Requests within reach, the oldest first, with plan, agency and region."""
    query = (
        select(PlanReopening)
        .where(PlanReopening.state == ReopeningState.ASKED.value)
        .options(joinedload(PlanReopening.plan).joinedload(Plan.agency).joinedload(Agency.region))
        .order_by(PlanReopening.id)
        .limit(limit)
    )
    return list(session.scalars(query))
