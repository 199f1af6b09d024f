"""Carry out one row of the outbox: claim it, run it and mark it done in one transaction, or note a fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, joinedload

from app.db import Actor, Unit, db, unit_of_work
from app.jobs.faults import fault_text
from app.jobs.models import Outbox, OutboxState
from app.jobs.progress import Reporter
from app.jobs.queries import OPEN
from app.jobs.queues import ready
from app.jobs.registry import GiveUp, Job, find_job
from app.kernel.clock import Clock, today
from app.security.models import Agency, Membership
from app.security.queries import actor_of, scope_for
from app.security.scope import Scope

log = structlog.get_logger()

MOST_ATTEMPTS = 8
DELAYS = tuple(timedelta(seconds=s) for s in (5, 15, 60, 300, 900, 1800, 3600))
"""Wait after the first, second, ... failed attempt."""


@dataclass(frozen=True)
class Claim:
    """A row that this worker has begun: what to run, and for whom."""

    id: int
    kind: str
    membership_id: int | None
    reason: str
    attempts: int


def run_outbox(outbox_id: int) -> str:
    """RQ's entry point, in an application context: "done", "retry", "failed", or "skip" when nothing is to
    be done: it is done, another worker is at it, or it is not due again yet.
    """
    session, clock = db.session(), current_app.extensions["clock"]
    try:
        claim = _claim(session, outbox_id, clock)
        return _carry_out(session, claim, clock) if claim else "skip"
    finally:
        db.session.remove()


def run_next(now: datetime, new_before: datetime) -> bool:
    """Without Redis: take the next row that is due from the outbox itself; whether there was one."""
    session = db.session()
    session.info.update(scope=Scope.system("outbox"), actor_code="system")
    found = session.scalars(
        select(Outbox.id)
        .where(ready(now, new_before))
        .order_by(Outbox.due_at, Outbox.id)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
    ).first()
    session.rollback()
    if found is None:
        db.session.remove()
        return False
    run_outbox(found)
    return True


def _claim(session: Session, outbox_id: int, clock: Clock) -> Claim | None:
    """Count the attempt before it begins, so that one that kills its worker is counted as well."""
    with unit_of_work(Actor.system(), Scope.system("outbox"), clock, session):
        row = _locked(session, outbox_id)
        if row is None or row.due_at > clock.now():
            return None
        if row.attempts >= MOST_ATTEMPTS:
            row.state = OutboxState.FAILED
            row.error = row.error or "The worker ended during the last attempt."
            return None
        row.attempts += 1
        row.state, row.pushed_at = OutboxState.PUSHED, clock.now()
        return Claim(row.id, row.kind, row.membership_id, row.reason, row.attempts)


def _locked(session: Session, outbox_id: int) -> Outbox | None:
    return session.scalars(
        select(Outbox)
        .where(Outbox.id == outbox_id, Outbox.state.in_(OPEN))
        .with_for_update(skip_locked=True, key_share=True)
        .execution_options(populate_existing=True)
    ).first()


def _carry_out(session: Session, claim: Claim, clock: Clock) -> str:
    reporter = Reporter(db.engine, claim.id, clock)
    try:
        job = find_job(claim.kind)
        if job is None:
            raise GiveUp(f"No job is registered as {claim.kind}.")
        actor, scope = _on_behalf(session, claim)
        session.rollback()
        with unit_of_work(actor, scope, clock, session) as unit:
            if not _run(unit, claim, job, reporter):
                return "skip"
    except Exception as fault:
        reporter.close()
        log.warning("job failed", id=claim.id, kind=claim.kind, attempt=claim.attempts, exc_info=True)
        return _note_fault(session, claim, fault, clock)
    reporter.close()
    return "done"


def _run(unit: Unit, claim: Claim, job: Job, reporter: Reporter) -> bool:
    row = _locked(unit.session, claim.id)
    if row is None:
        return False
    unit.session.execute(text("SET LOCAL statement_timeout = 0"))
    args: dict[str, Any] = dict(row.args)
    unit.session.expunge(row)
    with force_locale("zh_CN"):
        job.run(unit, args, reporter)
    unit.session.flush()
    unit.session.execute(
        update(Outbox.__table__)
        .where(Outbox.__table__.c.id == claim.id)
        .values(state=OutboxState.DONE, done_at=unit.clock.now(), error="")
    )
    return True


def _on_behalf(session: Session, claim: Claim) -> tuple[Actor, Scope]:
    """Actor and scope as they are now: whoever has left or lost a role has lost it for the jobs too."""
    if claim.membership_id is None:
        return Actor.system(), Scope.system(claim.reason)
    session.info["scope"] = Scope.system("outbox")
    membership = session.scalars(
        select(Membership)
        .where(Membership.id == claim.membership_id, Membership.active)
        .options(joinedload(Membership.agency).joinedload(Agency.region))
        .execution_options(populate_existing=True)
    ).first()
    if membership is None or not membership.user.active:
        raise GiveUp("The membership for which this job should run has ended.")
    day = today(current_app.extensions["clock"])
    return actor_of(membership, day), scope_for(session, membership, day)


def _note_fault(session: Session, claim: Claim, fault: Exception, clock: Clock) -> str:
    session.rollback()
    with force_locale("zh_CN"):
        error = fault_text(fault)
    with unit_of_work(Actor.system(), Scope.system("outbox"), clock, session):
        row = _locked(session, claim.id)
        if row is None:
            return "skip"
        over = row.attempts >= MOST_ATTEMPTS or isinstance(fault, GiveUp)
        row.error = error
        row.state = OutboxState.FAILED if over else OutboxState.NEW
        row.pushed_at = None
        if not over:
            row.due_at = clock.now() + DELAYS[row.attempts - 1]
    return "failed" if over else "retry"
