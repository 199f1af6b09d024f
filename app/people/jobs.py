"""Long lists of people are invited behind the page; roles that are held for a time are watched."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.db import Unit
from app.jobs.registry import Progress, job, periodic
from app.kernel.errors import DomainError
from app.people.services import batch, ending


@job(batch.JOB)
def invite_batch(unit: Unit, args: dict[str, Any], progress: Progress) -> None:
    """All or none: a row that no longer fits gives the whole file back to the person who handed it in."""
    batch_id = int(args["batch"])
    try:
        with unit.session.begin_nested():
            batch.write(unit, batch_id, progress)
    except DomainError:
        batch.fail(unit, batch_id)


@periodic("people.role_ends", every="day", at="06:30")
def role_ends(unit: Unit, period: str) -> None:
    """Every day once, also the days that were missed: what ended yesterday, what ends in two days."""
    day = date.fromisoformat(period)
    ending.note_ends(unit, day)
    ending.tell_of_ends(unit, day)
