"""A published joint plan of Yinchuan with the hotel entry, and a task made from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.item_lists.models import Item, JointItem
from app.notifications.models import Mail
from app.plans.models import Plan, PlanEntry, PlanEntryItem
from app.security.models import Account, Agency
from app.tasks import services
from app.tasks.models import Participant, Task

SCHEME: dict[str, Any] = {
    "content": "旅馆业治安、卫生、登记事项联合检查。",
    "period_from": date(2026, 11, 25),
    "period_to": date(2026, 12, 18),
    "method": "on_site",
    "announced": False,
    "announced_reason": "",
}
LEAD, PARTNERS = "POLICE-640100", ("AMR-640100", "HEALTH-640100")


def agency(session: Session, code: str) -> Agency:
    return session.scalars(select(Agency).where(Agency.code == code)).one()


def new_plan(session: Session) -> Plan:
    plan = Plan(
        kind="joint",
        no="6401-2026-TEST",
        name="2026年度联合抽查计划",
        agency_id=agency(session, "OFFICE-640100").id,
        year=2026,
        state="published",
    )
    session.add(plan)
    session.flush()
    return plan


def new_entry(
    session: Session, plan: Plan, partners: tuple[str, ...] = PARTNERS, **changes: Any
) -> PlanEntry:
    """An entry of the real hotel item; `partners` are agency codes besides the police."""
    joint = session.scalars(select(JointItem).where(JointItem.code == "J15")).one()
    items: dict[str, list[Item]] = {}
    for part in joint.parts:
        items.setdefault(part.line_code, []).append(part.item)
    number = len(session.scalars(select(PlanEntry.id).where(PlanEntry.plan_id == plan.id)).all()) + 1
    values = {
        "plan_id": plan.id,
        "no": number,
        "name": f"旅馆业联合抽查之{number}",
        "joint_item_id": joint.id,
        "initiator_id": agency(session, LEAD).id,
        "category": joint.category,
        "rule": {"kinds": ["enterprise"], "industries": ["61"], "regions": ["640100"], "status": ["active"]},
        "selection": {"kind": "per_class", "ratios": {"A": {"num": 8, "den": 1000}}, "min": 0},
        "month_from": 1,
        "month_to": 12,
        "state": "published",
        **changes,
    }
    entry = PlanEntry(**values)
    for code in (LEAD, *partners):
        who = agency(session, code)
        entry.participants += [PlanEntryItem(agency_id=who.id, item_id=i.id) for i in items[who.line_code]]
    session.add(entry)
    session.commit()
    return entry


@pytest.fixture
def joint_plan(session: Session) -> Plan:
    return new_plan(session)


@pytest.fixture
def make_entry(session: Session, joint_plan: Plan) -> Callable[..., PlanEntry]:
    return lambda *partners, **changes: new_entry(session, joint_plan, *partners, **changes)


@pytest.fixture
def entry(make_entry: Callable[..., PlanEntry]) -> PlanEntry:
    return make_entry()


@pytest.fixture
def draft(entry: PlanEntry, act_as: Any) -> Task:
    with act_as("police_clerk") as unit:
        return services.create_task(unit, entry.id, **SCHEME)


@pytest.fixture
def pushed(draft: Task, act_as: Any) -> Task:
    with act_as("police_clerk") as unit:
        return services.push_task(unit, draft.id)


def part_of(session: Session, task: Task, code: str) -> Participant:
    query = select(Participant).where(
        Participant.task_id == task.id, Participant.agency_id == agency(session, code).id
    )
    return session.scalars(query.execution_options(populate_existing=True)).one()


def item_ids(session: Session, task: Task, code: str) -> set[int]:
    own = agency(session, code).id
    fresh = session.get(Task, task.id, populate_existing=True)
    assert fresh is not None
    session.refresh(fresh, ["items"])
    return {row.item_id for row in fresh.items if row.agency_id == own}


def accept_as(act_as: Any, session: Session, task: Task, who: str, code: str) -> None:
    with act_as(who) as unit:
        services.accept(unit, task.id, item_ids(unit.session, task, code))


def mails_to(session: Session, username: str) -> list[Mail]:
    account = select(Account.id).where(Account.username == username)
    return list(session.scalars(select(Mail).where(Mail.user_id.in_(account)).order_by(Mail.id)))


def token_of(mail: Mail) -> str:
    return mail.body.rsplit("/tasks/respond/", 1)[1].split()[0]
