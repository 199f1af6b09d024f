"""What directories tell the undo about their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.undoing.models import UndoRun
from app.directories.undoing.rules import Conflict
from app.kernel.places import Place

Pair = tuple[str, Any]
Words = Callable[[Session, Iterable[Pair]], Mapping[tuple[str, str], str]]

# Counters and stamps of any table: they go on, they are not put back.
ALWAYS_DERIVED = frozenset({"version", "updated_at"})
MERGED = "field_sources"
"""An object by fields; of it only the keys that the cause changed are put back."""


@dataclass(frozen=True)
class Undoable:
    """- `name`: the column that names a row to a person
    - `closed`: what a row that is in use gets instead of being removed; None: it stays, as a conflict
    - `derived`: columns that the portal computes by itself: neither put back nor a change by somebody
    - `labels`, `words`: fields and stored values as a person reads them; `words` by (field, text of the value)
    - `url`: the record's page
    - `parts`: tables whose rows belong to the row and go with it (ON DELETE CASCADE): they are no use by others
    """

    table: str
    name: str = "name"
    closed: Mapping[str, Any] | None = None
    derived: frozenset[str] = frozenset()
    labels: Mapping[str, Any] = field(default_factory=dict)
    words: Words | None = None
    url: Callable[[int], str] | None = None
    parts: frozenset[str] = frozenset()


undoables: dict[str, Undoable] = {}


def add_undoable(found: Undoable) -> None:
    undoables[found.table] = found


def undoable(table: str) -> Undoable:
    """What is known of a table; a plain one where nobody said anything."""
    return undoables.get(table) or Undoable(table, "")


Restorer = Callable[[Unit, str], Sequence[Conflict]]
restorers: Place[Restorer] = Place("undoing.restorers")
"""`restore(unit, cause)` puts back what the row history does not keep (sealed columns), within the undo's cause."""

after_undo: Place[Callable[[Unit, UndoRun], None]] = Place("undoing.after_undo")
"""Called once an undo is done, so that the act that was undone says so."""
