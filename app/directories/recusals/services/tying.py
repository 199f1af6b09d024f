"""What binds an inspector to a target: former employers and relatives, from which rules make pairs."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.queries import get_inspector
from app.directories.recusals.models import Tie
from app.directories.recusals.rules import TieKind
from app.directories.recusals.services.applying import apply_rules
from app.directories.recusals.services.declaring import DECLARERS, KEEPERS
from app.directories.targets.queries import get_target
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, NotFound, Refused
from app.security.rules import may_act

LONGEST_NOTE = 200


def keep_tie(
    unit: Unit, inspector_id: int, target_id: int, *, kind: str, until: date | None = None, note: str = ""
) -> Tie:
    """Enter a tie, or change the one that is there. An inspector enters the own ones.

    :param until: the last day at a former employer; None: works there still
    """
    inspector = get_inspector(unit.session, inspector_id)
    target = get_target(unit.session, target_id)
    _may(unit, inspector.agency_id, inspector.user_id)
    if kind not in set(TieKind):
        raise Invalid(faults=[Fault("kind", "not_a_choice", value=kind)])
    if len(note.strip()) > LONGEST_NOTE:
        raise Invalid(
            faults=[Fault("note", "too_long", value=note, most=LONGEST_NOTE, found=len(note.strip()))]
        )
    query = select(Tie).where(Tie.inspector_id == inspector.id, Tie.target_id == target.id, Tie.kind == kind)
    tie = unit.session.scalars(query).first()
    if tie is None:
        tie = Tie(inspector_id=inspector.id, target_id=target.id, kind=kind, agency_id=inspector.agency_id)
        unit.session.add(tie)
    tie.until = until if kind == TieKind.EMPLOYER else None
    tie.note = note.strip()
    unit.session.flush()
    record(unit, "recusal.tie_kept", f"inspector:{inspector.id}", {"kind": kind}, inspector.agency_id)
    apply_rules(unit, inspector.agency_id, today(unit.clock))
    return tie


def remove_tie(unit: Unit, tie_id: int) -> None:
    """Take a tie away, with the pairs that a rule made from it. An inspector cannot: the administrator answers for it."""
    tie = unit.session.get(Tie, tie_id)
    if tie is None:
        raise NotFound("not_in_scope", kind="tie")
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, tie.agency_id).require()
    unit.session.delete(tie)
    unit.session.flush()
    record(unit, "recusal.tie_removed", f"inspector:{tie.inspector_id}", {"kind": tie.kind}, tie.agency_id)
    apply_rules(unit, tie.agency_id, today(unit.clock))


def _may(unit: Unit, agency_id: int, user_id: int | None) -> None:
    may_act(unit.actor.roles, unit.actor.agency_id, DECLARERS, agency_id).require()
    if not unit.actor.roles & KEEPERS and user_id != unit.actor.user_id:
        raise Refused("recusal_of_another")
