"""What the verbs share: locked rows, and who is told."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.db import Unit
from app.inspections.models import CheckForm
from app.kernel.clock import today
from app.kernel.errors import NotFound
from app.notifications.services import notify, register_template
from app.security.approval import approving_agency
from app.security.models import Account, Agency
from app.security.queries import people
from app.security.rules import RoleName, may_act

REVIEWERS = frozenset({RoleName.REVIEWER})
CLERKS = frozenset({RoleName.CLERK})

register_template(
    "inspections.to_approve",
    subject=_l("Approve the inspections of task %(no)s before they start"),
    body=_l(
        "%(count)s visits of “%(name)s” (%(no)s) are set up. No inspection starts before it is approved."
    ),
)
register_template(
    "inspections.assigned",
    subject=_l("The inspections of task %(no)s are approved"),
    body=_l("Your visits of “%(name)s” (%(no)s) may begin, from %(first)s to %(last)s."),
)
register_template(
    "inspections.submitted",
    subject=_l("Check form %(no)s waits for your review"),
    body=_l(
        "The check form %(no)s of “%(name)s” has been submitted. Approve it, or return it with a remark."
    ),
)
register_template(
    "inspections.exemption",
    subject=_l("Check form %(no)s: exempt from publication?"),
    body=_l(
        "A reviewer asks to exempt the result of “%(name)s” (%(no)s) from publication. Basis: %(basis)s. "
        "Another reviewer agrees, or approves it for publication."
    ),
)
register_template(
    "inspections.returned",
    subject=_l("Check form %(no)s was returned"),
    body=_l("The check form %(no)s of “%(name)s” was returned with this remark: %(remark)s"),
)
register_template(
    "inspections.follow_up",
    subject=_l("Follow-up %(no)s: due on %(due)s"),
    body=_l("The check form %(form)s of “%(name)s” found a problem. The case %(no)s is due on %(due)s."),
)


def locked_form(session: Session, form_id: int) -> CheckForm:
    """The form as it is now, held until the end of the unit.

    :raises NotFound: when it is not there, or not within reach
    """
    form = session.get(CheckForm, form_id, with_for_update=True, populate_existing=True)
    if form is None:
        raise NotFound("not_in_scope", kind="check_form")
    return form


def require_reviewer_of(unit: Unit, agency: Agency) -> None:
    """:raises Refused: unless a reviewer of the agency acts, or of the office above where it has too few"""
    approver = approving_agency(unit.session, agency, today(unit.clock))
    may_act(unit.actor.roles, unit.actor.agency_id, REVIEWERS, approver.id).require()


def tell_reviewers(
    unit: Unit, agency: Agency, kind: str, key: str, context: dict[str, object], link: str
) -> None:
    approver = approving_agency(unit.session, agency, today(unit.clock))
    notify(unit, people(unit.session, approver.id, REVIEWERS, today(unit.clock)), kind, key, context, link)


def account_of(session: Session, code: str | None) -> Account | None:
    """The person behind an actor's code, `u12`."""
    if not code or code[:1] != "u" or not code[1:].isdecimal():
        return None
    return session.get(Account, int(code[1:]))
