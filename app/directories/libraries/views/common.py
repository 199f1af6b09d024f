"""What the pages of libraries share: who keeps one, and what a posted key is."""

from __future__ import annotations

from flask import abort, current_app

from app.directories.libraries.models import Library
from app.security.context import person
from app.security.rules import BUSINESS, RoleName

READERS = BUSINESS - {RoleName.INSPECTOR}


def may_keep_any() -> bool:
    return bool(current_app.appbuilder.sm.has_access("can_keep", "LibraryView"))


def is_kept_here(library: Library) -> bool:
    """By the own agency, or, a joint one, by the initiator and participants together."""
    who = person()
    keepers = {library.agency_id, *(member.agency_id for member in library.members)}
    return who is not None and who.actor.agency_id in keepers


def only_keepers(library: Library) -> None:
    """The page of an act is offered to the agencies that keep the library; to others who may read it, it is
    not there.
    """
    if not is_kept_here(library):
        abort(404)


def number_of(text: str | None) -> int:
    """The key that a field holds, 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else 0
