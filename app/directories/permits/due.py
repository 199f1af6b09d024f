"""What the workbench shows of permits: those of the agency that end within 15 and within 60 days."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.db import Actor
from app.directories.ending.rules import WARN_AHEAD
from app.directories.permits.ending import Ending, endings
from app.directories.permits.warning import KEEPERS
from app.kernel.clock import Clock, today
from app.notifications.due import DueLine, due_lines
from app.regulation.calendar import end_of_day
from app.security.models import Agency


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    """One line for each distance, for the agency's administrator; the nearer ones are not counted again."""
    agency = session.get(Agency, actor.agency_id) if actor.agency_id is not None else None
    if agency is None or not actor.roles & KEEPERS:
        return []
    day = today(clock)
    found, told = endings(session, agency, day), []
    for ahead in sorted(WARN_AHEAD):
        near = [one for one in found if one.until <= day + timedelta(days=ahead)]
        found = found[len(near) :]
        if near:
            told.append(_line(near, ahead))
    return told


def _line(near: list[Ending], ahead: int) -> DueLine:
    number, first, last = sum(one.number for one in near), near[0].until, near[-1].until
    return DueLine(
        title=_("%(number)s permits end within %(days)s days", number=number, days=ahead),
        detail=first.isoformat() if first == last else f"{first.isoformat()} – {last.isoformat()}",
        url=f"/permits/?own=1&standing=ends_soon&until={last + timedelta(days=1)}&sort=valid_until",
        action=_("Open"),
        due_at=end_of_day(first),
    )


def register() -> None:
    due_lines.add(lines)
