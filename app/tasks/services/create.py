"""A task and its scheme, from an entry of the published joint plan (R-22.1, R-2.1, N-1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from app.audit.services import record
from app.db import Unit
from app.item_lists.models import Item
from app.item_lists.rules import is_published
from app.kernel.clock import today
from app.kernel.decisions import Decision
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.plans.models import PlanEntry, PlanEntryItem
from app.plans.rules import EntryState, PlanKind, PlanState
from app.security.rules import may_act
from app.security.scoping import unscoped
from app.tasks.models import Participant, Task, TaskCounter, TaskItem
from app.tasks.queries import open_task_of_entry
from app.tasks.rules import (
    Scheme,
    TaskState,
    Window,
    are_published,
    is_joint,
    may_move,
    plan_window,
    scheme_faults,
    task_number,
)
from app.tasks.services.life import CLERKS, lock_task, only_initiator

_FIELDS = ("content", "period_from", "period_to", "method", "announced", "announced_reason")


def create_task(
    unit: Unit,
    entry_id: int,
    *,
    content: str,
    period_from: date | None,
    period_to: date | None,
    method: str,
    announced: bool,
    announced_reason: str,
    withhold: Iterable[int] = (),
) -> Task:
    """A draft with number and scheme; agencies and items come from the entry.

    :param withhold: ids of items of the entry that this task leaves out
    :raises NotFound: when the entry is not there
    :raises Refused: entry not published, another agency's, with an open task; R-2.1, N-1
    :raises Invalid: with all faults of the scheme
    """
    entry = unit.session.get(PlanEntry, entry_id, with_for_update=True, populate_existing=True)
    if entry is None:
        raise NotFound("not_in_scope", kind="plan_entry")
    may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, entry.initiator_id).require()
    _require_running(entry)
    scheme = _clean(Scheme(content, period_from, period_to, method, announced, announced_reason))
    _require_whole(scheme, window_of(unit, entry))
    again = open_task_of_entry(unit.session, entry.id)
    if again is not None:
        if _is_same(again, scheme) and again.created_by == unit.actor.code:
            return again
        raise Refused("entry_has_open_task", no=again.no)
    rows = _entry_items(unit, entry, frozenset(withhold))
    year = entry.plan.year
    items = {
        agency: [row for row in rows if row.agency_id == agency] for agency in {r.agency_id for r in rows}
    }
    is_joint(entry.initiator_id, {agency: len(own) for agency, own in items.items()}).require()
    items_in_force([row.item for row in rows], year).require()
    region = entry.plan.agency.region
    task = Task(
        no=task_number(region.code, year, _next_number(unit, region.id, year)),
        name=entry.name,
        entry_id=entry.id,
        initiator_id=entry.initiator_id,
        region_id=region.id,
        state=TaskState.DRAFT.value,
        rule=entry.rule,
        selection=entry.selection,
        category=entry.category,
        created_by=unit.actor.code,
        created_at=unit.clock.now(),
        participants=[Participant(agency_id=a) for a in sorted(items) if a != entry.initiator_id],
        items=[TaskItem(agency_id=row.agency_id, item_id=row.item_id) for row in rows],
        **_values(scheme),
    )
    unit.session.add(task)
    unit.session.flush()
    agencies = sorted(row.agency.code for row in rows)
    data = {"no": task.no, "entry": entry.id, "agencies": sorted(set(agencies)), "method": task.method}
    record(unit, "task.created", f"task:{task.id}", data, task.initiator_id)
    return task


def change_scheme(unit: Unit, task_id: int, *, version: int, scheme: Scheme) -> Task:
    """Another scheme for a draft.

    :param version: the version that the person saw
    :raises Stale: when somebody changed it meanwhile; `changes` name field, theirs and yours
    """
    task = lock_task(unit.session, task_id)
    only_initiator(unit, task)
    may_move(task.state, "push").require()
    scheme = _clean(scheme)
    changes = [
        {"field": name, "theirs": str(getattr(task, name)), "yours": str(getattr(scheme, name))}
        for name in _FIELDS
        if getattr(task, name) != getattr(scheme, name)
    ]
    if not changes:
        return task
    if version != task.version:
        raise Stale("stale", changes=changes)
    _require_whole(scheme, window_of(unit, task.entry))
    for name, value in _values(scheme).items():
        setattr(task, name, value)
    data = {"no": task.no, "fields": [change["field"] for change in changes]}
    record(unit, "task.scheme_changed", f"task:{task.id}", data, task.initiator_id)
    unit.session.flush()
    return task


def scheme_of(task: Task) -> Scheme:
    return Scheme(**{name: getattr(task, name) for name in _FIELDS})


def window_of(unit: Unit, entry: PlanEntry) -> Window:
    """The months of the entry within the plan's year."""
    return plan_window(entry.plan.year, entry.month_from, entry.month_to, today(unit.clock))


def items_in_force(items: Iterable[Item], year: int) -> Decision:
    return are_published(
        [(i.name, is_published(i.item_list.state, i.item_list.year, year)) for i in items], year
    )


def load_items(unit: Unit, ids: Iterable[int]) -> list[Item]:
    """With their lists, whether or not these are still published: the rule answers, not the scope."""
    query = select(Item).where(Item.id.in_(list(ids))).options(joinedload(Item.item_list))
    with unscoped(unit.session, "items of a scheme, for the check that they are published"):
        return list(unit.session.scalars(query.execution_options(populate_existing=True)))


def _require_running(entry: PlanEntry) -> None:
    plan = entry.plan
    if plan is None or plan.kind != PlanKind.JOINT or plan.state != PlanState.PUBLISHED:
        raise Refused("entry_not_published")
    if entry.state == EntryState.DRAFT:
        raise Refused("entry_not_published")


def _require_whole(scheme: Scheme, window: Window) -> None:
    faults = scheme_faults(scheme, window)
    if faults:
        raise Invalid("invalid", faults)


def _entry_items(unit: Unit, entry: PlanEntry, withheld: frozenset[int]) -> list[PlanEntryItem]:
    query = (
        select(PlanEntryItem)
        .where(PlanEntryItem.entry_id == entry.id, PlanEntryItem.item_id.not_in(withheld))
        .options(joinedload(PlanEntryItem.item).joinedload(Item.item_list), joinedload(PlanEntryItem.agency))
        .order_by(PlanEntryItem.agency_id, PlanEntryItem.item_id)
    )
    with unscoped(unit.session, "items of a published entry, for the check that they are published"):
        return list(unit.session.scalars(query.execution_options(populate_existing=True)))


def _next_number(unit: Unit, region_id: int, year: int) -> int:
    """The counter's row stays locked until the task is stored: no gap, no number twice."""
    table = TaskCounter.__table__
    statement = insert(table).values(region_id=region_id, year=year, last=1)
    statement = statement.on_conflict_do_update(
        index_elements=[table.c.region_id, table.c.year], set_={"last": table.c.last + 1}
    )
    return int(unit.session.execute(statement.returning(table.c.last)).scalar_one())


def _clean(scheme: Scheme) -> Scheme:
    reason = scheme.announced_reason.strip() if scheme.announced else ""
    return Scheme(
        scheme.content.strip(), scheme.period_from, scheme.period_to, scheme.method, scheme.announced, reason
    )


def _values(scheme: Scheme) -> dict[str, Any]:
    return {name: getattr(scheme, name) for name in _FIELDS}


def _is_same(task: Task, scheme: Scheme) -> bool:
    return task.state == TaskState.DRAFT and scheme_of(task) == scheme
