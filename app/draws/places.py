"""The named places of a draw: what higher domains add to the freeze, and whom it tells what happened."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.kernel.decisions import Refusal
from app.kernel.places import Place

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.db import Unit
    from app.draws.models import Draw, DrawnTarget
    from app.tasks.models import Task


@dataclass(frozen=True)
class Crowd:
    """`count` targets of one region (six digits) that need the same specialties, as many as the draw may
    bring.
    """

    region: str
    tags: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class Expectation:
    """What is known of a draw before it is frozen: the task, how many will be drawn where, all regions of
    the list.
    """

    task: Task
    total: int
    crowds: tuple[Crowd, ...]
    regions: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Sealing:
    """What a part needs to write its files: `list_secret` None in open mode."""

    hash_name: str
    list_secret: bytes | None
    draw_no: str


@dataclass(frozen=True)
class FreezePart:
    """`matching`: agency code -> its entry in the plan; `files`: name in the bundle -> content."""

    matching: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


RowReasons = Callable[["Session", "Task"], Mapping[int, str]]

row_reasons: Place[RowReasons] = Place("draw row reasons")
"""Target id -> CAP, RECENT or SCHEDULED: rows that stay on the list but cannot be drawn."""
freeze_checks: Place[Callable[[Session, Expectation], Sequence[Refusal]]] = Place("draw freeze checks")
"""Refusals of a freeze, all of them; the page shows them before the act."""
freeze_parts: Place[Callable[[Unit, Expectation, Sealing], FreezePart]] = Place("draw freeze parts")
"""What is frozen together with the list: rosters and recusals."""
after_event: Place[Callable[[Unit, Draw, str], None]] = Place("draw after event")
"""Told within the unit: frozen, committed, closing, revealed, drawn, replaced, opened, void."""
after_replacement: Place[Callable[[Unit, Draw, DrawnTarget, DrawnTarget], None]] = Place(
    "draw after replacement"
)
"""Told within the unit: the row that fell out, the one that came in."""
