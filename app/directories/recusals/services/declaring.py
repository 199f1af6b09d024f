"""Declare and withdraw recusals."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.queries import get_inspector
from app.directories.recusals.evidence import Files, keep_files
from app.directories.recusals.models import Recusal
from app.directories.recusals.rules import DeclaredBy, declaration_faults, file_faults
from app.directories.targets.queries import get_target
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, NotFound, Refused
from app.security.rules import RoleName, may_act

KEEPERS = frozenset({RoleName.AGENCY_ADMIN, RoleName.CLERK})
DECLARERS = KEEPERS | {RoleName.INSPECTOR}


def declare(
    unit: Unit,
    inspector_id: int,
    target_id: int,
    *,
    reason: str,
    declared_by: str,
    evidence: str,
    since: date | None = None,
    until: date | None = None,
    files: Files = (),
) -> Recusal:
    """Say that the two must not meet, from `since` (None: today) to `until` (None: for good).

    An inspector declares the own conflicts, administrator and clerk those of their agency. The same
    declaration made twice is the same row. `files`: evidence by name and content.

    :raises Invalid: with every fault
    """
    inspector = get_inspector(unit.session, inspector_id)
    target = get_target(unit.session, target_id)
    may_act(unit.actor.roles, unit.actor.agency_id, DECLARERS, inspector.agency_id).require()
    if not unit.actor.roles & KEEPERS and inspector.user_id != unit.actor.user_id:
        raise Refused("recusal_of_another")
    first = since or today(unit.clock)
    faults = declaration_faults(reason, declared_by, first, until, evidence) + file_faults(files)
    if faults:
        raise Invalid(faults=faults)
    known = unit.session.scalars(
        select(Recusal).where(
            Recusal.inspector_id == inspector.id,
            Recusal.target_id == target.id,
            Recusal.reason == reason,
            Recusal.since == first,
            Recusal.withdrawn_on.is_(None),
        )
    ).first()
    if known is not None:
        _keep_files(unit, known, files)
        return known
    recusal = Recusal(
        inspector_id=inspector.id,
        target_id=target.id,
        agency_id=inspector.agency_id,
        reason=reason,
        declared_by=declared_by,
        since=first,
        until=until,
        evidence=evidence.strip(),
    )
    unit.session.add(recusal)
    unit.session.flush()
    facts = {"inspector": inspector.id, "target": target.id, "reason": reason}
    record(unit, "recusal.declared", f"recusal:{recusal.id}", facts, inspector.agency_id)
    _keep_files(unit, recusal, files)
    return recusal


def _keep_files(unit: Unit, recusal: Recusal, files: Files) -> None:
    keep_files(
        unit,
        files,
        agency_id=recusal.agency_id,
        inspector_id=recusal.inspector_id,
        recusal_id=recusal.id,
    )


def withdraw(unit: Unit, recusal_id: int, reason: str) -> Recusal:
    """Take a recusal back, with the reason; the row stays. An inspector cannot."""
    statement = select(Recusal).where(Recusal.id == recusal_id).with_for_update(of=Recusal)
    recusal = unit.session.scalars(statement.execution_options(populate_existing=True)).first()
    if recusal is None:
        raise NotFound("not_in_scope", kind="recusal")
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, recusal.agency_id).require()
    if not reason.strip():
        raise Invalid(faults=[Fault("withdrawn_reason", "withdrawal_without_reason", value="")])
    if recusal.withdrawn_on is not None:
        raise Refused("recusal_withdrawn_already")
    recusal.withdrawn_on, recusal.withdrawn_reason = today(unit.clock), reason.strip()[:300]
    unit.session.flush()
    record(unit, "recusal.withdrawn", f"recusal:{recusal.id}", {}, recusal.agency_id)
    return recusal


def default_declarer(roles: frozenset[str]) -> str:
    return DeclaredBy.AGENCY.value if roles & KEEPERS else DeclaredBy.INSPECTOR.value
