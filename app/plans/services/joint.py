"""The joint plan of an office: composed, submitted, returned or approved by another person, published
(R-18.2).
"""

from __future__ import annotations

from collections.abc import Sequence

from app.audit.services import record
from app.db import Unit
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, Refused
from app.plans.models import Plan, PlanEntry
from app.plans.notices import tell_approved, tell_returned, tell_submitted
from app.plans.queries import MOST_ENTRIES, coverage_of, entries_of, entry_counts, get_entry, taken
from app.plans.rules import (
    PlanKind,
    PlanState,
    may_edit,
    may_override,
    may_publish_joint,
    may_submit,
    may_take,
)
from app.plans.services.agency import check_editor, check_version, locked_plan, publish
from app.plans.services.checks import check_entry, check_fields, fields_of
from app.plans.services.entries import next_no, write
from app.security.approval import approving_agency
from app.security.queries import office_above
from app.security.rules import RoleName, may_act, may_approve


def take_into_joint(unit: Unit, plan_id: int, entry_ids: Sequence[int]) -> list[PlanEntry]:
    """Copy reported entries into the joint plan. One that stands there already is brought up to date."""
    plan = locked_plan(unit, plan_id)
    check_editor(unit, plan)
    if plan.kind != PlanKind.JOINT:
        raise Refused("plan_kind")
    may_edit(plan.state).require()
    if not entry_ids:
        raise Invalid("invalid", [Fault("entries", "required")])
    known = taken(unit.session, plan.id)
    return [
        _take(unit, plan, get_entry(unit.session, entry_id), known) for entry_id in dict.fromkeys(entry_ids)
    ]


def _take(unit: Unit, plan: Plan, source: PlanEntry, known: dict[int, int]) -> PlanEntry:
    origin = source.plan
    may_take(origin.kind, origin.state, origin.year == plan.year, source.joint_item_id is not None).require()
    if origin.agency.region_id != plan.agency.region_id:
        raise Refused("entry_of_other_region", rule="R-18.2")
    fields = fields_of(source)
    checked = check_fields(unit, plan, fields)
    copy_id = known.get(source.id)
    if copy_id is not None:
        entry = get_entry(unit.session, copy_id)
    else:
        entry = PlanEntry(plan=plan, plan_id=plan.id, no=next_no(unit, plan), source_entry_id=source.id)
    with unit.session.no_autoflush:
        write(entry, fields, checked)
    unit.session.add(entry)
    unit.session.flush()
    facts = {"plan": plan.id, "source": source.id, "no": entry.no}
    record(unit, "plan.entry_taken", f"plan_entry:{entry.id}", facts, plan.agency_id)
    return entry


def submit_joint(unit: Unit, plan_id: int, version: int | None = None) -> Plan:
    """To the reviewers of the office, or of the office above where it has fewer than two."""
    plan = locked_plan(unit, plan_id)
    check_editor(unit, plan)
    if plan.state == PlanState.SUBMITTED and plan.submitted_by == unit.actor.code:
        return plan
    check_version(plan, version)
    may_submit(plan.kind, plan.state, entry_counts(unit.session, [plan.id]).get(plan.id, 0)).require()
    for entry in entries_of(unit.session, plan.id, limit=MOST_ENTRIES):
        check_entry(unit, plan, entry)
    plan.state, plan.submitted_by, plan.submitted_at = (
        PlanState.SUBMITTED.value,
        unit.actor.code,
        unit.clock.now(),
    )
    plan.approved_by = plan.approved_at = None
    reached = coverage_of(unit.session, plan)
    facts = {"no": plan.no, "covered": reached.covered, "total": reached.total}
    record(unit, "plan.submitted", f"plan:{plan.id}", facts, plan.agency_id)
    tell_submitted(unit, plan)
    return plan


def approve_joint(unit: Unit, plan_id: int, version: int | None = None) -> Plan:
    """By a reviewer who did not submit it. :raises Refused: the same person, or nothing to approve"""
    plan = locked_plan(unit, plan_id)
    _check_approver(unit, plan)
    if plan.state == PlanState.APPROVED and plan.approved_by == unit.actor.code:
        return plan
    check_version(plan, version)
    if plan.kind != PlanKind.JOINT or plan.state != PlanState.SUBMITTED:
        raise Refused("plan_not_submitted")
    may_approve(plan.submitted_by, unit.actor.code).require()
    plan.state, plan.approved_by, plan.approved_at = (
        PlanState.APPROVED.value,
        unit.actor.code,
        unit.clock.now(),
    )
    record(unit, "plan.approved", f"plan:{plan.id}", {"no": plan.no}, plan.agency_id)
    tell_approved(unit, plan)
    return plan


def return_joint(unit: Unit, plan_id: int, remarks: str) -> Plan:
    """Back to the office's administrator, with remarks."""
    plan = locked_plan(unit, plan_id)
    _check_approver(unit, plan)
    if not remarks.strip():
        raise Invalid("invalid", [Fault("remarks", "required")])
    if plan.state == PlanState.RETURNED and plan.remarks == remarks.strip():
        return plan
    if plan.kind != PlanKind.JOINT or plan.state != PlanState.SUBMITTED:
        raise Refused("plan_not_submitted")
    plan.state, plan.remarks = PlanState.RETURNED.value, remarks.strip()
    record(unit, "plan.returned", f"plan:{plan.id}", {"no": plan.no, "remarks": plan.remarks}, plan.agency_id)
    tell_returned(unit, plan)
    return plan


def override_coverage(unit: Unit, plan_id: int, reason: str) -> Plan:
    """Let a joint plan pass below 80 percent, with a reason that is published with it (R-18.3).

    By the office above; for the region's own plan by its office, which cites the joint meeting's minutes.
    """
    plan = locked_plan(unit, plan_id)
    if plan.kind != PlanKind.JOINT:
        raise Refused("plan_kind")
    above = office_above(unit.session, plan.agency) or plan.agency
    by_above = unit.actor.agency_id == above.id and RoleName.OFFICE_ADMIN in unit.actor.roles
    if plan.state == PlanState.PUBLISHED:
        raise Refused("plan_not_draft")
    if len(reason) > 2000:
        raise Invalid("invalid", [Fault("reason", "too_long", value=reason, most=2000, found=len(reason))])
    may_override(coverage_of(unit.session, plan), reason, by_above).require()
    plan.coverage_override = reason.strip()
    record(
        unit,
        "plan.coverage_overridden",
        f"plan:{plan.id}",
        {"no": plan.no, "reason": plan.coverage_override},
        plan.agency_id,
    )
    return plan


def publish_joint(unit: Unit, plan_id: int, version: int | None = None) -> Plan:
    """:raises Refused: not approved, or below 80 percent of the joint list without the office above's
    reason
    """
    plan = locked_plan(unit, plan_id)
    check_editor(unit, plan)
    if plan.state == PlanState.PUBLISHED:
        return plan
    check_version(plan, version)
    may_publish_joint(
        plan.kind, plan.state, coverage_of(unit.session, plan), plan.coverage_override
    ).require()
    publish(unit, plan)
    return plan


def _check_approver(unit: Unit, plan: Plan) -> None:
    judge = approving_agency(unit.session, plan.agency, today(unit.clock))
    may_act(unit.actor.roles, unit.actor.agency_id, frozenset({RoleName.REVIEWER}), judge.id).require()
