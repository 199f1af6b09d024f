"""Lists of items from spreadsheets, through the wizard of the directories: the kinds `items` and `joint_items`."""

from __future__ import annotations

from app.directories.importing.kinds import add_import_kind
from app.directories.undoing.places import Undoable, add_undoable
from app.item_lists.importing import items, joint


def register() -> None:
    add_import_kind(items.KIND)
    add_import_kind(joint.KIND)
    add_undoable(Undoable("item_list"))
    add_undoable(Undoable("item", labels=items.LABELS))
    add_undoable(Undoable("joint_item", labels=joint.LABELS, parts=frozenset({"joint_item_part"})))
