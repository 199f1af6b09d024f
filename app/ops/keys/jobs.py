"""Sealing everything anew, behind the pages, in batches of their own transactions."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy.orm import Session

from app.db import Unit, db, unit_of_work
from app.jobs.registry import Progress, job
from app.jobs.services import enqueue
from app.security.protection import rotation

JOB = "protection.rotate"
SECONDS_EACH = 60.0


@job(JOB)
def rotate(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    """Go on for a minute, then hand over to the next job; at the end the old keys are retired."""
    until = time.monotonic() + SECONDS_EACH
    done, total = int(args.get("done", 0)), sum(rotation.left(unit.session).values())
    total += done
    reached: dict[str, Any] = {}
    while sealed := one_batch(unit, reached):
        done += sealed
        progress(done, max(total, done))
        if time.monotonic() > until:
            part = int(args.get("part", 0)) + 1
            going_on = {"key": args["key"], "part": part, "done": done}
            enqueue(unit, JOB, f"rotate:{args['key']}:{part}", going_on, reason="change of keys")
            return
    rotation.retire(unit)


def one_batch(unit: Unit, reached: dict[str, Any]) -> int:
    """A batch that stays done whatever becomes of the job."""
    with Session(db.engine) as session, unit_of_work(unit.actor, unit.scope, unit.clock, session) as own:
        return rotation.seal_batch(own.session, reached)
