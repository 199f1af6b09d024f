"""What a target declares: received past its notice, confirmed or rejected by the agency."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.directories.recusals.evidence import Files, keep_files
from app.directories.recusals.models import Recusal, RecusalEvidence, RecusalRequest
from app.directories.recusals.rules import (
    LONGEST_ANSWER,
    LONGEST_EVIDENCE,
    DeclaredBy,
    RecusalReason,
    RequestState,
    file_faults,
    request_faults,
)
from app.directories.recusals.services.declaring import KEEPERS
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, NotFound, Refused
from app.notifications.services import notify, register_template
from app.regulation import implements
from app.security.queries import people
from app.security.rules import may_act

register_template(
    "recusal.requested",
    subject=_l("A target asks that an inspector steps back: %(visit)s"),
    body=_l(
        "With the code on the notice of the visit %(visit)s a target has declared a conflict of interest of "
        "%(name)s. Confirm it or reject it with a reason."
    ),
)


def request_recusal(
    unit: Unit,
    *,
    visit_no: str,
    inspector: Inspector,
    target_id: int,
    agency_id: int,
    statement: str,
    declarant: str,
    phone: str = "",
    files: Files = (),
) -> RecusalRequest:
    """Keep what a target declares by the code on its notice, and tell the agency. The caller has checked the code.

    While one about the same inspector and visit waits, it is the same request.

    :raises Invalid: with every fault of every field
    """
    faults = request_faults(statement, declarant) + file_faults(files)
    if faults:
        raise Invalid(faults=faults)
    query = select(RecusalRequest).where(
        RecusalRequest.visit_no == visit_no,
        RecusalRequest.inspector_id == inspector.id,
        RecusalRequest.state == RequestState.WAITING.value,
    )
    known = unit.session.scalars(query).first()
    if known is not None:
        return known
    made = RecusalRequest(
        visit_no=visit_no,
        inspector_id=inspector.id,
        target_id=target_id,
        agency_id=agency_id,
        statement=statement.strip(),
        declarant=declarant.strip(),
        phone=phone.strip()[:30],
        created_at=unit.clock.now(),
        state=RequestState.WAITING.value,
    )
    unit.session.add(made)
    unit.session.flush()
    keep_files(unit, files, agency_id=agency_id, inspector_id=inspector.id, request_id=made.id)
    facts = {"visit": visit_no, "inspector": inspector.id}
    record(unit, "recusal.requested", f"recusal_request:{made.id}", facts, agency_id)
    told = people(unit.session, agency_id, KEEPERS, today(unit.clock))
    words = {"visit": visit_no, "name": inspector.name}
    notify(
        unit, told, "recusal.requested", f"recusal.request:{made.id}", words, f"/recusals/requests/{made.id}"
    )
    return made


@implements("R-25.2")
def confirm_request(unit: Unit, request_id: int, answer: str, until: date | None = None) -> Recusal:
    """The agency agrees: from today the two do not meet. A second time gives the same recusal.

    The visit that stands already gets its replacement by the drawn order, on the page of the assignment.
    """
    request = _locked(unit, request_id)
    if request.state == RequestState.CONFIRMED and request.recusal_id is not None:
        return unit.session.get_one(Recusal, request.recusal_id)
    _must_wait(request)
    if len(answer.strip()) > LONGEST_ANSWER:
        raise Invalid(faults=[_too_long(answer)])
    first = today(unit.clock)
    if until is not None and until < first:
        raise Invalid(
            faults=[Fault("until", "days_not_in_order", value=until.isoformat(), first=first.isoformat())]
        )
    recusal = _known(unit, request, first) or Recusal(
        inspector_id=request.inspector_id,
        target_id=request.target_id,
        agency_id=request.agency_id,
        reason=RecusalReason.DECLARED.value,
        declared_by=DeclaredBy.TARGET.value,
        since=first,
        until=until,
        evidence=request.statement[:LONGEST_EVIDENCE],
    )
    unit.session.add(recusal)
    unit.session.flush()
    unit.session.execute(
        update(RecusalEvidence)
        .where(RecusalEvidence.request_id == request.id)
        .values(recusal_id=recusal.id)
        .execution_options(synchronize_session=False)
    )
    request.recusal_id = recusal.id
    _decide(unit, request, RequestState.CONFIRMED, answer)
    facts = {"inspector": request.inspector_id, "target": request.target_id, "reason": recusal.reason}
    record(unit, "recusal.declared", f"recusal:{recusal.id}", facts, request.agency_id)
    return recusal


def _known(unit: Unit, request: RecusalRequest, first: date) -> Recusal | None:
    """The same pair, declared on the same day by somebody else."""
    query = select(Recusal).where(
        Recusal.inspector_id == request.inspector_id,
        Recusal.target_id == request.target_id,
        Recusal.reason == RecusalReason.DECLARED.value,
        Recusal.since == first,
        Recusal.withdrawn_on.is_(None),
    )
    return unit.session.scalars(query).first()


def reject_request(unit: Unit, request_id: int, answer: str) -> RecusalRequest:
    """The agency does not agree, and says why; whoever holds the code on the notice reads it."""
    request = _locked(unit, request_id)
    if request.state == RequestState.REJECTED:
        return request
    _must_wait(request)
    if not answer.strip():
        raise Invalid(faults=[Fault("answer", "required")])
    if len(answer.strip()) > LONGEST_ANSWER:
        raise Invalid(faults=[_too_long(answer)])
    _decide(unit, request, RequestState.REJECTED, answer)
    return request


def _too_long(answer: str) -> Fault:
    return Fault("answer", "too_long", value=answer, most=LONGEST_ANSWER, found=len(answer.strip()))


def _must_wait(request: RecusalRequest) -> None:
    if request.state != RequestState.WAITING:
        raise Refused("recusal_request_decided")


def _decide(unit: Unit, request: RecusalRequest, state: RequestState, answer: str) -> None:
    request.state, request.answer = state.value, answer.strip()
    request.decided_by, request.decided_at = unit.actor.code, unit.clock.now()
    unit.session.flush()
    tag = f"recusal.request_{state.value}"
    record(unit, tag, f"recusal_request:{request.id}", {"visit": request.visit_no}, request.agency_id)


def _locked(unit: Unit, request_id: int) -> RecusalRequest:
    query = select(RecusalRequest).where(RecusalRequest.id == request_id).with_for_update(of=RecusalRequest)
    found = unit.session.scalars(query.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("not_in_scope", kind="recusal_request")
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, found.agency_id).require()
    return found
