"""Additions and exclusions: one by one, or all that a list leaves, always with the reason."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from app.audit.services import record
from app.db import Unit
from app.directories.libraries.log import note, touch
from app.directories.libraries.models import Library, LibraryPick
from app.directories.libraries.rules import LibrarySubject, may_pick
from app.directories.libraries.services.keeping import kept
from app.directories.targets.queries import get_target
from app.kernel.errors import Fault, Invalid, NotFound

LONGEST_REASON = 300
TARGETS = LibrarySubject.TARGETS.value


def pick_target(unit: Unit, library_id: int, target_id: int, *, included: bool, reason: str) -> LibraryPick:
    """Add a target that the rule leaves out, or exclude one that it takes in, with the reason."""
    library = kept(unit, library_id, TARGETS)
    words = checked_reason(reason)
    target = get_target(unit.session, target_id)
    pick = unit.session.get(LibraryPick, (library.id, target_id))
    if pick is None:
        may_pick(_number_of_picks(unit, library), 1).require()
        pick = LibraryPick(library=library, target_id=target_id, included=included, reason=words)
        unit.session.add(pick)
    pick.included, pick.reason = included, words
    unit.session.flush()
    touch(unit, library)
    note(unit, library, "picked" if included else "excluded", {"target": target.name, "reason": words})
    facts = {"target": target_id, "included": included}
    record(unit, "library.picked", f"library:{library.id}", facts, library.agency_id)
    return pick


def pick_targets(unit: Unit, library_id: int, chosen: Select[Any], *, included: bool, reason: str) -> int:
    """Add, or exclude, all targets of a statement over their ids, which is within the scope. How many.

    :raises Refused: more than a library holds by hand
    """
    library = kept(unit, library_id, TARGETS)
    words = checked_reason(reason)
    ids = chosen.subquery()
    more = int(unit.session.execute(select(func.count()).select_from(ids)).scalar_one())
    may_pick(_number_of_picks(unit, library), more).require()
    table = LibraryPick.__table__
    rows = select(literal(library.id), ids.c[0], literal(included), literal(words))
    adding = insert(table).from_select(["library_id", "target_id", "included", "reason"], rows)
    unit.session.execute(
        adding.on_conflict_do_update(
            index_elements=["library_id", "target_id"],
            set_={"included": adding.excluded.included, "reason": adding.excluded.reason},
        )
    )
    unit.session.expire(library, ["picks"])
    touch(unit, library)
    note(unit, library, "picked" if included else "excluded", {"number": more, "reason": words})
    facts = {"targets": more, "included": included}
    record(unit, "library.picked", f"library:{library.id}", facts, library.agency_id)
    return more


def drop_pick(unit: Unit, library_id: int, target_id: int) -> Library:
    """Let the rule alone decide about this target again."""
    library = kept(unit, library_id, TARGETS)
    pick = unit.session.get(LibraryPick, (library.id, target_id))
    if pick is None:
        raise NotFound("not_in_scope", kind="library_pick")
    named = pick.target.name if pick.target is not None else str(target_id)
    unit.session.delete(pick)
    unit.session.flush()
    touch(unit, library)
    note(unit, library, "pick_dropped", {"target": named})
    record(unit, "library.pick_dropped", f"library:{library.id}", {"target": target_id}, library.agency_id)
    return library


def checked_reason(reason: str) -> str:
    """:raises Invalid: no reason, or one that is too long"""
    words = reason.strip()
    if not words:
        raise Invalid(faults=[Fault("reason", "pick_without_reason", value="")])
    if len(words) > LONGEST_REASON:
        raise Invalid(
            faults=[Fault("reason", "too_long", value=words, most=LONGEST_REASON, found=len(words))]
        )
    return words


def _number_of_picks(unit: Unit, library: Library) -> int:
    pick = LibraryPick.__table__.c
    return int(unit.session.execute(select(func.count()).where(pick.library_id == library.id)).scalar_one())
