"""A person decides between what stands in the directory and what a source says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select

from app.audit.services import record
from app.db import Unit
from app.directories.sources.models import SourceConflict
from app.directories.sources.rules import ConflictState, read_back
from app.directories.sources.services.stamping import note_sources
from app.directories.targets.models import Target
from app.directories.targets.rules import Source
from app.directories.targets.services.keeping import BASE_KEEPERS, locked, may_keep, upgrade_code
from app.kernel.errors import Fault, Invalid, NotFound, Refused
from app.security.rules import RoleName

CODE = "code"
LONGEST_REASON = 300
AT_ONCE = 500
MOST_AT_ONCE = 2000


def decide(unit: Unit, conflict_id: int, *, take: bool, reason: str) -> SourceConflict:
    """Take the value of the source over, or keep what stands; the reason is kept with the decision.

    The same decision twice changes nothing.

    :raises NotFound: not there, or not within the scope
    :raises Refused: decided otherwise before, or not the actor's to decide
    """
    reason = _reason(reason)
    conflict = _locked(unit, conflict_id)
    state = ConflictState.TAKEN if take else ConflictState.KEPT
    if conflict.state == state:
        return conflict
    if conflict.state != ConflictState.OPEN:
        raise Refused("conflict_decided")
    _apply(unit, conflict, state, reason)
    data = {"field": conflict.field, "source": conflict.source, "decision": state.value, "reason": reason}
    record(unit, "target.conflict_decided", f"target:{conflict.target_id}", data)
    return conflict


def decide_all(unit: Unit, source: str, *, field: str = "", take: bool, reason: str) -> int:
    """The same decision on everything that waits of one source (and one field), within the reach of the actor and
    up to `MOST_AT_ONCE`; gives how many.

    :raises Refused: nothing waits that is the actor's to decide
    """
    reason = _reason(reason)
    state = ConflictState.TAKEN if take else ConflictState.KEPT
    unit.because(f"sync:{source}")
    done, last = 0, 0
    while done < MOST_AT_ONCE:
        batch = _mine(unit, source, field, last)
        if not batch:
            break
        for conflict in batch:
            _apply(unit, conflict, state, reason)
        done, last = done + len(batch), batch[-1].id
    if not done:
        raise Refused("conflict_nothing")
    data = {"source": source, "field": field, "decision": state.value, "number": done, "reason": reason}
    record(unit, "target.conflicts_decided", "directory:targets", data)
    return done


def is_mine(unit_roles: frozenset[str], agency_id: int | None, target: Target) -> bool:
    """Whether somebody decides on this row: the office on rows of the base, an agency on its own."""
    if target.agency_id is None:
        return bool(unit_roles & BASE_KEEPERS)
    return RoleName.AGENCY_ADMIN in unit_roles and target.agency_id == agency_id


def _mine(unit: Unit, source: str, field: str, after: int) -> list[SourceConflict]:
    """The next ones that are the actor's to decide, locked; rows of another agency are left to it."""
    own = []
    if unit.actor.roles & BASE_KEEPERS:
        own.append(Target.source == Source.BASE.value)
    if RoleName.AGENCY_ADMIN in unit.actor.roles:
        own.append(Target.agency_id == unit.actor.agency_id)
    if not own:
        raise Refused("role_missing")
    query = (
        select(SourceConflict)
        .join(Target, Target.id == SourceConflict.target_id)
        .where(
            SourceConflict.source == source,
            SourceConflict.state == ConflictState.OPEN.value,
            SourceConflict.id > after,
            or_(*own),
        )
        .order_by(SourceConflict.id)
        .limit(AT_ONCE)
        .with_for_update(of=SourceConflict)
    )
    if field:
        query = query.where(SourceConflict.field == field)
    return list(unit.session.scalars(query))


def _apply(unit: Unit, conflict: SourceConflict, state: ConflictState, reason: str) -> None:
    target = locked(unit, conflict.target_id)
    may_keep(unit, target.agency_id)
    if state is ConflictState.TAKEN:
        with unit.because(f"sync:{conflict.source}"):
            _take(unit, target, conflict)
    conflict.state, conflict.reason = state.value, reason
    conflict.decided_by, conflict.decided_at = unit.actor.user_id, unit.clock.now()
    unit.session.flush()


def _take(unit: Unit, target: Target, conflict: SourceConflict) -> None:
    if conflict.field == CODE:
        upgrade_code(unit, target.id, str(conflict.said))
        return
    value: Any = read_back(conflict.field, conflict.said)
    setattr(target, conflict.field, value)
    note_sources(unit, target, (conflict.field,), conflict.source)
    target.updated_at = unit.clock.now()
    unit.session.flush()


def _reason(reason: str) -> str:
    text = reason.strip()
    if not text:
        raise Invalid(faults=[Fault("reason", "reason_missing", value="")])
    if len(text) > LONGEST_REASON:
        raise Invalid(faults=[Fault("reason", "too_long", value="", most=LONGEST_REASON, found=len(text))])
    return text


def _locked(unit: Unit, conflict_id: int) -> SourceConflict:
    query = select(SourceConflict).where(SourceConflict.id == conflict_id)
    found = unit.session.scalars(
        query.with_for_update(of=SourceConflict).execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="source_conflict")
    return found
