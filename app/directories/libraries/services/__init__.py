"""Make, change and hand-pick libraries; joint ones together with the other agencies."""

from app.directories.libraries.services.carrying import carry_library
from app.directories.libraries.services.joint import found_joint_library
from app.directories.libraries.services.keeping import (
    KEEPERS,
    change_library,
    create_library,
    kept,
)
from app.directories.libraries.services.people import drop_person, pick_person
from app.directories.libraries.services.picking import drop_pick, pick_target, pick_targets
from app.directories.libraries.services.resting import archive_library, restore_library, uses_of

__all__ = [
    "KEEPERS",
    "archive_library",
    "carry_library",
    "change_library",
    "create_library",
    "drop_person",
    "drop_pick",
    "found_joint_library",
    "kept",
    "pick_person",
    "pick_target",
    "pick_targets",
    "restore_library",
    "uses_of",
]
