"""The hotel entry of the journey, as `police_admin` would post it, and the plans around it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.item_lists.models import ItemList, JointItem
from app.item_lists.rules import ListState
from app.plans import services
from app.plans.models import Plan
from app.plans.queries import candidates, parts_of
from app.plans.rules import EntryFields
from app.security.models import Agency
from app.security.queries import agency_by_code

YEAR = 2026
HOTEL_RATIOS = {"A": 8, "B": 20, "C": 50, "D": 100, "N": 15}


def per_class(ratios: dict[str, int]) -> dict[str, Any]:
    return {"kind": "per_class", "ratios": {c: {"num": n, "den": 1000} for c, n in ratios.items()}, "min": 0}


def agency(session: Session, code: str) -> Agency:
    found = agency_by_code(session, code)
    assert found is not None
    return found


def joint(session: Session, code: str) -> JointItem:
    query = (
        select(JointItem)
        .join(JointItem.item_list)
        .where(JointItem.code == code, ItemList.state == ListState.PUBLISHED)
    )
    return session.scalars(query).one()


def hotel_fields(session: Session, **changed: Any) -> EntryFields:
    """Police with both items; health and market supervision with theirs; six targets on the demo."""
    item = joint(session, "J15")
    by_line = parts_of(session, item)
    lines = {"POLICE-640100": "police", "HEALTH-640100": "health", "AMR-640100": "amr"}
    participants = {agency(session, c).id: tuple(i.id for i in by_line[line]) for c, line in lines.items()}
    values: dict[str, Any] = {
        "name": "2026年度宾馆、旅店部门联合抽查",
        "initiator_id": agency(session, "POLICE-640100").id,
        "participants": participants,
        "rule": {
            "kinds": ["enterprise", "individual"],
            "industries": ["611", "612", "613"],
            "regions": ["640100"],
            "status": ["active"],
        },
        "selection": per_class(HOTEL_RATIOS),
        "month_from": 1,
        "month_to": 12,
        "joint_item_id": item.id,
    }
    return EntryFields(**{**values, **changed})


@pytest.fixture
def police_plan(act_as: Callable[..., Any]) -> Plan:
    """Reported by `police_admin`, with the hotel entry."""
    with act_as("police_admin") as unit:
        plan = services.open_plan(unit, kind="agency", year=YEAR, name="2026年度银川市公安局随机抽查工作计划")
        services.add_entry(unit, plan.id, hotel_fields(unit.session))
        return services.report_plan(unit, plan.id)


@pytest.fixture
def joint_plan(act_as: Callable[..., Any], police_plan: Plan) -> Plan:
    """A draft of `office` with every reported entry."""
    with act_as("office") as unit:
        plan = services.open_plan(unit, kind="joint", year=YEAR, name="2026年度银川市部门联合抽查工作计划")
        services.take_into_joint(unit, plan.id, [entry.id for entry in candidates(unit.session, plan)])
        return plan
