"""Publish, deliver, try again, withdraw. Publishing writes a row and a job; only the job writes records."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.audit.services import record
from app.db import Unit
from app.draws.models import Draw
from app.inspections.models import CheckForm
from app.inspections.national import services as national
from app.inspections.national.models import NationalResult
from app.inspections.rules import FormState
from app.inspections.services import note_published
from app.item_lists.models import ItemList
from app.jobs.services import enqueue
from app.kernel.clock import SHANGHAI
from app.kernel.errors import DomainError, NotFound, Refused
from app.plans.models import Plan, PlanEntry
from app.publicity.models import Publication, PublicRecord
from app.publicity.rules import (
    Origin,
    PublicationAct,
    PublicationState,
    PublicKind,
    after,
    by_31_march,
    check_payload,
    may_publish_result,
    may_withdraw,
    shown_until,
)
from app.publicity.snapshots import Snapshot, snapshot_of
from app.security.explain import explain
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped
from app.tasks.models import Task

PORTAL = "portal"
JOB = "publicity.deliver"
REASON = "publication of what its agency has made public"
CLERKS = frozenset({RoleName.CLERK, RoleName.AGENCY_ADMIN, RoleName.OFFICE_ADMIN})
AUTOMATIC = 5
"""Attempts before a failed publication waits for a person."""
DELAY = timedelta(minutes=2)


def publish_list(unit: Unit, item_list: ItemList) -> int | None:
    """Queue a published item list; gives the publication's id, as all of these do."""
    key = f"{item_list.agency.code}-{item_list.year}-{item_list.kind}"
    return _queue(unit, PublicKind.LIST, key, item_list.id, item_list.agency_id, by_31_march(item_list.year))


def publish_plan(unit: Unit, plan: Plan) -> int | None:
    return _queue(unit, PublicKind.PLAN, plan.no, plan.id, plan.agency_id, by_31_march(plan.year))


def publish_draw(unit: Unit, draw: Draw) -> int | None:
    """From the freeze on, anew at every step of the draw."""
    return _queue(unit, PublicKind.DRAW, draw.draw_no, draw.id, draw.task.initiator_id, None)


def publish_result(unit: Unit, form: CheckForm) -> int | None:
    """Published by whoever checked: the publication belongs to the form's agency (R-27.1).

    :raises Refused: unless the form is approved
    """
    may_publish_result(form.state).require()
    return _queue(unit, PublicKind.RESULT, form.no, form.id, form.agency_id, form.publish_due_at)


def publish_national(unit: Unit, result: NationalResult) -> int | None:
    """A result of a national system, published by the agency that reported it (R-6.2, R-27.1).

    :raises Refused: unless a reviewer has approved it
    """
    may_publish_result(result.state).require()
    due_at = result.publish_due_at
    return _queue(unit, PublicKind.RESULT, result.no, result.id, result.agency_id, due_at, Origin.NATIONAL)


def publish_cancellation(unit: Unit, task: Task) -> int | None:
    """The reason of a cancelled task stands in the record of its plan; None for one that was never pushed."""
    if task.pushed_at is None:
        return None
    plan_id = (
        select(PlanEntry.__table__.c.plan_id)
        .where(PlanEntry.__table__.c.id == task.entry_id)
        .scalar_subquery()
    )
    table = Publication.__table__
    query = select(table.c.subject_key, table.c.subject_id, table.c.agency_id, table.c.due_at).where(
        table.c.kind == PublicKind.PLAN.value, table.c.subject_id == plan_id
    )
    with unscoped(unit.session, REASON):
        row = unit.session.execute(query).first()
    return _queue(unit, PublicKind.PLAN, *row) if row else None


def _queue(
    unit: Unit,
    kind: PublicKind,
    key: str,
    subject_id: int,
    agency_id: int,
    due_at: datetime | None,
    origin: Origin = Origin.OWN,
) -> int | None:
    """One row per record and channel, whoever brings it about; each time it is queued its job has a new key.

    None for what was withdrawn: only a person publishes that again.
    """
    table = Publication.__table__
    unit.session.flush()
    statement = insert(table).values(
        kind=kind.value,
        subject_key=key,
        subject_id=subject_id,
        origin=origin.value,
        channel=PORTAL,
        agency_id=agency_id,
        state=PublicationState.QUEUED.value,
        due_at=due_at,
        revision=1,
        attempts=0,
        error="",
        withdraw_reason="",
    )
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "subject_key", "channel"],
        set_={
            "state": PublicationState.QUEUED.value,
            "due_at": statement.excluded.due_at,
            "revision": table.c.revision + 1,
            "attempts": 0,
            "error": "",
        },
        where=table.c.state != PublicationState.WITHDRAWN.value,
    )
    with unscoped(unit.session, REASON):
        row = unit.session.execute(statement.returning(table.c.id, table.c.revision)).first()
    if row is None:
        return None
    _enqueue(unit, row.id, row.revision)
    return int(row.id)


def _enqueue(unit: Unit, publication_id: int, revision: int, due_at: datetime | None = None) -> None:
    key = f"publicity:{publication_id}:{revision}"
    enqueue(unit, JOB, key, {"publication": publication_id}, due_at=due_at, reason=REASON)


