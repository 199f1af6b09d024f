"""A draw that comes to nothing: it stays in the record with its number, the reason and who was missing.

Two people, always: a clerk of the initiator asks, an auditor of the region confirms. Only a void draw can be
repeated, so the confirmation is also what allows the repeat.
"""

from __future__ import annotations

from app.audit.sealing import seal_now
from app.db import Unit
from app.draws.models import Draw
from app.draws.rules import Act, DrawState, may_confirm_void, next_state, void_words
from app.draws.services.notices import ask_auditors
from app.draws.services.steps import AUDITORS, lock_draw, log, only_initiator, step, tell
from app.regulation import implements
from app.security.rules import may_act
from app.security.scoping import unscoped


@implements("R-24.1")
def ask_void(unit: Unit, draw_id: int, reason: str, who: str) -> Draw:
    """Ask to declare a draw void; the ceremony stands still for nobody until it is confirmed.

    The same request a second time changes nothing; another wording replaces the first, under the new name.

    :raises Refused: once it is drawn, without a reason, or unless a clerk of the initiator acts
    """
    draw = lock_draw(unit.session, draw_id)
    if draw.state == DrawState.VOID:
        return draw
    next_state(draw.state, Act.VOID).require()
    only_initiator(unit, draw)
    void_words(reason, who).require()
    reason, who = reason.strip(), who.strip()
    if (draw.void_reason, draw.void_who, draw.void_asked_by) == (reason, who, unit.actor.code):
        return draw
    draw.void_reason, draw.void_who = reason, who
    draw.void_asked_by, draw.void_asked_at = unit.actor.code, unit.clock.now()
    log(unit, draw, "void_asked", {"reason": reason, "who": who})
    seal_now(unit)
    ask_auditors(unit, draw)
    tell(unit, draw, "void_asked")
    return draw


@implements("R-24.1")
def confirm_void(unit: Unit, draw_id: int) -> Draw:
    """Any auditor whose region the draw lies in, and never the person who asked, under whatever membership.

    :raises Refused: when nobody has asked, the same person has, or it is drawn meanwhile
    """
    draw = lock_draw(unit.session, draw_id)
    may_act(unit.actor.roles, unit.actor.agency_id, AUDITORS, None).require()
    if draw.state == DrawState.VOID:
        return draw
    next_state(draw.state, Act.VOID).require()
    may_confirm_void(draw.void_asked_by, unit.actor.code).require()
    with unscoped(unit.session, "an auditor confirms that a draw is void"):
        draw.void_by = unit.actor.code
        step(draw, Act.VOID)
        log(unit, draw, "void", {"reason": draw.void_reason, "who": draw.void_who})
        seal_now(unit)
        tell(unit, draw, "void")
    return draw


def void_draw(unit: Unit, draw_id: int, reason: str = "", who: str = "") -> Draw:
    """The page of both: the auditor confirms, whoever else asks."""
    if unit.actor.roles & AUDITORS:
        return confirm_void(unit, draw_id)
    return ask_void(unit, draw_id, reason, who)
