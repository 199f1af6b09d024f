"""The reviewer's verbs, and the note that a result is public."""

from __future__ import annotations

from app.audit.services import record
from app.db import Unit
from app.directories.targets.services.checking import note_checked
from app.inspections import after_approval, after_settled
from app.inspections.models import CheckForm
from app.inspections.queries import settlement
from app.inspections.rules import (
    FormAct,
    FormState,
    after,
    may_be_exempt,
    may_confirm_exemption,
    may_step,
    own_version_is_known,
)
from app.inspections.services.common import (
    CLERKS,
    account_of,
    locked_form,
    require_reviewer_of,
    tell_reviewers,
)
from app.inspections.services.follow_ups import open_if_needed
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, Refused, Stale
from app.notifications.services import notify
from app.security.rules import may_act, may_approve
from app.security.scoping import unscoped

LONGEST_REMARK = 1000


def return_form(unit: Unit, form_id: int, remark: str, version: int | None = None) -> CheckForm:
    """Back to the inspector, with what is to be corrected.

    :raises Invalid: without a remark
    :raises Refused: unless it is submitted, and a reviewer of the agency acts who is not the submitter
    """
    remark = remark.strip()
    form = _for_review(unit, form_id)
    if form.state == FormState.RETURNED and form.return_remark == remark:
        return form
    may_step(form.state, FormAct.RETURN).require()
    _require_seen(form, version)
    _require_text("remark", remark, "return_needs_remark")
    form.state = after(form.state, FormAct.RETURN)
    form.return_remark = remark
    _drop_request(form)
    form.publish_due_at, form.publish_due_provisional = None, False
    _store(unit, form, "form.returned")
    submitter = account_of(unit.session, form.submitted_by)
    if submitter is not None:
        context = {"no": form.no, "name": form.task.name, "remark": remark}
        key = f"form-returned:{form.id}:{form.version}"
        notify(unit, [submitter], "inspections.returned", key, context, f"/visits/forms/{form.id}")
    return form


def approve_form(unit: Unit, form_id: int, version: int | None = None) -> CheckForm:
    """The result stands, goes to publication, and opens a follow-up where it asks for one.

    :raises Stale: when the reviewer saw another version
    :raises Refused: as `return_form`
    """
    form = _for_review(unit, form_id)
    if form.state in {FormState.APPROVED, FormState.PUBLISHED} and form.approved_by == unit.actor.code:
        return form
    may_step(form.state, FormAct.APPROVE).require()
    _require_seen(form, version)
    form.state = after(form.state, FormAct.APPROVE)
    form.approved_by, form.approved_at = unit.actor.code, unit.clock.now()
    form.return_remark = ""
    _drop_request(form)
    _store(unit, form, "form.approved")
    note_checked(
        unit, form.visit.target_id, form.visit_ended_on or form.visit_started_on or today(unit.clock)
    )
    open_if_needed(unit, form)
    for announce in after_approval:
        announce(unit, form)
    return form


def ask_exemption(unit: Unit, form_id: int, basis: str, version: int | None = None) -> CheckForm:
    """A reviewer proposes that the result stays unpublished; until another one decides it is not published.

    :raises Invalid: without a legal basis
    :raises Refused: as `return_form`; from `submitted` or `approved` only, or when it is asked already
    """
    basis = basis.strip()
    form = _for_review(unit, form_id)
    if form.exempt_asked_by == unit.actor.code and form.exempt_basis == basis:
        return form
    may_step(form.state, FormAct.EXEMPT).require()
    if form.exempt_asked_by is not None:
        raise Refused("exemption_asked", rule="R-27.1")
    _require_seen(form, version)
    if not may_be_exempt(basis):
        raise Invalid("invalid", [Fault("basis", "exemption_needs_basis")])
    _require_text("basis", basis, "exemption_needs_basis")
    form.exempt_basis, form.exempt_asked_by, form.exempt_asked_at = basis, unit.actor.code, unit.clock.now()
    _store(unit, form, "form.exemption_asked")
    context: dict[str, object] = {"no": form.no, "name": form.task.name, "basis": basis}
    key = f"exemption-asked:{form.id}:{form.version}"
    tell_reviewers(unit, form.agency, "inspections.exemption", key, context, f"/reviews/{form.id}")
    return form


