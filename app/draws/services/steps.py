"""What every verb of a draw does in the same way: lock, step, log, seal, tell."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import Event
from app.audit.services import record
from app.db import Unit
from app.draws.models import Contribution, Draw
from app.draws.places import after_event
from app.draws.queries.record import moment as moment
from app.draws.rules import Act, next_state
from app.kernel.errors import NotFound
from app.security.rules import RoleName, may_act

CLERKS = frozenset({RoleName.CLERK})
AUDITORS = frozenset({RoleName.AUDITOR})


def key_dir() -> Path:
    """Where keys are kept: outside database and backup."""
    return Path(current_app.extensions["settings"].log_key_dir)


def now_of(unit: Unit) -> datetime:
    """The moment of an event: whole seconds, so that row, transcript and log say the same."""
    return unit.clock.now().replace(microsecond=0)


def lock_draw(session: Session, draw_id: int) -> Draw:
    """The draw as it is now, held until the end of the unit; its contributions are read anew.

    :raises NotFound: when it is not there, or not within reach
    """
    draw = session.get(Draw, draw_id, with_for_update=True, populate_existing=True)
    if draw is None:
        raise NotFound("not_in_scope", kind="draw")
    fresh = select(Contribution).where(Contribution.draw_id == draw_id)
    session.scalars(fresh.execution_options(populate_existing=True)).all()
    session.expire(draw, ["contributions"])
    return draw


def only_initiator(unit: Unit, draw: Draw) -> None:
    """:raises Refused: unless a clerk of the initiating agency acts"""
    may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, draw.task.initiator_id).require()


def step(draw: Draw, act: Act) -> None:
    """Move the draw on. :raises Refused: when the act does not follow on the state (R-24.1)"""
    draw.state = next_state(draw.state, act).require().facts["state"].value


def log(unit: Unit, draw: Draw, tag: str, data: Mapping[str, Any]) -> Event:
    """One entry of the draw in the log, in the shape that a bundle takes along."""
    event = record(
        unit,
        f"draw.{tag}",
        f"draw:{draw.draw_no}",
        {"draw_no": draw.draw_no, **data},
        agency_id=draw.task.initiator_id,
    )
    unit.session.flush()
    return event


def tell(unit: Unit, draw: Draw, tag: str) -> None:
    """Higher domains hear of it within the unit."""
    for callback in after_event:
        callback(unit, draw, tag)
