"""Verbs of the directory of targets."""

from app.directories.targets.services.importing import import_targets
from app.directories.targets.services.keeping import (
    BASE_KEEPERS,
    add_agency_target,
    add_target,
    change_target,
    close_target,
    upgrade_code,
)
from app.directories.targets.services.restoring import restore_target

__all__ = [
    "BASE_KEEPERS",
    "add_agency_target",
    "add_target",
    "change_target",
    "close_target",
    "import_targets",
    "restore_target",
    "upgrade_code",
]