def exempt_form(unit: Unit, form_id: int, version: int | None = None) -> CheckForm:
    """The second reviewer agrees: the result stands, and stays unpublished on the basis that was named
    (R-27.1); follow-up is not waived.

    :raises Refused: as `return_form`; when nobody asked, or for the person who did
    """
    form = _for_review(unit, form_id)
    if form.state == FormState.EXEMPT and form.exempt_by == unit.actor.code:
        return form
    may_step(form.state, FormAct.EXEMPT).require()
    may_confirm_exemption(form.exempt_asked_by, unit.actor.code).require()
    _require_seen(form, version)
    now = unit.clock.now()
    if form.approved_by is None or form.state == FormState.SUBMITTED:
        form.approved_by, form.approved_at = unit.actor.code, now
    form.state = after(form.state, FormAct.EXEMPT)
    form.exempt_by, form.exempt_at = unit.actor.code, now
    form.return_remark = ""
    _store(unit, form, "form.exempted")
    open_if_needed(unit, form)
    _settle(unit, form)
    return form


def deny_exemption(unit: Unit, form_id: int, version: int | None = None) -> CheckForm:
    """The request is off the table, whoever takes it back; an approved result goes to publication again."""
    form = _for_review(unit, form_id)
    if form.exempt_asked_by is None:
        return form
    may_step(form.state, FormAct.EXEMPT).require()
    _require_seen(form, version)
    _drop_request(form)
    _store(unit, form, "form.exemption_denied")
    if form.state == FormState.APPROVED:
        for announce in after_approval:
            announce(unit, form)
    return form


def _drop_request(form: CheckForm) -> None:
    form.exempt_asked_by, form.exempt_asked_at, form.exempt_basis = None, None, ""


def note_published(unit: Unit, form_id: int) -> CheckForm:
    """Told by publicity when the result is public. A second time changes nothing.

    :raises Refused: unless approved, and the system or a clerk of the agency acts
    """
    form = locked_form(unit.session, form_id)
    if not unit.scope.everything:
        may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, form.agency_id).require()
    if form.state == FormState.PUBLISHED:
        return form
    may_step(form.state, FormAct.PUBLISH).require()
    if form.exempt_asked_by is not None:
        raise Refused("exemption_asked", rule="R-27.1")
    form.state = after(form.state, FormAct.PUBLISH)
    form.published_at = unit.clock.now()
    _store(unit, form, "form.published")
    _settle(unit, form)
    return form


def _for_review(unit: Unit, form_id: int) -> CheckForm:
    form = locked_form(unit.session, form_id)
    require_reviewer_of(unit, form.agency)
    may_approve(form.submitted_by, unit.actor.code).require()
    return form


def _store(unit: Unit, form: CheckForm, tag: str) -> None:
    """The office above may review for an agency with too few reviewers: its rows are beyond its own wall."""
    with unscoped(unit.session, "a review that has been checked"):
        record(unit, tag, f"form:{form.id}", {"form": form.no}, form.agency_id)
        unit.session.flush()


def _settle(unit: Unit, form: CheckForm) -> None:
    if settlement(unit.session, form.task_id).is_settled:
        for announce in after_settled:
            announce(unit, form.task_id)


def _require_seen(form: CheckForm, version: int | None) -> None:
    if not own_version_is_known(form.version, version):
        raise Stale("stale", changes=[{"field": "version", "theirs": form.version, "yours": version}])


def _require_text(field: str, text: str, code: str) -> None:
    if not text:
        raise Invalid("invalid", [Fault(field, code)])
    if len(text) > LONGEST_REMARK:
        raise Invalid("invalid", [Fault(field, "too_long", most=LONGEST_REMARK, found=len(text))])
