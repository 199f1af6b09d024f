"""Plans from spreadsheets, through the wizard of the directories: the kind `plans`."""

from __future__ import annotations

from app.directories.importing.kinds import add_import_kind
from app.directories.undoing.places import Undoable, add_undoable
from app.plans.importing.display import LABELS
from app.plans.importing.kind import KIND


def register() -> None:
    add_import_kind(KIND)
    add_undoable(Undoable("plan"))
    add_undoable(Undoable("plan_entry", labels=LABELS, parts=frozenset({"plan_entry_item"})))
