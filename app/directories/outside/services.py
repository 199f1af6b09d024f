"""Ask for a mark, approve or return it as another person, end it (R-3.3)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.audit.services import record
from app.db import Unit
from app.directories.outside.models import OutsideMark
from app.directories.outside.notices import tell_asked, tell_decided
from app.directories.outside.places import items
from app.directories.outside.queries import overlapping
from app.directories.outside.rules import (
    LONGEST_REASON,
    MarkState,
    faults_of,
    may_decide,
    may_end,
)
from app.directories.targets.queries import get_target
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, NotFound
from app.regulation import implements
from app.security.approval import approving_agency
from app.security.models import Agency
from app.security.rules import RoleName, may_act, may_approve

ASKERS = frozenset({RoleName.AGENCY_ADMIN, RoleName.CLERK})
JUDGES = frozenset({RoleName.REVIEWER})


@implements("R-3.3")
def ask(
    unit: Unit,
    *,
    target_id: int | None = None,
    item_id: int | None = None,
    matter: str,
    basis: str,
    valid_from: date | None,
    valid_until: date | None,
) -> OutsideMark:
    """Ask that a target, or an item of the own line, lie outside random selection. Nothing changes yet.

    :raises Invalid: with every fault of the fields, and when the same days are marked already
    """
    may_act(unit.actor.roles, unit.actor.agency_id, ASKERS, None).require()
    agency = unit.session.get(Agency, unit.actor.agency_id)
    if agency is None:
        raise NotFound("not_in_scope", kind="agency")
    faults = faults_of(matter, basis, valid_from, valid_until)
    if (target_id is None) == (item_id is None):
        faults.append(Fault("target", "outside_one_of_two", value=""))
    if item_id is not None and not _is_own_item(unit, agency, item_id):
        faults.append(Fault("item", "outside_item_unknown", value=str(item_id)))
    if faults or valid_from is None or valid_until is None:
        raise Invalid(faults=faults)
    target = get_target(unit.session, target_id) if target_id is not None else None
    mark = OutsideMark(
        target_id=target_id,
        region_id=target.region_id if target is not None else None,
        item_id=item_id,
        matter=matter.strip(),
        basis=basis.strip(),
        valid_from=valid_from,
        valid_until=valid_until,
        state=MarkState.ASKED.value,
        agency_id=agency.id,
        asked_by=unit.actor.code,
        asked_at=unit.clock.now(),
    )
    there = overlapping(unit.session, mark)
    if there is not None:
        raise Invalid(
            faults=[Fault("valid_from", "outside_marked_already", value=there.valid_until.isoformat())]
        )
    unit.session.add(mark)
    unit.session.flush()
    record(unit, "outside.asked", f"outside:{mark.id}", _facts(mark), agency.id)
    tell_asked(unit, mark, approving_agency(unit.session, agency, today(unit.clock)))
    return mark


@implements("R-3.3")
def approve(unit: Unit, mark_id: int) -> OutsideMark:
    """By a reviewer who did not ask. From now on, within the period, the target is in no frame.

    :raises Refused: the same person, nothing that waits, or a period that is over
    """
    mark = _judged(unit, mark_id)
    if mark.state == MarkState.APPROVED and mark.decided_by == unit.actor.code:
        return mark
    may_decide(mark.state, mark.valid_until, today(unit.clock)).require()
    may_approve(mark.asked_by, unit.actor.code).require()
    mark.state, mark.decided_by, mark.decided_at = (
        MarkState.APPROVED.value,
        unit.actor.code,
        unit.clock.now(),
    )
    unit.session.flush()
    record(unit, "outside.approved", f"outside:{mark.id}", _facts(mark), mark.agency_id)
    tell_decided(unit, mark)
    return mark


def return_mark(unit: Unit, mark_id: int, remarks: str) -> OutsideMark:
    """Not approved, with the reason; the target stays in every frame."""
    mark = _judged(unit, mark_id)
    words = _words("remarks", remarks)
    if mark.state == MarkState.RETURNED and mark.remarks == words:
        return mark
    may_decide(mark.state, date.max, today(unit.clock)).require()
    may_approve(mark.asked_by, unit.actor.code).require()
    mark.state, mark.remarks = MarkState.RETURNED.value, words
    mark.decided_by, mark.decided_at = unit.actor.code, unit.clock.now()
    unit.session.flush()
    record(unit, "outside.returned", f"outside:{mark.id}", {"remarks": words}, mark.agency_id)
    tell_decided(unit, mark)
    return mark


def end(unit: Unit, mark_id: int, reason: str) -> OutsideMark:
    """Back into random selection before the period is over; one person of the agency is enough."""
    mark = _locked(unit, mark_id)
    may_act(unit.actor.roles, unit.actor.agency_id, ASKERS, mark.agency_id).require()
    words = _words("reason", reason)
    if mark.state == MarkState.ENDED and mark.end_reason == words:
        return mark
    may_end(mark.state).require()
    mark.state, mark.end_reason = MarkState.ENDED.value, words
    mark.ended_by, mark.ended_at = unit.actor.code, unit.clock.now()
    unit.session.flush()
    record(unit, "outside.ended", f"outside:{mark.id}", {"reason": words}, mark.agency_id)
    return mark


def _is_own_item(unit: Unit, agency: Agency, item_id: int) -> bool:
    return any(item_id == known for place in items for known, _ in place.choices(unit.session, agency))


def _words(field: str, text: str) -> str:
    words = text.strip()
    if not words:
        raise Invalid(faults=[Fault(field, "required", value="")])
    if len(words) > LONGEST_REASON:
        raise Invalid(faults=[Fault(field, "too_long", value=words, most=LONGEST_REASON, found=len(words))])
    return words


def _judged(unit: Unit, mark_id: int) -> OutsideMark:
    mark = _locked(unit, mark_id)
    judge = approving_agency(unit.session, mark.agency, today(unit.clock))
    may_act(unit.actor.roles, unit.actor.agency_id, JUDGES, judge.id).require()
    return mark


def _locked(unit: Unit, mark_id: int) -> OutsideMark:
    mark = unit.session.scalars(
        select(OutsideMark)
        .where(OutsideMark.id == mark_id)
        .with_for_update(of=OutsideMark)
        .options(joinedload(OutsideMark.agency).joinedload(Agency.region))
        .execution_options(populate_existing=True)
    ).first()
    if mark is None:
        raise NotFound("not_in_scope", kind="outside_mark")
    return mark


def _facts(mark: OutsideMark) -> dict[str, object]:
    return {
        "target": mark.target_id,
        "item": mark.item_id,
        "from": mark.valid_from.isoformat(),
        "until": mark.valid_until.isoformat(),
    }
