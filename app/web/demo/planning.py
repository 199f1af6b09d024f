"""The journey's first part: agency plan, joint plan, task, responses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from app.db import Unit
from app.item_lists.models import ItemList, JointItem
from app.item_lists.rules import ListState
from app.kernel.clock import today
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
from app.tasks.services import accept, create_task, push_task
from app.web.demo.actors import acting_as, looking
from seeds.demo.plans import PlanEntryRow, hotel_entry

CITY_OFFICE = "OFFICE-640100"
POLICE = "POLICE-640100"
PARTNERS = {"AMR-640100": "amr_clerk", "HEALTH-640100": "health_clerk"}


@dataclass(frozen=True)
class PublishedEntry:
    """What the journey keeps of a plan entry between its units of work."""

    id: int
    plan_no: str
    month_to: int


def published_entry() -> PublishedEntry:
    """The hotel entry of the published joint plan; plan and entry are made first where they are not there yet."""
    found = _published()
    if found is None:
        _report()
        _compile()
        found = _published()
    assert found is not None
    return found


def _published() -> PublishedEntry | None:
    with looking("the journey's plan entry") as unit:
        police = agency_by_code(unit.session, POLICE)
        year = today(unit.clock).year
        found = unit.session.execute(
            select(PlanEntry.id, Plan.no, PlanEntry.month_to)
            .join(Plan, Plan.id == PlanEntry.plan_id)
            .join(JointItem, JointItem.id == PlanEntry.joint_item_id)
            .where(
                Plan.kind == PlanKind.JOINT.value,
                Plan.state == PlanState.PUBLISHED.value,
                Plan.year == year,
                PlanEntry.initiator_id == police.id,
                JointItem.code == hotel_entry(today(unit.clock))["joint_code"],
            )
            .order_by(PlanEntry.id)
            .limit(1)
        ).first()
        return PublishedEntry(*found) if found else None


def _report() -> None:
    with acting_as("police_admin") as unit:
        day = today(unit.clock)
        plan = own_plan(unit.session, unit.actor.agency_id, PlanKind.AGENCY, day.year)
        if plan is None:
            plan = open_plan(unit, kind=PlanKind.AGENCY.value, year=day.year, name=f"{day.year}年度银川市公安局随机抽查工作计划")
            add_entry(unit, plan.id, entry_fields(unit, hotel_entry(day), day.year))
        if plan.state in {PlanState.DRAFT, PlanState.RETURNED}:
            report_plan(unit, plan.id)


def entry_fields(unit: Unit, row: PlanEntryRow, year: int) -> EntryFields:
    """A seed row as the form would send it."""
    joint = unit.session.scalars(
        select(JointItem)
        .join(ItemList)
        .where(JointItem.code == row["joint_code"], ItemList.year == year, ItemList.state == ListState.PUBLISHED.value)
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
            plan = open_plan(unit, kind=PlanKind.JOINT.value, year=year, name=f"{year}年度银川市部门联合双随机抽查工作计划")
        plan_id = plan.id
        take_into_joint(unit, plan_id, [entry.id for entry in candidates(unit.session, plan)])
    with acting_as("office") as unit:
        submit_joint(unit, plan_id)
    with acting_as("office_reviewer") as unit:
        approve_joint(unit, plan_id)
    with acting_as("office") as unit:
        publish_joint(unit, plan_id)


def answered_task(entry: PublishedEntry) -> int:
    """A new task of the entry, pushed and accepted by both participants; gives its id."""
    with acting_as("police_clerk") as unit:
        first = today(unit.clock)
        task = create_task(
            unit,
            entry.id,
            content="对抽中的旅馆开展治安、卫生、明码标价联合检查，一次入户。",
            period_from=first,
            period_to=_last_day(first, entry),
            method="on_site",
            announced=False,
            announced_reason="",
        )
        task_id = task.id
        push_task(unit, task_id)
    for code, username in PARTNERS.items():
        with acting_as(username) as unit:
            agency = agency_by_code(unit.session, code)
            task = unit.session.get(Task, task_id)
            accept(unit, task_id, [row.item_id for row in task.items if row.agency_id == agency.id])
    return task_id


def _last_day(first: date, entry: PublishedEntry) -> date:
    """Three weeks, within the months of the entry."""
    end = date(first.year, 12, 31) if entry.month_to == 12 else date(first.year, entry.month_to + 1, 1) - timedelta(days=1)
    return min(first + timedelta(days=21), end)
