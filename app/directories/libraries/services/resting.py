"""Put a library away that nothing uses, with the reason, and take it out again. Nothing of it is lost."""

from __future__ import annotations

from app.audit.services import record
from app.db import Unit
from app.directories.libraries.log import note
from app.directories.libraries.models import Library
from app.directories.libraries.places import Use, library_uses
from app.directories.libraries.rules import may_archive
from app.directories.libraries.services.keeping import kept, refuse_double
from app.directories.libraries.services.picking import checked_reason
from app.kernel.clock import today


def uses_of(unit: Unit, library: Library) -> list[Use]:
    """Plans and tasks that draw from it and are not over."""
    return [use for find in library_uses for use in find(unit.session, library, today(unit.clock))]


def archive_library(unit: Unit, library_id: int, reason: str) -> Library:
    """It is offered nowhere any more, and cannot be changed; its log and what was frozen from it stay.

    :raises Refused: a plan or a task uses it, or it is put away already
    :raises Invalid: no reason
    """
    library = kept(unit, library_id, archived=None)
    words = checked_reason(reason)
    used = uses_of(unit, library)
    may_archive(library.archived_at is not None, [use.label for use in used]).require()
    library.archived_at, library.archive_reason = unit.clock.now(), words
    unit.session.flush()
    note(unit, library, "archived", {"reason": words})
    record(unit, "library.archived", f"library:{library.id}", {"reason": words}, library.agency_id)
    return library


def restore_library(unit: Unit, library_id: int) -> Library:
    """Use it again; one that was not put away stays as it is."""
    library = kept(unit, library_id, archived=None)
    if library.archived_at is None:
        return library
    refuse_double(unit, library)
    library.archived_at, library.archive_reason = None, ""
    library.changed_at = unit.clock.now()
    unit.session.flush()
    note(unit, library, "restored")
    record(unit, "library.restored", f"library:{library.id}", {}, library.agency_id)
    return library
