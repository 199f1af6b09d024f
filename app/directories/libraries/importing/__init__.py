"""Libraries by spreadsheet, through the wizard: names with a rule, or targets one by one (R-12.1)."""

from __future__ import annotations

from app.directories.importing.kinds import add_import_kind
from app.directories.libraries.importing.kind import KIND, LABELS
from app.directories.undoing.places import Undoable, add_undoable

PARTS = frozenset({"library_pick", "library_person", "library_member", "library_change"})


def register() -> None:
    add_import_kind(KIND)
    add_undoable(Undoable("library", labels=LABELS, parts=PARTS))
