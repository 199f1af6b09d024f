"""Leave an event. Every verb calls `record` once, in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.audit.models import Event
from app.db import Unit
from app.kernel import canonical
from app.regulation import implements


@implements("R-21.2")
def record(
    unit: Unit, tag: str, subject: str, data: Mapping[str, Any], agency_id: int | None = None
) -> Event:
    """Write one event of the unit's actor at the unit's time.

    :param tag: `domain.verb` in the past tense, `task.pushed`
    :param subject: `kind:id`
    :param data: strings, integers below 2^53, booleans, null, lists, objects; no personal data
    :param agency_id: in whose scope the event stands; the actor's agency if not given
    :raises app.kernel.canonical.NotCanonical: when the data hold something else
    """
    canonical.dumps(dict(data))
    event = Event(
        at=unit.clock.now().replace(microsecond=0),
        actor=unit.actor.code,
        tag=tag,
        subject=subject,
        data=dict(data),
        agency_id=agency_id if agency_id is not None else unit.actor.agency_id,
    )
    unit.session.add(event)
    return event
