"""A published plan with its entries (R-19.1), and the tasks that were cancelled with their reasons.

The ratios stand there as a span over all classes: which class has which is an internal reference.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.directories.libraries.models import Library
from app.directories.libraries.rules import SelectionRule
from app.directories.targets.models import Industry, TargetKind
from app.kernel.errors import NotFound, Refused
from app.plans.models import Plan, PlanEntry, PlanEntryItem
from app.plans.rules import PlanState, read_selection
from app.publicity.snapshots.shape import Snapshot
from app.security.models import Agency, Region
from app.tasks.models import Task
from app.tasks.rules import TaskState

MOST_ENTRIES = 1000
MOST_CANCELLED = 500


def snapshot_plan(session: Session, plan_id: int) -> Snapshot:
    """:raises Refused: when the plan is not published"""
    query = select(Plan).where(Plan.id == plan_id).options(joinedload(Plan.agency).joinedload(Agency.region))
    plan = session.scalars(query).one_or_none()
    if plan is None:
        raise NotFound("not_in_scope", kind="plan")
    if plan.state != PlanState.PUBLISHED:
        raise Refused("subject_not_published")
    words = _words(session)
    return Snapshot(
        title=plan.name,
        agency_name=plan.agency.name,
        region_code=plan.agency.region.code,
        year=plan.year,
        payload={
            "plan_kind": plan.kind,
            "coverage_reason": plan.coverage_override,
            "rows": [_entry(entry, words) for entry in _entries(session, plan_id)],
            "cancelled": _cancelled(session, plan_id),
        },
    )


def _entries(session: Session, plan_id: int) -> list[PlanEntry]:
    query = (
        select(PlanEntry)
        .where(PlanEntry.plan_id == plan_id)
        .options(
            joinedload(PlanEntry.initiator),
            joinedload(PlanEntry.joint_item),
            selectinload(PlanEntry.participants).joinedload(PlanEntryItem.agency),
            selectinload(PlanEntry.participants).joinedload(PlanEntryItem.item),
        )
        .order_by(PlanEntry.no)
        .limit(MOST_ENTRIES)
    )
    return list(session.scalars(query))


def _entry(entry: PlanEntry, words: dict[str, dict[str, str]]) -> dict[str, Any]:
    parts = sorted(
        entry.participants, key=lambda p: (p.agency_id != entry.initiator_id, p.agency.code, p.item.code)
    )
    return {
        "no": entry.no,
        "name": entry.name,
        "item": entry.joint_item.name if entry.joint_item else "",
        "initiator": entry.initiator.name,
        "parts": [{"agency": part.agency.name, "item": part.item.name} for part in parts],
        "category": entry.category,
        "method": entry.method,
        "scope": scope_in_words(entry.rule, words),
        "ratio": ratio_span(entry.selection),
        "number": _number(entry),
        "month_from": entry.month_from,
        "month_to": entry.month_to,
    }


def _number(entry: PlanEntry) -> int | None:
    if entry.planned_number is not None:
        return entry.planned_number
    selection = read_selection(entry.selection)
    return selection.number if selection.kind == "total" else None


def ratio_span(data: dict[str, Any]) -> str:
    """`2.5%`, or `1%–20%` where the classes differ; empty for a draw by number."""
    selection = read_selection(data)
    shares = sorted({ratio.num / ratio.den for ratio in selection.ratios.values()})
    if not shares:
        return ""
    ends = dict.fromkeys((shares[0], shares[-1]))
    return "–".join(f"{share * 100:.4g}%" for share in ends)


def scope_in_words(rule: dict[str, Any], words: dict[str, dict[str, str]]) -> str:
    """Kinds, industries, regions, specialties and libraries of the targets; never their classes."""
    wanted = SelectionRule.from_json(rule)
    parts = [
        [words["kinds"].get(code, code) for code in wanted.kinds],
        [words["industries"].get(code, code) for code in wanted.industries],
        [words["regions"].get(code, code) for code in wanted.regions],
        list(wanted.tags),
        [words["libraries"].get(number, number) for number in wanted.libraries],
    ]
    return "；".join("、".join(part) for part in parts if part)


def _words(session: Session) -> dict[str, dict[str, str]]:
    pairs = {
        "kinds": select(TargetKind.code, TargetKind.name),
        "industries": select(Industry.code, Industry.name),
        "regions": select(Region.code, Region.name),
        "libraries": select(cast(Library.id, String), Library.name),
    }
    return {word: dict(session.execute(query).all()) for word, query in pairs.items()}


def _cancelled(session: Session, plan_id: int) -> list[dict[str, Any]]:
    """Cancelled after their push: what nobody outside the initiator has seen is not withdrawn in public."""
    query = (
        select(Task)
        .join(PlanEntry, PlanEntry.id == Task.entry_id)
        .where(PlanEntry.plan_id == plan_id, Task.state == TaskState.CANCELLED, Task.pushed_at.is_not(None))
        .options(joinedload(Task.initiator))
        .order_by(Task.id)
        .limit(MOST_CANCELLED)
    )
    return [
        {"task_no": t.no, "task_name": t.name, "initiator": t.initiator.name, "reason": t.cancel_reason}
        for t in session.scalars(query)
    ]
