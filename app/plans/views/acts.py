"""What the person behind the request may do with a plan now; the services check it again."""

from __future__ import annotations

from app.db import db
from app.kernel.clock import today
from app.plans.models import Plan
from app.plans.queries import begun_entries, coverage_of
from app.plans.rules import PlanKind, PlanState
from app.plans.rules.life import EDITABLE, FROZEN
from app.plans.services.agency import EDITORS
from app.security.approval import approving_agency
from app.security.context import current_clock, person
from app.security.queries import office_above, office_of
from app.security.rules import RoleName

EDIT = frozenset({RoleName.AGENCY_ADMIN, RoleName.OFFICE_ADMIN})
JUDGE = frozenset({RoleName.REVIEWER, RoleName.OFFICE_ADMIN})
DECIDE = frozenset({RoleName.REVIEWER})


def acts_for(plan: Plan) -> set[str]:
    who = person()
    if who is None:
        return set()
    return _of_editor(plan, who.actor.agency_id, who.actor.roles) | _of_judge(
        plan, who.actor.agency_id, who.actor.roles
    )


def _of_editor(plan: Plan, agency_id: int | None, roles: frozenset[str]) -> set[str]:
    if agency_id != plan.agency_id or EDITORS[plan.kind] not in roles:
        return set()
    is_joint = plan.kind == PlanKind.JOINT
    if plan.state in EDITABLE:
        return {"edit", "submit", "take"} if is_joint else {"edit", "report"}
    acts = {"publish"} if plan.state == (PlanState.APPROVED if is_joint else PlanState.REPORTED) else set()
    if plan.state in FROZEN and not begun_entries(db.session(), plan.id):
        acts.add("ask_change")
    return acts


def _of_judge(plan: Plan, agency_id: int | None, roles: frozenset[str]) -> set[str]:
    session = db.session()
    acts: set[str] = set()
    if plan.state in FROZEN and RoleName.REVIEWER in roles and _judges(plan, agency_id):
        acts.add("decide_change")
    if plan.kind == PlanKind.AGENCY:
        if plan.state == PlanState.REPORTED and RoleName.OFFICE_ADMIN in roles:
            office = office_of(session, plan.agency.region_id)
            acts |= {"return"} if office is not None and office.id == agency_id else set()
        return acts
    if plan.state == PlanState.SUBMITTED and RoleName.REVIEWER in roles and _judges(plan, agency_id):
        acts |= {"return", "approve"}
    above = office_above(session, plan.agency) or plan.agency
    is_open = plan.state != PlanState.PUBLISHED and RoleName.OFFICE_ADMIN in roles and above.id == agency_id
    if is_open and not coverage_of(session, plan).is_enough:
        acts.add("override")
    return acts


def judge_of(plan: Plan) -> int:
    """The agency whose reviewers approve the plan, and decide whether it is changed once it is frozen."""
    return approving_agency(db.session(), plan.agency, today(current_clock())).id


def _judges(plan: Plan, agency_id: int | None) -> bool:
    return judge_of(plan) == agency_id
