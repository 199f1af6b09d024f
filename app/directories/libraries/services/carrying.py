"""A joint library goes on under the joint item of another year: rule, additions and exclusions (R-13.1, R-17.1)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, insert, literal, select

from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.directories.libraries.log import note
from app.directories.libraries.models import Library, LibraryPerson, LibraryPick
from app.directories.libraries.rules import LibrarySubject
from app.directories.libraries.services.joint import found_joint_library
from app.directories.libraries.services.keeping import kept
from app.kernel.errors import NotFound
from app.regulation import implements
from app.security.scoping import unscoped

COPIED = "the picks of a joint library are carried on whole, whichever agency made them"


@dataclass(frozen=True)
class Carried:
    """The new library; `picks` of the old one went with it, `left` did not: their agency takes no part any more."""

    library: Library
    picks: int
    left: int


@implements("R-13.1", "R-17.1")
def carry_library(unit: Unit, library_id: int, joint_item_id: int, name: str) -> Carried:
    """Found the library of another joint item, or of the same one's next year, with everything of this one.

    :raises NotFound: no joint library
    :raises Invalid: as founding one; the item has its library already
    """
    old = kept(unit, library_id, archived=None)
    if old.joint_item_id is None:
        raise NotFound("not_in_scope", kind="library")
    made = found_joint_library(unit, joint_item_id, name, dict(old.rule), old.subject)
    of_targets = old.subject == LibrarySubject.TARGETS
    with unscoped(unit.session, COPIED):
        there = _number(unit, old, of_targets)
        picks = _copy_targets(unit, old, made) if of_targets else _copy_people(unit, old, made)
    unit.session.expire(made, ["picks", "people"])
    note(unit, made, "carried", {"from": old.name, "number": picks})
    facts = {"from": old.id, "picks": picks}
    record(unit, "library.carried", f"library:{made.id}", facts, made.agency_id)
    return Carried(made, picks, there - picks)


def _number(unit: Unit, old: Library, of_targets: bool) -> int:
    model = LibraryPick if of_targets else LibraryPerson
    return len(unit.session.scalars(select(model.library_id).where(model.library_id == old.id)).all())


def _copy_targets(unit: Unit, old: Library, made: Library) -> int:
    pick = LibraryPick.__table__.c
    rows = select(literal(made.id), pick.target_id, pick.included, pick.reason).where(
        pick.library_id == old.id
    )
    return _insert(unit, LibraryPick, ["library_id", "target_id", "included", "reason"], rows)


def _copy_people(unit: Unit, old: Library, made: Library) -> int:
    """Every agency speaks for its own people: those of agencies that left do not come along."""
    pick, inspector = LibraryPerson.__table__.c, Inspector.__table__.c
    rows = (
        select(literal(made.id), pick.inspector_id, pick.included, pick.reason)
        .join(Inspector.__table__, inspector.id == pick.inspector_id)
        .where(
            pick.library_id == old.id,
            inspector.agency_id.in_([member.agency_id for member in made.members]),
        )
    )
    return _insert(unit, LibraryPerson, ["library_id", "inspector_id", "included", "reason"], rows)


def _insert(
    unit: Unit, model: type[LibraryPick | LibraryPerson], columns: list[str], rows: Select[object]
) -> int:
    found = unit.session.execute(rows).all()
    if found:
        values = [dict(zip(columns, row, strict=True)) for row in found]
        unit.session.execute(insert(model.__table__), values)
    return len(found)
