"""An agency's own plan: opened, reported to the office, returned with remarks, published by the agency
(R-18.1).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.audit.services import record
from app.db import Unit
from app.kernel.errors import Fault, Invalid, NotFound, Refused, Stale
from app.plans import after_publication
from app.plans.models import Plan, PlanEntry
from app.plans.notices import tell_reported, tell_returned
from app.plans.queries import MOST_ENTRIES, entries_of, entry_counts, own_plan
from app.plans.rules import (
    EntryState,
    PlanKind,
    PlanState,
    deadlines,
    may_publish_agency,
    may_report,
)
from app.plans.services.checks import check_entry
from app.regulation.calendar import end_of_day
from app.security.models import Agency
from app.security.queries import office_of
from app.security.rules import RoleName, may_act

EDITORS = {PlanKind.AGENCY.value: RoleName.AGENCY_ADMIN, PlanKind.JOINT.value: RoleName.OFFICE_ADMIN}
FIRST_YEAR, LAST_YEAR = 2000, 2200


def locked_plan(unit: Unit, plan_id: int) -> Plan:
    """The plan, locked for this transaction. :raises NotFound:"""
    query = select(Plan).where(Plan.id == plan_id).with_for_update(of=Plan)
    query = query.options(joinedload(Plan.agency).joinedload(Agency.region))
    found = unit.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound("not_in_scope", kind="plan")
    return found


def check_version(plan: Plan, version: int | None) -> None:
    """:raises Stale: when the plan has changed since the page showed `version`"""
    if version is not None and plan.version != version:
        state = PlanState(plan.state)
        raise Stale("stale", changes=[{"field": "state", "theirs": state.label, "yours": ""}])


def check_editor(unit: Unit, plan: Plan) -> None:
    """The agency's administrator keeps its plan, the office's administrator the joint plan."""
    may_act(unit.actor.roles, unit.actor.agency_id, frozenset({EDITORS[plan.kind]}), plan.agency_id).require()


def plan_no(agency: Agency, kind: str, year: int) -> str:
    """`6401-2026-J` for the joint plan of a city, `6401-2026-POLICE` for an agency's own."""
    code = agency.region.code
    head = code[:4] if code.endswith("00") else code
    return f"{head}-{year}-{'J' if kind == PlanKind.JOINT else agency.line_code.upper()}"


def open_plan(unit: Unit, *, kind: str, year: int, name: str) -> Plan:
    """The plan of the actor's agency for a year: the one that is there, or a new draft.

    :raises Invalid: a field that cannot be stored
    """
    faults = []
    if kind not in EDITORS:
        faults.append(Fault("kind", "not_a_choice", value=kind))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        faults.append(Fault("year", "not_a_choice", value=year))
    if not name.strip():
        faults.append(Fault("name", "required"))
    elif len(name) > 160:
        faults.append(Fault("name", "too_long", value=name, most=160, found=len(name)))
    if faults:
        raise Invalid("invalid", faults)
    agency = unit.session.get(Agency, unit.actor.agency_id) if unit.actor.agency_id else None
    if agency is None or agency.is_office != (kind == PlanKind.JOINT):
        raise Refused("plan_kind")
    may_act(unit.actor.roles, unit.actor.agency_id, frozenset({EDITORS[kind]}), agency.id).require()
    found = own_plan(unit.session, agency.id, kind, year)
    if found is not None:
        return found
    made = Plan(
        kind=kind,
        no=plan_no(agency, kind, year),
        name=name.strip(),
        agency=agency,
        agency_id=agency.id,
        year=year,
        state=PlanState.DRAFT.value,
    )
    unit.session.add(made)
    unit.session.flush()
    record(unit, "plan.opened", f"plan:{made.id}", {"no": made.no}, agency.id)
    return made


def report_plan(unit: Unit, plan_id: int, version: int | None = None) -> Plan:
    """Report the agency's plan to the office of its region. A late report is taken, and recorded as late."""
    plan = locked_plan(unit, plan_id)
    check_editor(unit, plan)
    if plan.state == PlanState.REPORTED and plan.submitted_by == unit.actor.code:
        return plan
    check_version(plan, version)
    may_report(plan.kind, plan.state, entry_counts(unit.session, [plan.id]).get(plan.id, 0)).require()
    for entry in entries_of(unit.session, plan.id, limit=MOST_ENTRIES):
        check_entry(unit, plan, entry)
    now = unit.clock.now()
    plan.state, plan.submitted_by, plan.submitted_at = PlanState.REPORTED.value, unit.actor.code, now
    late = now >= end_of_day(deadlines(plan.year)[0])
    record(unit, "plan.reported", f"plan:{plan.id}", {"no": plan.no, "late": late}, plan.agency_id)
    tell_reported(unit, plan)
    return plan


def return_plan(unit: Unit, plan_id: int, remarks: str) -> Plan:
    """The office of the agency's region returns a reported plan with remarks."""
    plan = locked_plan(unit, plan_id)
    office = office_of(unit.session, plan.agency.region_id)
    may_act(
        unit.actor.roles,
        unit.actor.agency_id,
        frozenset({RoleName.OFFICE_ADMIN}),
        office.id if office else -1,
    ).require()
    if not remarks.strip():
        raise Invalid("invalid", [Fault("remarks", "required")])
    if plan.kind != PlanKind.AGENCY:
        raise Refused("plan_kind")
    if plan.state == PlanState.RETURNED and plan.remarks == remarks.strip():
        return plan
    if plan.state != PlanState.REPORTED:
        raise Refused("plan_not_reported", rule="R-18.1")
    plan.state, plan.remarks = PlanState.RETURNED.value, remarks.strip()
    record(unit, "plan.returned", f"plan:{plan.id}", {"no": plan.no, "remarks": plan.remarks}, plan.agency_id)
    tell_returned(unit, plan)
    return plan


def publish_agency_plan(unit: Unit, plan_id: int, version: int | None = None) -> Plan:
    """The agency publishes its reported plan itself; the office does not approve it."""
    plan = locked_plan(unit, plan_id)
    check_editor(unit, plan)
    if plan.state == PlanState.PUBLISHED:
        return plan
    check_version(plan, version)
    may_publish_agency(plan.kind, plan.state).require()
    publish(unit, plan)
    return plan


def publish(unit: Unit, plan: Plan) -> None:
    """What both kinds of plans have in common when they become public."""
    plan.state, plan.published_at, plan.remarks = PlanState.PUBLISHED.value, unit.clock.now(), ""
    for entry in unit.session.scalars(select(PlanEntry).where(PlanEntry.plan_id == plan.id)):
        entry.state = EntryState.PUBLISHED.value
    unit.session.flush()
    late = unit.clock.now() >= end_of_day(deadlines(plan.year)[1])
    record(unit, "plan.published", f"plan:{plan.id}", {"no": plan.no, "late": late}, plan.agency_id)
    for announce in after_publication:
        announce(unit, plan)
