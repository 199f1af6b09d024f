"""What is due, late or missing: domains register providers, the workbench shows their lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone

from sqlalchemy.orm import Session

from app.db import Actor
from app.kernel.clock import Clock
from app.kernel.places import Place
from app.regulation import implements


@dataclass(frozen=True)
class DueLine:
    """One thing to do. `title` and `action` are shown as they are, `rule` names what is behind it."""

    title: str
    detail: str
    url: str
    action: str
    due_at: datetime | None = None
    provisional: bool = False
    rule: str | None = None
    kind: str = "due"


Provider = Callable[[Session, Actor, Clock], list[DueLine]]
MOST_LINES = 50

due_lines: Place[Provider] = Place("due lines")


@implements("R-5.3")
def lines_for(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    """All lines of the actor, the nearest deadline first, those without one last."""
    lines: list[DueLine] = []
    for provider in due_lines:
        lines.extend(provider(session, actor, clock)[:MOST_LINES])
    far = datetime.max.replace(tzinfo=timezone.utc)
    return sorted(lines, key=lambda line: line.due_at or far)
