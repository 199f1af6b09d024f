"""Contributions of the witnesses: committed first, revealed when all have committed."""

from __future__ import annotations

import re

from app.audit.sealing import seal_now
from app.db import Unit
from app.draws import engine
from app.draws.models import Contribution, Draw
from app.draws.queries import ceremony_of
from app.draws.rules import Act, DrawState, next_state
from app.draws.services.notices import ask_witnesses, tell_initiator
from app.draws.services.steps import AUDITORS, CLERKS, lock_draw, log, moment, now_of, step, tell
from app.kernel.errors import Refused
from app.regulation import implements
from app.security.rules import may_act

HEX_DIGEST = re.compile(r"[0-9a-f]{64}")
HEX_NONCE = re.compile(r"[0-9a-f]{32}")


@implements("R-24.1")
def commit_contribution(unit: Unit, draw_id: int, witness: str, digest: str) -> Draw:
    """Take a witness's commitment; the last one closes, and no other can slip in.

    :param digest: 64 hexadecimal digits, made in the witness's own browser
    :raises Refused: not this person's to give, late, given before, or no digest
    """
    draw = lock_draw(unit.session, draw_id)
    row = _own_row(unit, draw, witness)
    if row.commitment is not None and row.commitment == digest:
        return draw
    if not HEX_DIGEST.fullmatch(digest):
        raise Refused("draw.commitment_size", size=len(digest) // 2)
    next_state(draw.state, Act.COMMIT).require()
    at = now_of(unit)
    ceremony = engine.accept_commitment(ceremony_of(draw), witness, bytes.fromhex(digest), moment(at))
    row.commitment, row.committed_at = digest, at
    step(draw, Act.COMMIT)
    log(unit, draw, "committed", {"witness": witness, "digest": digest})
    tell(unit, draw, "committed")
    if not ceremony.awaited:
        _close(unit, draw, ceremony)
    else:
        seal_now(unit)
    return draw


def _close(unit: Unit, draw: Draw, ceremony: engine.Ceremony) -> None:
    """Seal everything so far; the root of that head goes into the seed, and into the next entry of the
    log.
    """
    head = seal_now(unit)
    if head is None:
        raise RuntimeError("a log with commitments has a head")
    draw.closing = engine.close(ceremony, head.root, moment(now_of(unit))).closing.hex()  # type: ignore[union-attr]
    step(draw, Act.CLOSE)
    log(unit, draw, "closing", {"root": draw.closing, "size": head.size})
    seal_now(unit)
    ask_witnesses(unit, draw, "draw.reveal")
    tell(unit, draw, "closing")


@implements("R-24.1")
def reveal_contribution(unit: Unit, draw_id: int, witness: str, value: str, nonce: str) -> Draw:
    """Open a commitment; value and nonce are checked against it.

    :param nonce: 32 hexadecimal digits
    :raises Refused: before the closing, not this person's, or not what was committed
    """
    draw = lock_draw(unit.session, draw_id)
    row = _own_row(unit, draw, witness)
    if row.value is not None and (row.value, row.nonce) == (value, nonce):
        return draw
    if draw.state in {DrawState.FROZEN, DrawState.COMMITTING}:
        raise Refused("draw.not_closed")
    next_state(draw.state, Act.REVEAL).require()
    if not HEX_NONCE.fullmatch(nonce):
        raise Refused("draw.nonce_size", size=len(nonce) // 2)
    at = now_of(unit)
    ceremony = engine.reveal(ceremony_of(draw), witness, value, bytes.fromhex(nonce), moment(at))
    row.value, row.nonce, row.received_at = value, nonce, at
    step(draw, Act.REVEAL)
    log(unit, draw, "revealed", {"witness": witness, "value": value, "nonce": nonce})
    seal_now(unit)
    if ceremony.is_ready:
        tell_initiator(unit, draw)
    tell(unit, draw, "revealed")
    return draw


def _own_row(unit: Unit, draw: Draw, witness: str) -> Contribution:
    """The row of a witness, if it is this person's to fill."""
    row = next((c for c in draw.contributions if c.witness == witness), None)
    if row is None:
        raise Refused("draw.not_a_witness", witness=witness)
    if row.user_id is not None:
        may_act(unit.actor.roles, unit.actor.agency_id, AUDITORS, row.agency_id).require()
        if row.user_id != unit.actor.user_id:
            raise Refused("draw_not_your_contribution", witness=witness)
    else:
        may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, row.agency_id).require()
    return row
