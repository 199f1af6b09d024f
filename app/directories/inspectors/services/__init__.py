"""Verbs of the directory of inspectors."""

from app.directories.inspectors.services.contacts import contacts
from app.directories.inspectors.services.importing import import_inspectors
from app.directories.inspectors.services.keeping import (
    KEEPERS,
    add_inspector,
    add_leave,
    change_inspector,
    end_leave,
    leave_duty,
)

__all__ = [
    "KEEPERS",
    "add_inspector",
    "add_leave",
    "change_inspector",
    "contacts",
    "end_leave",
    "import_inspectors",
    "leave_duty",
]
