"""Freeze a list: from here on nothing about the draw can be changed, and everybody can see the promise."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import func, select

from app.audit.sealing import seal_now
from app.audit.tree import EMPTY_ROOT
from app.db import Unit
from app.draws import engine
from app.draws.models import Contribution, Draw, DrawFile
from app.draws.outlook import Outlook, frame_rows, outlook
from app.draws.places import FreezePart, Sealing, freeze_checks, freeze_parts
from app.draws.queries import living_draw
from app.draws.queries.witnesses import Witness, possible_witnesses
from app.draws.rules import Act, DrawState, may_freeze
from app.draws.secrets import new_secrets, seal
from app.draws.services.notices import ask_witnesses
from app.draws.services.steps import CLERKS, key_dir, log, moment, now_of, step, tell
from app.kernel.clock import today
from app.kernel.errors import Refused
from app.kernel.hashing import SHA256
from app.regulation import implements
from app.security.rules import may_act
from app.tasks.models import Task
from app.tasks.services.life import lock_task

CONTRIBUTIONS = "commit"
HASH = "sha256"
OWN_CASE = "order"


@implements("R-24.1", "R-24.2", "R-9.1")
def freeze(
    unit: Unit, task_id: int, *, witnesses: Sequence[Witness], until: datetime, mode: str = "sealed"
) -> Draw:
    """Freeze the library of a ready task, with rosters and recusals, and log the hash of the plan.

    :param witnesses: out of `queries.possible_witnesses`, in the order in which they enter the seed
    :param until: the last moment for commitments
    :raises Refused: by a rule (not ready, empty, above the cap, nobody from outside, inspectors missing)
    :raises Invalid: `draw.freeze_refused` with every fault of the terms
    """
    session = unit.session
    task = lock_task(session, task_id)
    may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, task.initiator_id).require()
    living = living_draw(session, task.id)
    if living is not None and living.state == DrawState.FROZEN and living.frozen_by == unit.actor.code:
        return living
    view = outlook(session, task)
    chosen = _known(possible_witnesses(session, task, today(unit.clock)), witnesses)
    outside = sum(witness.agency_id != task.initiator_id for witness in chosen)
    may_freeze(task.state, living is not None, view.eligible, outside).require()
    view.within_cap().require()
    for check in freeze_checks:
        for refusal in check(session, view.expectation):
            refusal.require()
    return _write(unit, view, chosen, until, mode)


def _known(possible: Iterable[Witness], wanted: Sequence[Witness]) -> list[Witness]:
    known = {witness.code: witness for witness in possible}
    for witness in wanted:
        if witness.code not in known:
            raise Refused("draw.witness_unknown", value=witness.code)
    return [known[witness.code] for witness in wanted]


def _write(unit: Unit, view: Outlook, chosen: Sequence[Witness], until: datetime, mode: str) -> Draw:
    session, task = unit.session, view.task
    ordinal = 1 + int(
        session.scalar(select(func.count()).select_from(Draw).where(Draw.task_id == task.id)) or 0
    )
    draw_no = f"{task.no}-{ordinal}"
    secrets = new_secrets()
    frame = engine.build_frame(frame_rows(session, view), SHA256, mode, secrets.list)
    sealing = Sealing(HASH, secrets.list if mode == "sealed" else None, draw_no)
    parts = [part(unit, view.expectation, sealing) for part in freeze_parts]
    head = seal_now(unit)
    at = now_of(unit)
    terms = engine.Terms(
        draw_no=draw_no,
        task_no=task.no,
        initiator=task.initiator.code,
        mode=mode,
        hash=HASH,
        selection=view.selection,
        matching=_joined(parts),
        witnesses=tuple(witness.code for witness in chosen),
        contributions=CONTRIBUTIONS,
        absence_allowed=False,
        contributions_until=moment(until),
        beacon=None,
        open_after=_open_after(task).isoformat(),
        own_case=OWN_CASE,
        previous=(head.root if head else EMPTY_ROOT).hex(),
    )
    around = engine.Circumstances(
        witness_agencies={witness.code: witness.agency_code for witness in chosen},
        risk_based=True,
        frozen_at=moment(at),
    )
    frozen = engine.freeze(terms, frame, secrets, around)
    draw = Draw(
        draw_no=draw_no,
        task=task,
        task_id=task.id,
        ordinal=ordinal,
        state=DrawState.PREPARED.value,
        mode=mode,
        plan=frozen.plan.document,
        plan_hash=frozen.plan.plan_hash.hex(),
        strata=[asdict(s) | {"size": frozen.sizes[s.code]} for s in view.strata],
        secrets=seal(secrets, draw_no, key_dir()),
        frozen_at=at,
        frozen_by=unit.actor.code,
        until=until,
    )
    step(draw, Act.FREEZE)
    session.add(draw)
    for place, witness in enumerate(chosen):
        row = Contribution(
            position=place, witness=witness.code, agency_id=witness.agency_id, user_id=witness.user_id
        )
        draw.contributions.append(row)
    session.flush()
    keep_files(
        unit, draw, {"frame.tsv": frame.text, **{n: c for part in parts for n, c in part.files.items()}}
    )
    log(unit, draw, "frozen", {"plan_hash": draw.plan_hash})
    seal_now(unit)
    ask_witnesses(unit, draw, "draw.contribute")
    tell(unit, draw, "frozen")
    return draw


def keep_files(unit: Unit, draw: Draw, files: Mapping[str, bytes]) -> None:
    """Store files of the record; they are never changed."""
    unit.session.add_all(
        [
            DrawFile(draw_id=draw.id, name=name, content=zlib.compress(content))
            for name, content in files.items()
        ]
    )
    unit.session.flush()


def _joined(parts: Iterable[FreezePart]) -> dict[str, dict[str, object]] | None:
    joined = {agency: dict(entry) for part in parts for agency, entry in part.matching.items()}
    return joined or None


def _open_after(task: Task) -> date:
    """The year's end: by then every form of the task is submitted, or somebody has to say why not."""
    return date(task.period_to.year, 12, 31)
