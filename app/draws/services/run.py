"""The draw itself, and the opening of its seed to the public."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from app.audit.sealing import seal_now
from app.db import Unit
from app.directories.targets.models import Target, TargetCode
from app.draws import engine
from app.draws.models import Draw, DrawnTarget
from app.draws.queries import ceremony_of, read_file
from app.draws.rules import Act, DrawState, next_state
from app.draws.secrets import unseal
from app.draws.services.freeze import keep_files
from app.draws.services.steps import key_dir, lock_draw, log, now_of, only_initiator, step, tell
from app.kernel.errors import Refused
from app.regulation import implements
from app.security.scoping import unscoped
from app.tasks.services import note_drawn

FIRST_BATCH = 0


@implements("R-24.1", "R-24.2", "R-24.3")
def run_draw(unit: Unit, draw_id: int) -> Draw:
    """Open the secrets, make the seed and draw batch 0. A second call changes nothing.

    :raises Refused: unless a clerk of the initiator acts and every witness has revealed
    """
    draw = lock_draw(unit.session, draw_id)
    only_initiator(unit, draw)
    if draw.state in {DrawState.DRAWN, DrawState.OPENED}:
        return draw
    next_state(draw.state, Act.DRAW).require()
    ceremony = ceremony_of(draw)
    if not ceremony.is_ready:
        raise Refused("draw.witnesses_missing", witnesses="、".join(ceremony.awaited))
    secrets = unseal(draw.secrets or b"", draw.draw_no, key_dir())
    plan = ceremony.plan
    frame = engine.parse_frame(
        read_file(unit.session, draw.id, "frame.tsv"), plan.algorithm, plan.mode, secrets.list
    )
    seed = engine.make_seed(ceremony, secrets.operator)
    result = engine.draw_batch(plan, frame, secrets, seed, FIRST_BATCH)
    keep_files(unit, draw, {"result-0.tsv": result.text, "drawn-0.tsv": result.drawn_text})
    draw.seed, draw.results, draw.drawn_at = seed.hex(), [result.entry()], now_of(unit)
    step(draw, Act.DRAW)
    _add_targets(unit, draw, frame, result)
    log(unit, draw, "drawn", result.entry())
    note_drawn(unit, draw.task_id)
    seal_now(unit)
    tell(unit, draw, "drawn")
    return draw


def _add_targets(unit: Unit, draw: Draw, frame: engine.Frame, result: engine.BatchResult) -> None:
    lines = frame.text.split(b"\n")
    rows = [line.decode().split("\t") for line in result.text.split(b"\n")[1:-1]]
    targets = target_ids(unit, [row[3] for row in rows])
    for _, stratum, rank, code, ticket in rows:
        # Two lines stand before the first row of the frame.
        fields = lines[2 + frame.index_of(code)].decode().split("\t")
        unit.session.add(
            DrawnTarget(
                draw_id=draw.id,
                draw=draw,
                task_id=draw.task_id,
                target_id=targets[code],
                code=code,
                batch=FIRST_BATCH,
                stratum=stratum,
                rank=int(rank),
                ticket=ticket,
                region_code=fields[5],
                tags=fields[6],
            )
        )
    unit.session.flush()


def target_ids(unit: Unit, codes: Iterable[str]) -> dict[str, int]:
    """Frozen code -> target, also where the target has learned a higher code since (R-11.5)."""
    wanted = list(codes)
    now = select(Target.code, Target.id).where(Target.code.in_(wanted))
    former = select(TargetCode.code, TargetCode.target_id).where(TargetCode.code.in_(wanted))
    return {code: target_id for query in (former, now) for code, target_id in unit.session.execute(query)}


@implements("R-24.1")
def open_draw(unit: Unit, draw_id: int) -> Draw:
    """Show operator's secret and seed to everybody: the last form of the task is submitted.

    Told by the domain that knows the forms, under whoever submitted the last one. A second call changes
    nothing.
    """
    with unscoped(unit.session, "the draw opens with the last form, whoever submits it"):
        draw = lock_draw(unit.session, draw_id)
        if draw.state == DrawState.OPENED:
            return draw
        step(draw, Act.OPEN)
        draw.opened_at = now_of(unit)
        log(unit, draw, "opened", {"seed": draw.seed})
        seal_now(unit)
        tell(unit, draw, "opened")
    return draw
