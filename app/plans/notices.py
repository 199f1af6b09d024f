"""Whom the verbs of plans tell, and in which words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.db import Unit
from app.notifications.services import notify, register_template
from app.plans.models import Plan
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


def tell_reported(unit: Unit, plan: Plan) -> None:
    _tell(unit, plan, "plan.reported", office_of(unit.session, plan.agency.region_id), RoleName.OFFICE_ADMIN)


def tell_returned(unit: Unit, plan: Plan) -> None:
    role = RoleName.OFFICE_ADMIN if plan.agency.is_office else RoleName.AGENCY_ADMIN
    _tell(unit, plan, "plan.returned", plan.agency, role)


def tell_submitted(unit: Unit, plan: Plan) -> None:
    _tell(unit, plan, "plan.submitted", approving_agency(unit.session, plan.agency), RoleName.REVIEWER)


def tell_approved(unit: Unit, plan: Plan) -> None:
    _tell(unit, plan, "plan.approved", plan.agency, RoleName.OFFICE_ADMIN)


def _tell(unit: Unit, plan: Plan, kind: str, agency: Agency | None, role: RoleName) -> None:
    """Once per version of the plan: a plan that is returned twice is told twice."""
    if agency is None:
        return
    unit.session.flush()
    context = {"plan": plan.name, "agency": plan.agency.name, "remarks": plan.remarks}
    key = f"{kind}:{plan.id}:{plan.version}"
    notify(unit, people(unit.session, agency.id, {role}), kind, key, context, f"/plans/{plan.id}")
