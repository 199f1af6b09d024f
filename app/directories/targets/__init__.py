"""检查对象: whoever may be inspected (R-4.1, R-11.x).

`panels` is the place on a target's page in which higher domains show what they know of it, `notes` what they say
beside its fields; `instead` says which target stands for one that is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.kernel.places import Place


@dataclass(frozen=True)
class Panel:
    """`render(session, target)` gives safe HTML for a card, or nothing; it reads through the scope."""

    title: Any
    render: Callable[[Any, Any], str | None]


@dataclass(frozen=True)
class Mark:
    """Beside a field: what waits there, and the page on which it is settled."""

    text: str
    url: str


@dataclass(frozen=True)
class Note:
    """Beside a field: who said it or what became of it, since which day, and what waits."""

    said: str = ""
    since: Any = None
    marks: tuple[Mark, ...] = field(default=())


panels: Place[Panel] = Place("target panels")
notes: Place[Callable[[Any, Any], Mapping[str, Note]]] = Place("notes beside the fields of a target")
"""`(session, target) -> {field: Note}`; it reads through the scope."""
instead: Place[Callable[[Any, int], int | None]] = Place("targets that stand for gone ones")
"""`(session, target_id) -> id of the target to show instead`, or nothing; it reads through the scope."""


def notes_of(session: Any, target: Any) -> dict[str, Note]:
    """What all places say of each field; of the first that names a source the source, of all what waits."""
    found: dict[str, Note] = {}
    for render in notes:
        for name, note in render(session, target).items():
            found[name] = _joined([found[name], note]) if name in found else note
    return found


def _joined(several: Iterable[Note]) -> Note:
    parts = list(several)
    first = next((part for part in parts if part.said or part.since), parts[0])
    return Note(first.said, first.since, tuple(mark for part in parts for mark in part.marks))
