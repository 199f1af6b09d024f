"""What the workbench shows of plans: to report, returned, waiting, to approve, to publish (R-18.1)."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.db import Actor
from app.kernel.clock import Clock, today
from app.notifications.due import DueLine
from app.plans.models import Plan
from app.plans.queries import own_plan, reopenings_asked
from app.plans.rules import PlanKind, PlanState, deadlines
from app.regulation.calendar import end_of_day
from app.security.approval import approving_agency
from app.security.models import Agency
from app.security.rules import RoleName


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    """At most five queries for each of the roles that have something to do here."""
    if actor.agency_id is None:
        return []
    year = today(clock).year
    found: list[DueLine] = []
    if RoleName.AGENCY_ADMIN in actor.roles:
        found += _of_agency(session, actor.agency_id, year)
    if RoleName.OFFICE_ADMIN in actor.roles:
        found += _of_office(session, actor.agency_id, year)
    if RoleName.REVIEWER in actor.roles:
        found += _of_reviewer(session, actor.agency_id, today(clock))
    return found


def _url(plan: Plan) -> str:
    return f"/plans/{plan.id}"


def _of_agency(session: Session, agency_id: int, year: int) -> list[DueLine]:
    agency = session.get(Agency, agency_id)
    if agency is None or agency.is_office:
        return []
    report_by, publish_by = (end_of_day(day) for day in deadlines(year))
    plan = own_plan(session, agency_id, PlanKind.AGENCY, year)
    if plan is None:
        title = _("Report the plan of %(year)s to the office", year=year)
        return [
            DueLine(title, _("No plan yet"), "/plans/new", _("Begin"), report_by, rule="R-18.1", kind="plan")
        ]
    if plan.state == PlanState.DRAFT:
        title = _("Report the plan of %(year)s to the office", year=year)
        return [DueLine(title, plan.name, _url(plan), _("Open"), report_by, rule="R-18.1", kind="plan")]
    if plan.state == PlanState.RETURNED:
        title = _("The office returned the plan: %(text)s", text=plan.remarks[:80])
        return [DueLine(title, plan.name, _url(plan), _("Change"), report_by, rule="R-18.1", kind="plan")]
    if plan.state == PlanState.REPORTED:
        title = _("Publish the plan of %(year)s", year=year)
        return [DueLine(title, plan.name, _url(plan), _("Open"), publish_by, rule="R-18.1", kind="plan")]
    return []


def _of_office(session: Session, office_id: int, year: int) -> list[DueLine]:
    office = session.get(Agency, office_id)
    if office is None or not office.is_office:
        return []
    publish_by = end_of_day(deadlines(year)[1])
    found: list[DueLine] = []
    plan = own_plan(session, office_id, PlanKind.JOINT, year)
    waiting = session.scalar(
        select(func.count())
        .select_from(Plan)
        .join(Agency, Agency.id == Plan.agency_id)
        .where(
            Plan.kind == PlanKind.AGENCY,
            Plan.state == PlanState.REPORTED,
            Plan.year == year,
            Agency.region_id == office.region_id,
        )
    )
    if plan is None:
        title = _("Compose the joint plan of %(year)s", year=year)
        detail = _("%(n)s agencies have reported their plans", n=waiting)
        found.append(DueLine(title, detail, "/plans/new", _("Begin"), publish_by, rule="R-18.2", kind="plan"))
        return found
    detail = _("%(n)s agencies have reported their plans", n=waiting)
    if plan.state == PlanState.DRAFT:
        title = _("Compose the joint plan of %(year)s and submit it", year=year)
        found.append(DueLine(title, detail, _url(plan), _("Open"), publish_by, rule="R-18.2", kind="plan"))
    elif plan.state == PlanState.RETURNED:
        title = _("The joint plan was returned: %(text)s", text=plan.remarks[:80])
        found.append(
            DueLine(title, plan.name, _url(plan), _("Change"), publish_by, rule="R-18.2", kind="plan")
        )
    elif plan.state == PlanState.APPROVED:
        title = _("Publish the joint plan of %(year)s", year=year)
        found.append(DueLine(title, plan.name, _url(plan), _("Open"), publish_by, rule="R-18.3", kind="plan"))
    return found


def _of_reviewer(session: Session, agency_id: int, day: date) -> list[DueLine]:
    """Joint plans that wait for this office: its own, and those of offices with fewer than two reviewers."""
    query = (
        select(Plan)
        .where(Plan.kind == PlanKind.JOINT, Plan.state == PlanState.SUBMITTED)
        .options(joinedload(Plan.agency).joinedload(Agency.region))
        .order_by(Plan.id)
        .limit(30)
    )
    asked = [
        DueLine(
            _("Decide on a change of a frozen plan: %(plan)s", plan=row.plan.name),
            row.reason[:80],
            _url(row.plan),
            _("Open"),
            rule="R-18.2",
            kind="plan",
        )
        for row in reopenings_asked(session, 30)
        if approving_agency(session, row.plan.agency, day).id == agency_id
    ]
    return asked + [
        DueLine(
            _("Approve or return the joint plan of %(agency)s", agency=plan.agency.region.name),
            plan.name,
            _url(plan),
            _("Open"),
            end_of_day(deadlines(plan.year)[1]),
            rule="R-18.2",
            kind="plan",
        )
        for plan in session.scalars(query)
        if approving_agency(session, plan.agency, day).id == agency_id
    ]
