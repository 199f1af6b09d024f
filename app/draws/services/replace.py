"""A drawn target that has ceased to exist is replaced by the next ticket, for everybody to see (R-24.3)."""

from __future__ import annotations

from sqlalchemy import func, select

from app.audit.sealing import seal_now
from app.db import Unit
from app.draws import engine
from app.draws.engine.replacement import REASONS
from app.draws.engine.seed import ticket_prefix
from app.draws.engine.selection import Tickets
from app.draws.models import Draw, DrawnTarget
from app.draws.places import after_replacement
from app.draws.queries import ceremony_of, read_file
from app.draws.rules import may_replace
from app.draws.secrets import unseal
from app.draws.services.run import target_ids
from app.draws.services.steps import key_dir, lock_draw, log, only_initiator, tell
from app.kernel.errors import NotFound
from app.regulation import implements


@implements("R-24.3")
def replace_target(unit: Unit, drawn_target_id: int, reason: str, evidence: str) -> DrawnTarget:
    """Replace a drawn target by the next in the order of its stratum; the replaced row stays.

    :param reason: DEREGISTERED, REVOKED or MOVED; "could not be found" is a result, never a reason
    :param evidence: what shows it; kept with the row, not in the public log
    :raises Refused: for another reason, without evidence, or when nobody is left in the stratum
    """
    session = unit.session
    old = session.get(DrawnTarget, drawn_target_id)
    if old is None:
        raise NotFound("not_in_scope", kind="drawn_target")
    draw = lock_draw(session, old.draw_id)
    session.expire(old)
    only_initiator(unit, draw)
    may_replace(draw.state, reason, REASONS, evidence, old.replaced_by_id is not None).require()
    secrets = unseal(draw.secrets or b"", draw.draw_no, key_dir())
    plan, seed = ceremony_of(draw).plan, bytes.fromhex(draw.seed or "")
    frame = engine.parse_frame(
        read_file(session, draw.id, "frame.tsv"), plan.algorithm, plan.mode, secrets.list
    )
    drawn = set(session.scalars(select(DrawnTarget.code).where(DrawnTarget.draw_id == draw.id)))
    stratum, code = engine.next_in_order(
        plan, frame, secrets, seed, batch=old.batch, out_id=old.code, drawn=drawn
    )
    tickets = Tickets(frame, ticket_prefix(plan.algorithm, seed, plan.draw_no, b""))
    new = _row(unit, draw, old, frame.text.split(b"\n")[2 + frame.index_of(code)].decode(), stratum)
    new.ticket = tickets.of(frame.index_of(code)).hex()
    session.add(new)
    session.flush()
    old.replaced_by_id, old.replace_reason = new.id, f"{reason}: {evidence.strip()}"
    data = {"batch": old.batch, "stratum": stratum, "out_id": old.code, "in_id": code, "reason": reason}
    log(unit, draw, "replaced", data)
    for callback in after_replacement:
        callback(unit, draw, old, new)
    seal_now(unit)
    tell(unit, draw, "replaced")
    return new


def _row(unit: Unit, draw: Draw, old: DrawnTarget, line: str, stratum: str) -> DrawnTarget:
    code, _, _, _, _, region, tags = line.split("\t")
    last = select(func.max(DrawnTarget.rank)).where(
        DrawnTarget.draw_id == draw.id, DrawnTarget.batch == old.batch, DrawnTarget.stratum == stratum
    )
    return DrawnTarget(
        draw_id=draw.id,
        draw=draw,
        task_id=draw.task_id,
        target_id=target_ids(unit, [code])[code],
        code=code,
        batch=old.batch,
        stratum=stratum,
        rank=1 + int(unit.session.scalar(last) or 0),
        region_code=region,
        tags=tags,
    )
