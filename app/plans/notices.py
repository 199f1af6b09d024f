"""Whom the verbs of plans tell, and in which words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.db import Unit
from app.kernel.clock import today
from app.notifications.services import notify, register_template
from app.plans.models import Plan, PlanReopening
from app.security.approval import approving_agency
from app.security.models import Agency
from app.security.queries import office_of, people
from app.security.rules import RoleName

register_template(
    "plan.reported",
    subject=_l("Plan reported: %(plan)s"),
    body=_l(
        "%(agency)s has reported its plan. It can be returned with remarks, or taken into the joint plan."
    ),
)
register_template("plan.returned", subject=_l("Plan returned: %(plan)s"), body=_l("Remarks: %(remarks)s"))
register_template(
    "plan.submitted",
    subject=_l("Joint plan to approve: %(plan)s"),
    body=_l("%(agency)s has submitted its joint plan. Please approve or return it."),
)
register_template(
    "plan.approved",
    subject=_l("Joint plan approved: %(plan)s"),
    body=_l("The plan can be published now."),
)

register_template(
    "plan.change_asked",
    subject=_l("Request to change a frozen plan: %(plan)s"),
    body=_l("%(agency)s asks to change the plan. Reason: %(remarks)s"),
)
register_template(
    "plan.change_granted",
    subject=_l("The plan can be changed: %(plan)s"),
    body=_l("The request has been granted. The plan goes the whole way to publication again."),
)
register_template(
    "plan.change_denied",
    subject=_l("The plan stays as it is: %(plan)s"),
    body=_l("The request has been denied. Remarks: %(remarks)s"),
)


def tell_reported(unit: Unit, plan: Plan) -> None:
    _tell(unit, plan, "plan.reported", office_of(unit.session, plan.agency.region_id), RoleName.OFFICE_ADMIN)


def tell_returned(unit: Unit, plan: Plan) -> None:
    role = RoleName.OFFICE_ADMIN if plan.agency.is_office else RoleName.AGENCY_ADMIN
    _tell(unit, plan, "plan.returned", plan.agency, role)


def tell_submitted(unit: Unit, plan: Plan) -> None:
    _tell(
        unit,
        plan,
        "plan.submitted",
        approving_agency(unit.session, plan.agency, today(unit.clock)),
        RoleName.REVIEWER,
    )


def tell_approved(unit: Unit, plan: Plan) -> None:
    _tell(unit, plan, "plan.approved", plan.agency, RoleName.OFFICE_ADMIN)


def _tell(unit: Unit, plan: Plan, kind: str, agency: Agency | None, role: RoleName) -> None:
    """Once per version of the plan: a plan that is returned twice is told twice."""
    if agency is None:
        return
    unit.session.flush()
    context = {"plan": plan.name, "agency": plan.agency.name, "remarks": plan.remarks}
    key = f"{kind}:{plan.id}:{plan.version}"
    notify(
        unit,
        people(unit.session, agency.id, {role}, today(unit.clock)),
        kind,
        key,
        context,
        f"/plans/{plan.id}",
    )


def tell_change_asked(unit: Unit, plan: Plan, asked: PlanReopening) -> None:
    judge = approving_agency(unit.session, plan.agency, today(unit.clock))
    _tell_of_change(unit, plan, asked, "plan.change_asked", judge, RoleName.REVIEWER, asked.reason)


def tell_change_decided(unit: Unit, plan: Plan, asked: PlanReopening) -> None:
    role = RoleName.OFFICE_ADMIN if plan.agency.is_office else RoleName.AGENCY_ADMIN
    _tell_of_change(unit, plan, asked, f"plan.change_{asked.state}", plan.agency, role, asked.remarks)


def _tell_of_change(
    unit: Unit, plan: Plan, asked: PlanReopening, kind: str, agency: Agency, role: RoleName, words: str
) -> None:
    context = {"plan": plan.name, "agency": plan.agency.name, "remarks": words}
    who = people(unit.session, agency.id, {role}, today(unit.clock))
    notify(unit, who, kind, f"{kind}:{asked.id}", context, f"/plans/{plan.id}")
