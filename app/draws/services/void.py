"""A draw that comes to nothing: it stays in the record with its number, the reason and who was missing."""

from __future__ import annotations

from app.audit.sealing import seal_now
from app.db import Unit
from app.draws.models import Draw
from app.draws.rules import Act, DrawState, needs_confirmation, next_state, void_words
from app.draws.services.notices import ask_auditors
from app.draws.services.steps import AUDITORS, lock_draw, log, only_initiator, step, tell
from app.kernel.errors import Refused
from app.regulation import implements
from app.security.rules import may_act
from app.security.scoping import unscoped


@implements("R-24.1")
def void_draw(unit: Unit, draw_id: int, reason: str = "", who: str = "") -> Draw:
    """Declare a draw void. Before the first commitment the initiator's clerk does it alone; after it the
    clerk
    asks, and an auditor of the region confirms by the same act.

    :raises Refused: once it is drawn, without a reason, or when there is nothing to confirm
    """
    draw = lock_draw(unit.session, draw_id)
    if draw.state == DrawState.VOID:
        return draw
    next_state(draw.state, Act.VOID).require()
    committed = sum(row.commitment is not None for row in draw.contributions)
    if unit.actor.roles & AUDITORS:
        _confirm(unit, draw)
        return draw
    only_initiator(unit, draw)
    void_words(reason, who).require()
    draw.void_reason, draw.void_who = reason.strip(), who.strip()
    if not needs_confirmation(draw.state, committed):
        _end(unit, draw)
        return draw
    log(unit, draw, "void_asked", {"reason": draw.void_reason, "who": draw.void_who})
    seal_now(unit)
    ask_auditors(unit, draw)
    tell(unit, draw, "void_asked")
    return draw


def _confirm(unit: Unit, draw: Draw) -> None:
    """Any auditor whose region the draw lies in; the lock has looked through that scope."""
    may_act(unit.actor.roles, unit.actor.agency_id, AUDITORS, None).require()
    if not draw.void_reason:
        raise Refused("draw_void_not_asked")
    with unscoped(unit.session, "an auditor confirms that a draw is void"):
        _end(unit, draw)


def _end(unit: Unit, draw: Draw) -> None:
    step(draw, Act.VOID)
    log(unit, draw, "void", {"reason": draw.void_reason, "who": draw.void_who})
    seal_now(unit)
    tell(unit, draw, "void")
