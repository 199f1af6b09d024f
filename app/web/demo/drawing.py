"""The journey's second part: freeze, contributions, draw, matching."""

from __future__ import annotations

import secrets
from datetime import timedelta

from app.draws.engine.seed import witness_commitment
from app.draws.models import Draw
from app.draws.queries.witnesses import Witness, possible_witnesses
from app.draws.services import commit_contribution, freeze, reveal_contribution, run_draw
from app.kernel.clock import today
from app.kernel.hashing import by_name
from app.matching.services import confirm, match
from app.tasks.models import Task
from app.web.demo.actors import acting_as, looking
from app.web.demo.planning import PublishedEntry, account

VALUE = "63504 91827"


def matched_draw(task_id: int, entry: PublishedEntry) -> int:
    """Freeze, three contributions committed and revealed, draw, match, confirm; gives the draw's id."""
    clerk = account(entry.agencies[0], "clerk")
    with acting_as(clerk) as unit:
        witnesses = possible_witnesses(unit.session, unit.session.get(Task, task_id), today(unit.clock))
        draw = freeze(unit, task_id, witnesses=witnesses, until=unit.clock.now() + timedelta(hours=4))
        draw_id, plan_hash, algorithm = draw.id, bytes.fromhex(draw.plan_hash), by_name(draw.plan["hash"])
    kept = {}
    for witness in witnesses:
        nonce = secrets.token_bytes(16)
        kept[witness.code] = nonce
        digest = witness_commitment(algorithm, plan_hash, witness.code, VALUE, nonce).hex()
        with acting_as(_account(witness)) as unit:
            commit_contribution(unit, draw_id, witness.code, digest)
    for witness in witnesses:
        with acting_as(_account(witness)) as unit:
            reveal_contribution(unit, draw_id, witness.code, VALUE, kept[witness.code].hex())
    with acting_as(clerk) as unit:
        run_draw(unit, draw_id)
    with acting_as(clerk) as unit:
        match(unit, draw_id)
    with acting_as(clerk) as unit:
        confirm(unit, draw_id)
    return draw_id


def _account(witness: Witness) -> str:
    return "auditor" if witness.user_id is not None else account(witness.code, "clerk")


def draw_no_of(draw_id: int) -> str:
    with looking("the journey's draw") as unit:
        return unit.session.get(Draw, draw_id).draw_no
