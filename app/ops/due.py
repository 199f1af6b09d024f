"""What the workbench shows of the security log: alerts that nobody has looked at."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.db import Actor
from app.kernel.clock import Clock
from app.notifications.due import DueLine, due_lines
from app.ops.alerts.queries import alerts
from app.ops.alerts.rules import AlertKind
from app.ops.alerts.views import READERS, sentence

MOST = 10


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    """One query; the wall says whose they are."""
    if not actor.roles & READERS:
        return []
    return [
        DueLine(
            title=sentence(alert),
            detail=_(AlertKind(alert.kind).label),
            url=f"/security-alerts/{alert.id}",
            action=_("Look at it"),
            kind="alert",
        )
        for alert in alerts(session, limit=MOST)[:MOST]
    ]


def register() -> None:
    due_lines.add(lines)
