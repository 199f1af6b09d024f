"""The named places of the task page: higher domains register here, nothing here knows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.kernel.decisions import Decision
from app.kernel.places import Place

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.db import Actor, Unit
    from app.tasks.models import Task


@dataclass(frozen=True)
class Panel:
    """A card of the task page. `context(session, task)` gives what the template needs; None: not shown.

    The template is included with `task` and `panel` (the context) and holds its own card; `aside`: right.
    """

    title: Any
    template: str
    context: Callable[[Session, Task], Mapping[str, Any] | None]
    aside: bool = False


@dataclass(frozen=True)
class NextAction:
    """What is to be done next, and by whom (`text`). `url` and `label` only where this person may do it."""

    title: str
    text: str
    url: str = ""
    label: str = ""
    due_at: datetime | None = None
    rule: str | None = None


@dataclass(frozen=True)
class StepNote:
    """What a higher domain says about a step: lines below it, its state (done, now) if it knows."""

    lines: tuple[str, ...] = ()
    state: str | None = None
    late: bool = False


@dataclass(frozen=True)
class Document:
    """A paper of the task."""

    label: str
    url: str
    note: str = ""
    icon: str = field(default="file-text")


panels: Place[Panel] = Place("task panels")
"""Cards of the task page."""
next_actions: Place[Callable[[Session, Task, Actor], NextAction | None]] = Place("task next actions")
"""The next action of the states that a higher domain leads: from `ready` on."""
step_notes: Place[Callable[[Session, Task], Mapping[str, StepNote]]] = Place("task step notes")
"""By step: draw, match, check, review, publish, follow_up, archive."""
documents: Place[Callable[[Session, Task], list[Document]]] = Place("task documents")
event_subjects: Place[Callable[[Session, Task], list[str]]] = Place("task event subjects")
"""Further subjects (`draw:7`) whose events belong to the task's feed."""
cancel_checks: Place[Callable[[Session, Task], Decision]] = Place("task cancel checks")
"""Whether a task may be cancelled (a draw that has begun refuses)."""
after_cancelled: Place[Callable[[Unit, Task], None]] = Place("task after cancelled")
"""Told within the unit of the cancellation: publicity publishes the reason."""