def deliver(unit: Unit, publication_id: int) -> Publication | None:
    """Write the public record as its row is now; a second run changes nothing. What fails is tried again.

    Runs as the system; None when there is nothing to be done.
    """
    publication = _locked(unit, publication_id)
    if publication is None or after(publication.state, PublicationAct.DELIVER) is None:
        return None
    kind = PublicKind(publication.kind)
    own_result = kind is PublicKind.RESULT and publication.origin == Origin.OWN
    if own_result and _exempted(unit, publication.subject_id):
        unit.session.delete(publication)
        return None
    try:
        with unit.session.begin_nested():
            snapshot = snapshot_of(unit.session, kind, publication.origin, publication.subject_id)
            check_payload(kind, snapshot.payload)
            _store(unit, kind, publication.subject_key, snapshot)
            if own_result:
                note_published(unit, publication.subject_id)
            elif publication.origin == Origin.NATIONAL:
                national.note_published(unit, publication.subject_id)
    except DomainError as fault:
        _fail(unit, publication, fault)
        return publication
    publication.state = PublicationState.DELIVERED.value
    publication.delivered_at, publication.error = unit.clock.now(), ""
    data = {"kind": publication.kind, "key": publication.subject_key, "revision": publication.revision}
    record(unit, "publication.delivered", f"publication:{publication.id}", data, publication.agency_id)
    return publication


def _exempted(unit: Unit, form_id: int) -> bool:
    """An approved result can still be exempted before its job has run."""
    form = CheckForm.__table__
    return unit.session.scalar(select(form.c.state).where(form.c.id == form_id)) == FormState.EXEMPT.value


def _fail(unit: Unit, publication: Publication, fault: DomainError) -> None:
    publication.state = PublicationState.FAILED.value
    publication.attempts += 1
    publication.error = explain(fault)
    if publication.attempts < AUTOMATIC:
        publication.revision += 1
        _enqueue(
            unit, publication.id, publication.revision, unit.clock.now() + DELAY * publication.attempts**2
        )
    data = {"kind": publication.kind, "key": publication.subject_key, "code": fault.code}
    record(unit, "publication.failed", f"publication:{publication.id}", data, publication.agency_id)


def _store(unit: Unit, kind: PublicKind, key: str, snapshot: Snapshot) -> None:
    now = unit.clock.now()
    query = (
        select(PublicRecord).where(PublicRecord.kind == kind.value, PublicRecord.key == key).with_for_update()
    )
    found = unit.session.scalars(query).one_or_none()
    if found is None:
        found = PublicRecord(kind=kind.value, key=key, published_at=now)
        unit.session.add(found)
    found.title, found.agency_name = snapshot.title[:300], snapshot.agency_name
    found.region_code, found.year, found.target_code = (
        snapshot.region_code,
        snapshot.year,
        snapshot.target_code,
    )
    found.payload, found.updated_at = snapshot.payload, now
    found.withdrawn_at, found.withdraw_reason = None, ""
    if kind is PublicKind.RESULT:
        found.shown_until = shown_until(found.published_at.astimezone(SHANGHAI).date())
    unit.session.flush()


def try_again(unit: Unit, publication_id: int) -> Publication:
    """Give a publication that has failed, or was withdrawn, to the outbox anew.

    :raises NotFound: when it is not within reach
    :raises Refused: from any other state, or unless somebody of its agency acts
    """
    publication = _own(unit, publication_id)
    if publication.state == PublicationState.QUEUED:
        return publication
    if publication.state not in {PublicationState.FAILED, PublicationState.WITHDRAWN}:
        raise Refused("publication_not_failed")
    publication.state, publication.attempts = PublicationState.QUEUED.value, 0
    publication.withdraw_reason = ""
    publication.revision += 1
    _enqueue(unit, publication.id, publication.revision)
    data = {"kind": publication.kind, "key": publication.subject_key}
    record(unit, "publication.repeated", f"publication:{publication.id}", data, publication.agency_id)
    unit.session.flush()
    return publication


def withdraw(unit: Unit, publication_id: int, reason: str) -> Publication:
    """Take a record off the public pages, with a reason; its earlier versions stay in the row history.

    :raises Refused: without a reason, for a draw, or before it was delivered
    """
    publication = _own(unit, publication_id)
    reason = reason.strip()
    if publication.state == PublicationState.WITHDRAWN and publication.withdraw_reason == reason:
        return publication
    may_withdraw(publication.kind, publication.state, reason).require()
    publication.state, publication.withdraw_reason = PublicationState.WITHDRAWN.value, reason
    query = select(PublicRecord).where(
        PublicRecord.kind == publication.kind, PublicRecord.key == publication.subject_key
    )
    found = unit.session.scalars(query.with_for_update()).one()
    found.withdrawn_at, found.withdraw_reason = unit.clock.now(), reason
    data = {"kind": publication.kind, "key": publication.subject_key, "reason": reason}
    record(unit, "publication.withdrawn", f"publication:{publication.id}", data, publication.agency_id)
    unit.session.flush()
    return publication


def _own(unit: Unit, publication_id: int) -> Publication:
    publication = _locked(unit, publication_id)
    if publication is None:
        raise NotFound("not_in_scope", kind="publication")
    may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, publication.agency_id).require()
    return publication


def _locked(unit: Unit, publication_id: int) -> Publication | None:
    return unit.session.get(Publication, publication_id, with_for_update=True, populate_existing=True)
