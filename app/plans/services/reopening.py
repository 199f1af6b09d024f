"""Change what is frozen: one person asks with a reason, another one decides (R-18.2, two people)."""

from __future__ import annotations

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, Refused
from app.plans.models import Plan, PlanEntry, PlanReopening
from app.plans.notices import tell_change_asked, tell_change_decided
from app.plans.queries import begun_entries, open_reopening
from app.plans.rules import (
    EntryState,
    PlanState,
    ReopeningState,
    may_ask_to_change,
    may_decide_change,
)
from app.plans.services.agency import check_editor, locked_plan
from app.security.approval import approving_agency
from app.security.rules import RoleName, may_act

LONGEST = 1000
REVIEWERS = frozenset({RoleName.REVIEWER})


def ask_change(unit: Unit, plan_id: int, reason: str) -> PlanReopening:
    """The plan's editor asks to take it back into work. A second request while one is open changes nothing.

    :raises Refused: unless the plan is approved or published and none of its entries has begun
    :raises Invalid: without a reason
    """
    plan = locked_plan(unit, plan_id)
    check_editor(unit, plan)
    known = open_reopening(unit.session, plan.id)
    if known is not None:
        return known
    may_ask_to_change(plan.state, begun_entries(unit.session, plan.id)).require()
    asked = PlanReopening(
        plan=plan,
        plan_id=plan.id,
        reason=_words("reason", reason),
        asked_by=unit.actor.code,
        asked_at=unit.clock.now(),
    )
    unit.session.add(asked)
    unit.session.flush()
    record(
        unit, "plan.change_asked", f"plan:{plan.id}", {"no": plan.no, "reason": asked.reason}, plan.agency_id
    )
    tell_change_asked(unit, plan, asked)
    return asked


def grant_change(unit: Unit, plan_id: int) -> Plan:
    """Back into work: the plan can be changed, and goes the whole way to publication again. What is public
    stays public until then.

    :raises Refused: for the person who asked, another role or agency, or when tasks have begun meanwhile
    """
    plan, asked = _to_decide(unit, plan_id)
    may_ask_to_change(plan.state, begun_entries(unit.session, plan.id)).require()
    _decide(unit, asked, ReopeningState.GRANTED)
    plan.state, plan.remarks = PlanState.RETURNED.value, asked.reason
    plan.approved_by = plan.approved_at = None
    for entry in unit.session.scalars(select(PlanEntry).where(PlanEntry.plan_id == plan.id)):
        entry.state = EntryState.DRAFT.value
    unit.session.flush()
    record(unit, "plan.change_granted", f"plan:{plan.id}", {"no": plan.no}, plan.agency_id)
    tell_change_decided(unit, plan, asked)
    return plan


def deny_change(unit: Unit, plan_id: int, remarks: str) -> Plan:
    """The plan stays as it is. :raises Invalid: without remarks"""
    plan, asked = _to_decide(unit, plan_id)
    asked.remarks = _words("remarks", remarks)
    _decide(unit, asked, ReopeningState.DENIED)
    unit.session.flush()
    record(
        unit,
        "plan.change_denied",
        f"plan:{plan.id}",
        {"no": plan.no, "remarks": asked.remarks},
        plan.agency_id,
    )
    tell_change_decided(unit, plan, asked)
    return plan


def _to_decide(unit: Unit, plan_id: int) -> tuple[Plan, PlanReopening]:
    plan = locked_plan(unit, plan_id)
    judge = approving_agency(unit.session, plan.agency, today(unit.clock))
    may_act(unit.actor.roles, unit.actor.agency_id, REVIEWERS, judge.id).require()
    asked = open_reopening(unit.session, plan.id)
    if asked is None:
        raise Refused("plan_change_not_asked")
    may_decide_change(asked.state, asked.asked_by, unit.actor.code).require()
    return plan, asked


def _decide(unit: Unit, asked: PlanReopening, state: ReopeningState) -> None:
    asked.state, asked.decided_by, asked.decided_at = state.value, unit.actor.code, unit.clock.now()


def _words(field: str, text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid("invalid", [Fault(field, "required")])
    if len(text) > LONGEST:
        raise Invalid("invalid", [Fault(field, "too_long", most=LONGEST, found=len(text))])
    return text
