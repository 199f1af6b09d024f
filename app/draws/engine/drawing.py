"""From the seed to the drawn rows: a batch, and the next in the order for a row that falls out."""

from collections.abc import Collection

from app.draws.engine.frame import Frame
from app.draws.engine.plan import Plan
from app.draws.engine.results import BatchResult, write_result
from app.draws.engine.sealing import Secrets, nonce
from app.draws.engine.seed import batch_code, ticket_prefix
from app.draws.engine.selection import Tickets, place_of, places, rank
from app.draws.engine.sizes import POOL, sizes
from app.kernel.errors import Refused


def draw_batch(
    plan: Plan, frame: Frame, secrets: Secrets, seed: bytes, batch: int = 0, drawn: Collection[str] = ()
) -> BatchResult:
    """Draw one batch. `drawn`: every id drawn so far in this draw, replaced rows and replacements among them.

    Raises Refused when frame or secrets are not those of the plan, the plan has no such batch, or batch 0
    is to be
    drawn after others.
    """
    tickets = _tickets(plan, frame, secrets, seed, batch)
    if drawn and batch == 0:
        raise Refused("draw.batch_drawn_before", batch=batch)
    selection = plan.selection
    taken = _ids(frame, drawn)
    ordered = selection["kind"] == "order"
    wanted = {POOL: selection["batches"][batch]} if ordered else sizes(selection, frame.counts())
    chosen: list[tuple[str, list[int]]] = []
    keys: tuple[int, ...] = ()
    for place in places(selection, frame):
        ranking = rank(selection, frame, tickets, place)
        free = [i for i in ranking.order if frame.ids[i] not in taken] if taken else ranking.order
        chosen.append((place, free[: wanted[place]]))
        keys = ranking.keys[: max(0, wanted[place] - ranking.certain)]
    code = batch_code(plan.algorithm, secrets.chain, plan.codes_length, batch) if batch else None
    return write_result(frame, secrets.list, batch, code, tickets, chosen, keys)


def next_in_order(
    plan: Plan,
    frame: Frame,
    secrets: Secrets,
    seed: bytes,
    *,
    batch: int,
    out_id: str,
    drawn: Collection[str],
) -> tuple[str, str]:
    """(stratum or `-`, id) of the row that replaces `out_id`: same batch and stratum, eligible, never
    drawn before.

    Raises Refused `draw.replacement_not_drawn` when `out_id` was not drawn, `draw.replacement_exhausted` when
    nobody is left in its place.
    """
    tickets = _tickets(plan, frame, secrets, seed, batch)
    if out_id not in drawn:
        raise Refused("draw.replacement_not_drawn", target_id=out_id)
    taken = _ids(frame, drawn)
    place = place_of(plan.selection, frame, frame.index_of(out_id))
    for index in rank(plan.selection, frame, tickets, place).order:
        if frame.ids[index] not in taken:
            return place, frame.ids[index].decode()
    raise Refused("draw.replacement_exhausted", stratum=place, batch=batch)


def _tickets(plan: Plan, frame: Frame, secrets: Secrets, seed: bytes, batch: int) -> Tickets:
    frozen = plan.document["frame"]
    if frame.digest.hex() != frozen["digest"] or frame.root.hex() != frozen["root"]:
        raise Refused("draw.frame_not_of_plan")
    algorithm = plan.algorithm
    if nonce(algorithm, plan.mode, secrets.list, "frame") != frame.nonce:
        raise Refused("draw.list_secret_not_of_frame")
    if algorithm.repeat(secrets.chain, plan.codes_length) != plan.codes_tip:
        raise Refused("draw.codes_not_of_plan")
    if not 0 <= batch < plan.batches:
        raise Refused("draw.no_such_batch", batch=batch, batches=plan.batches)
    code = batch_code(algorithm, secrets.chain, plan.codes_length, batch)
    return Tickets(frame, ticket_prefix(algorithm, seed, plan.draw_no, code))


def _ids(frame: Frame, drawn: Collection[str]) -> set[bytes]:
    for target_id in drawn:
        try:
            frame.index_of(target_id)
        except KeyError as error:
            raise Refused("draw.target_not_on_list", target_id=target_id) from error
    return {target_id.encode() for target_id in drawn}
