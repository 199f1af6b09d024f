"""Demo rows: what the agencies of Yinchuan, the police excepted, have reported for the year of loading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.item_lists.models import Item, ItemList, JointItem
from app.item_lists.rules import ListState
from app.plans.models import Plan, PlanEntry, PlanEntryItem
from app.plans.queries import estimate, own_plan
from app.plans.rules import PlanKind, PlanState, read_selection
from app.plans.services.agency import plan_no
from app.security.models import Agency
from seeds.demo.plans import PlanEntryRow, demo_agency_plans


def load_demo_rows(unit: Unit, day: date, by_certificate: Mapping[str, int]) -> None:
    """Plans of agencies that have none for the year yet."""
    session = unit.session
    by_agency: dict[str, list[PlanEntryRow]] = {}
    for row in demo_agency_plans(day):
        by_agency.setdefault(row["agency_code"], []).append(row)
    for code, rows in by_agency.items():
        agency = _agency(session, code)
        if own_plan(session, agency.id, PlanKind.AGENCY, day.year) is not None:
            continue
        plan = Plan(
            kind=PlanKind.AGENCY.value,
            no=plan_no(agency, PlanKind.AGENCY, day.year),
            name=f"{day.year}年度{agency.name}随机抽查工作计划",
            agency=agency,
            agency_id=agency.id,
            year=day.year,
            state=PlanState.REPORTED.value,
            submitted_by="system",
            submitted_at=unit.clock.now(),
        )
        plan.entries = [_entry(session, agency, day.year, no, row) for no, row in enumerate(rows, 1)]
        session.add(plan)
        session.flush()


def _entry(session: Session, agency: Agency, year: int, no: int, row: PlanEntryRow) -> PlanEntry:
    joint = session.scalars(
        select(JointItem)
        .join(JointItem.item_list)
        .where(
            JointItem.code == row["joint_code"], ItemList.year == year, ItemList.state == ListState.PUBLISHED
        )
    ).one()
    rule = entry_rule(row)
    selection = read_selection(
        {
            "kind": "per_class",
            "ratios": {c: {"num": n, "den": 1000} for c, n in row["ratios"].items()},
            "min": 0,
        }
    )
    _, drawn = estimate(session, rule, selection)
    parts = [(agency, row["items"])]
    parts += [(_agency(session, part["agency_code"]), part["items"]) for part in row["participants"]]
    return PlanEntry(
        no=no,
        name=row["name"],
        joint_item_id=joint.id,
        initiator_id=agency.id,
        category=joint.category,
        method=row["method"],
        rule=rule,
        selection=selection.as_data(),
        month_from=row["period_from"].month,
        month_to=row["period_until"].month,
        planned_number=drawn.total,
        note=row["source"],
        participants=[
            PlanEntryItem(agency_id=who.id, item_id=item.id)
            for who, codes in parts
            for item in _items(session, joint, codes)
        ],
    )


def entry_rule(row: PlanEntryRow) -> dict[str, list[str]]:
    """A row's scope as a selection rule over the directory."""
    return {
        "kinds": list(row["kinds"]),
        "industries": list(row["industries"]),
        "regions": list(row["regions"]),
        "status": ["active"],
    }


def _agency(session: Session, code: str) -> Agency:
    return session.scalars(select(Agency).where(Agency.code == code)).one()


def _items(session: Session, joint: JointItem, codes: list[str]) -> list[Item]:
    wanted = {part.item_id for part in joint.parts}
    return list(session.scalars(select(Item).where(Item.id.in_(wanted), Item.code.in_(codes))))
