"""Entries of a plan that is a draft or was returned; and what tasks tell of published ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.audit.services import record
from app.db import Unit
from app.item_lists.models import Item
from app.kernel.errors import NotFound, Refused, Stale
from app.plans.models import Plan, PlanEntry, PlanEntryItem
from app.plans.queries import get_entry
from app.plans.rules import EntryFields, EntryState, PlanState, may_edit, read_selection
from app.plans.services.agency import check_editor, locked_plan
from app.plans.services.checks import Checked, check_fields, fields_of
from app.security.rules import RoleName, may_act

_ORDER = {EntryState.PUBLISHED: 0, EntryState.IN_PROGRESS: 1, EntryState.DONE: 2}


def add_entry(unit: Unit, plan_id: int, fields: EntryFields) -> PlanEntry:
    """A complete entry. :raises Invalid: every faulty field. :raises Refused: R-2.1, R-9.1, R-19.1, N-1"""
    plan = locked_plan(unit, plan_id)
    check_editor(unit, plan)
    may_edit(plan.state).require()
    checked = check_fields(unit, plan, fields)
    entry = PlanEntry(plan=plan, plan_id=plan.id, no=next_no(unit, plan))
    with unit.session.no_autoflush:
        write(entry, fields, checked)
    unit.session.add(entry)
    unit.session.flush()
    record(
        unit, "plan.entry_added", f"plan_entry:{entry.id}", {"plan": plan.id, "no": entry.no}, plan.agency_id
    )
    return entry


def change_entry(unit: Unit, entry_id: int, fields: EntryFields, version: int) -> PlanEntry:
    """:raises Stale: with the differences, when somebody changed it since `version`"""
    entry = get_entry(unit.session, entry_id)
    plan = locked_plan(unit, entry.plan_id)
    check_editor(unit, plan)
    may_edit(plan.state).require()
    now = fields_of(entry)
    changed = [name for name in vars(now) if getattr(now, name) != getattr(fields, name)]
    if entry.version != version:
        raise Stale("stale", changes=_differences(unit, now, fields, changed))
    checked = check_fields(unit, plan, fields)
    with unit.session.no_autoflush:
        write(entry, fields, checked)
    unit.session.flush()
    record(
        unit,
        "plan.entry_changed",
        f"plan_entry:{entry.id}",
        {"plan": plan.id, "fields": changed},
        plan.agency_id,
    )
    return entry


def remove_entry(unit: Unit, entry_id: int) -> int:
    """The id of the plan that it stood in."""
    entry = get_entry(unit.session, entry_id)
    plan = locked_plan(unit, entry.plan_id)
    check_editor(unit, plan)
    may_edit(plan.state).require()
    try:
        with unit.session.begin_nested():
            unit.session.delete(entry)
    except IntegrityError:
        raise Refused("plan_entry_has_task", no=entry.no) from None
    record(
        unit,
        "plan.entry_removed",
        f"plan_entry:{entry_id}",
        {"plan": plan.id, "no": entry.no},
        plan.agency_id,
    )
    return plan.id


def note_progress(unit: Unit, entry_id: int, state: str) -> PlanEntry:
    """What the tasks of a published entry tell: in progress, done. Going back is allowed when a task is
    cancelled.

    By the initiator's clerk, or by the system.
    """
    query = select(PlanEntry).where(PlanEntry.id == entry_id).with_for_update(of=PlanEntry)
    entry = unit.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if entry is None or entry.plan is None:
        raise NotFound("not_in_scope", kind="plan_entry")
    if "system" not in unit.actor.roles:
        wanted = frozenset({RoleName.CLERK, RoleName.AGENCY_ADMIN})
        may_act(unit.actor.roles, unit.actor.agency_id, wanted, entry.initiator_id).require()
    if entry.plan.state != PlanState.PUBLISHED or state not in _ORDER:
        raise Refused("entry_not_published", rule="N-1")
    if entry.state != state:
        entry.state = EntryState(state).value
        record(unit, "plan.entry_progress", f"plan_entry:{entry.id}", {"state": state}, entry.plan.agency_id)
    return entry


def next_no(unit: Unit, plan: Plan) -> int:
    query = select(func.coalesce(func.max(PlanEntry.no), 0)).where(PlanEntry.plan_id == plan.id)
    return int(unit.session.scalar(query) or 0) + 1


def write(entry: PlanEntry, fields: EntryFields, checked: Checked) -> None:
    """Put checked fields into the row; parts that stay keep their rows."""
    entry.name, entry.note = fields.name.strip(), fields.note.strip()
    entry.joint_item_id, entry.initiator_id = fields.joint_item_id, fields.initiator_id
    entry.category, entry.method = checked.category, fields.method
    entry.rule, entry.selection = dict(fields.rule), read_selection(fields.selection).as_data()
    entry.month_from, entry.month_to = fields.month_from, fields.month_to
    entry.planned_number = checked.drawn.total
    kept = {(part.agency_id, part.item_id): part for part in entry.participants}
    entry.participants = [
        kept.get((agency_id, item_id)) or PlanEntryItem(agency_id=agency_id, item_id=item_id)
        for agency_id, item_ids in fields.participants.items()
        for item_id in item_ids
    ]


def _differences(unit: Unit, now: EntryFields, sent: EntryFields, changed: list[str]) -> list[dict[str, str]]:
    return [
        {
            "field": name,
            "theirs": _shown(unit, getattr(now, name)),
            "yours": _shown(unit, getattr(sent, name)),
        }
        for name in changed
    ]


def _shown(unit: Unit, value: Any) -> str:
    """A field's value in words: items by their names, the rest as it is."""
    if isinstance(value, Mapping) and value and all(isinstance(v, tuple) for v in value.values()):
        ids = [item_id for item_ids in value.values() for item_id in item_ids]
        names = unit.session.scalars(select(Item.name).where(Item.id.in_(ids)).order_by(Item.code))
        return "、".join(names)
    return str(value)
