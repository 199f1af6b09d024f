"""The journey's first part: agency plan, joint plan, task, responses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from app.db import Unit
from app.item_lists.models import ItemList, JointItem
from app.item_lists.rules import ListState
from app.kernel.clock import today
from app.kernel.errors import Refused
from app.plans.models import Plan, PlanEntry
from app.plans.queries import candidates, own_plan, parts_of
from app.plans.rules import EntryFields, PlanKind, PlanState
from app.plans.seeding import entry_rule
from app.plans.services import (
    add_entry,
    approve_joint,
    open_plan,
    publish_joint,
    report_plan,
    submit_joint,
    take_into_joint,
)
from app.security.queries import agency_by_code
from app.tasks.models import Task
from app.tasks.queries import open_task_of_entry
from app.tasks.services import accept, create_task, push_task
from app.web.demo.actors import acting_as, looking
from seeds.demo.plans import PlanEntryRow, hotel_entry

CITY_OFFICE = "OFFICE-640100"
POLICE = "POLICE-640100"
CAST = {POLICE: "police", "AMR-640100": "amr", "HEALTH-640100": "health"}


@dataclass(frozen=True)
class PublishedEntry:
    """What the journey keeps of a plan entry between its units of work. `agencies`: codes, the initiator first."""

    id: int
    plan_no: str
    month_to: int
    agencies: tuple[str, ...]


def account(agency_code: str, post: str) -> str:
    """The demo account of a post (`clerk`, `reviewer`) at an agency of the cast."""
    return f"{CAST[agency_code]}_{post}"


def published_entry() -> PublishedEntry:
    """The hotel entry of the published joint plan, which is made first where it is not there yet.

    While that entry has a task under way, another entry of the same agencies.

    :raises Refused: when every entry of the cast has a task under way
    """
    if not _published():
        _report()
        _compile()
    for entry in _published():
        return entry
    raise Refused("demo_no_free_entry")


def _published() -> list[PublishedEntry]:
    """Entries that only agencies of the cast take part in, free ones, the hotels first."""
    with looking("the journey's plan entries") as unit:
        day = today(unit.clock)
        hotels = hotel_entry(day)["joint_code"]
        rows = unit.session.scalars(
            select(PlanEntry)
            .join(Plan, Plan.id == PlanEntry.plan_id)
            .where(
                Plan.kind == PlanKind.JOINT.value,
                Plan.state == PlanState.PUBLISHED.value,
                Plan.year == day.year,
                PlanEntry.month_to >= day.month,
                PlanEntry.month_from <= day.month,
            )
            .order_by(PlanEntry.id)
            .limit(200)
        ).all()
        found = []
        for row in sorted(rows, key=lambda r: (r.joint_item is None or r.joint_item.code != hotels, r.id)):
            codes = {part.agency.code for part in row.participants}
            if codes <= CAST.keys() and open_task_of_entry(unit.session, row.id) is None:
                others = sorted(codes - {row.initiator.code})
                found.append(PublishedEntry(row.id, row.plan.no, row.month_to, (row.initiator.code, *others)))
        return found


def _report() -> None:
    with acting_as("police_admin") as unit:
        day = today(unit.clock)
        plan = own_plan(unit.session, unit.actor.agency_id, PlanKind.AGENCY, day.year)
        if plan is None:
            plan = open_plan(
                unit,
                kind=PlanKind.AGENCY.value,
                year=day.year,
                name=f"{day.year}年度银川市公安局随机抽查工作计划",
            )
            add_entry(unit, plan.id, entry_fields(unit, hotel_entry(day), day.year))
        if plan.state in {PlanState.DRAFT, PlanState.RETURNED}:
            report_plan(unit, plan.id)


def entry_fields(unit: Unit, row: PlanEntryRow, year: int) -> EntryFields:
    """A seed row as the form would send it."""
    joint = unit.session.scalars(
        select(JointItem)
        .join(ItemList)
        .where(
            JointItem.code == row["joint_code"],
            ItemList.year == year,
            ItemList.state == ListState.PUBLISHED.value,
        )
    ).one()
    by_code = {item.code: item.id for items in parts_of(unit.session, joint).values() for item in items}
    initiator = agency_by_code(unit.session, row["agency_code"])
    participants = {initiator.id: tuple(by_code[code] for code in row["items"])}
    for part in row["participants"]:
        agency = agency_by_code(unit.session, part["agency_code"])
        participants[agency.id] = tuple(by_code[code] for code in part["items"])
    return EntryFields(
        name=row["name"],
        initiator_id=initiator.id,
        participants=participants,
        rule=entry_rule(row),
        selection={
            "kind": "per_class",
            "ratios": {code: {"num": n, "den": 1000} for code, n in row["ratios"].items()},
            "min": 0,
        },
        month_from=row["period_from"].month,
        month_to=row["period_until"].month,
        method=row["method"],
        joint_item_id=joint.id,
        note=row["source"],
    )


def _compile() -> None:
    with acting_as("office") as unit:
        year = today(unit.clock).year
        plan = own_plan(unit.session, unit.actor.agency_id, PlanKind.JOINT, year)
        if plan is None:
            plan = open_plan(
                unit, kind=PlanKind.JOINT.value, year=year, name=f"{year}年度银川市部门联合双随机抽查工作计划"
            )
        plan_id = plan.id
        take_into_joint(unit, plan_id, [entry.id for entry in candidates(unit.session, plan)])
    with acting_as("office") as unit:
        submit_joint(unit, plan_id)
    with acting_as("office_reviewer") as unit:
        approve_joint(unit, plan_id)
    with acting_as("office") as unit:
        publish_joint(unit, plan_id)


def answered_task(entry: PublishedEntry) -> int:
    """A new task of the entry, pushed and accepted by every participant; gives its id."""
    with acting_as(account(entry.agencies[0], "clerk")) as unit:
        first = today(unit.clock)
        task = create_task(
            unit,
            entry.id,
            content="对抽中的检查对象开展部门联合检查，一次入户，各部门按本单位事项填写记录表。",
            period_from=first,
            period_to=_last_day(first, entry),
            method="on_site",
            announced=False,
            announced_reason="",
        )
        task_id = task.id
        push_task(unit, task_id)
    for code in entry.agencies[1:]:
        with acting_as(account(code, "clerk")) as unit:
            agency = agency_by_code(unit.session, code)
            task = unit.session.get(Task, task_id)
            accept(unit, task_id, [row.item_id for row in task.items if row.agency_id == agency.id])
    return task_id


def _last_day(first: date, entry: PublishedEntry) -> date:
    """Three weeks, within the months of the entry."""
    end = (
        date(first.year, 12, 31)
        if entry.month_to == 12
        else date(first.year, entry.month_to + 1, 1) - timedelta(days=1)
    )
    return min(first + timedelta(days=21), end)
