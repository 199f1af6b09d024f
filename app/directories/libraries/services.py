"""Make, change and hand-pick libraries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.libraries.models import Library, LibraryPick
from app.directories.libraries.queries import unknown_words
from app.directories.libraries.rules import LibraryKind, SelectionRule
from app.directories.targets.queries import get_target
from app.kernel.errors import Fault, Invalid, NotFound, Stale
from app.security.rules import RoleName, may_act

KEEPERS = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN, RoleName.CLERK})
LONGEST_NAME = 120


def create_library(unit: Unit, agency_id: int, name: str, kind: str, rule: Any) -> Library:
    """Save a selection under a name (R-12.1). `rule`: JSON form of `SelectionRule`.

    :raises Invalid: with every fault of name, kind and rule
    """
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, agency_id).require()
    checked = _checked(unit, name, kind, rule)
    library = Library(name=name.strip(), kind=kind, agency_id=agency_id, rule=checked.to_json())
    _refuse_double(unit, library)
    unit.session.add(library)
    unit.session.flush()
    record(unit, "library.created", f"library:{library.id}", {"kind": kind, "rule": library.rule}, agency_id)
    return library


def change_library(unit: Unit, library_id: int, name: str, kind: str, rule: Any, version: int) -> Library:
    """Change name, kind or rule; who belongs follows at once, frozen draws do not.

    :raises Stale: somebody changed it since `version`
    """
    library = _locked(unit, library_id)
    checked = _checked(unit, name, kind, rule)
    wanted = {"name": name.strip(), "kind": kind, "rule": checked.to_json()}
    found = {part: value for part, value in wanted.items() if getattr(library, part) != value}
    if library.version != version:
        raise Stale("stale", changes=[(part, getattr(library, part), value) for part, value in found.items()])
    if not found:
        return library
    with unit.session.no_autoflush:
        for part, value in found.items():
            setattr(library, part, value)
        _refuse_double(unit, library)
    unit.session.flush()
    record(unit, "library.changed", f"library:{library.id}", {"parts": sorted(found)}, library.agency_id)
    return library


def pick_target(unit: Unit, library_id: int, target_id: int, *, included: bool, reason: str) -> LibraryPick:
    """Add a target that the rule leaves out, or exclude one that it takes in, with the reason."""
    library = _locked(unit, library_id)
    if not reason.strip():
        raise Invalid(faults=[Fault("reason", "pick_without_reason", value="")])
    get_target(unit.session, target_id)
    pick = unit.session.get(LibraryPick, (library.id, target_id))
    if pick is None:
        pick = LibraryPick(library=library, target_id=target_id, included=included, reason=reason.strip())
        unit.session.add(pick)
    pick.included, pick.reason = included, reason.strip()
    unit.session.flush()
    facts = {"target": target_id, "included": included}
    record(unit, "library.picked", f"library:{library.id}", facts, library.agency_id)
    return pick


def drop_pick(unit: Unit, library_id: int, target_id: int) -> Library:
    """Let the rule alone decide about this target again."""
    library = _locked(unit, library_id)
    pick = unit.session.get(LibraryPick, (library.id, target_id))
    if pick is None:
        raise NotFound("not_in_scope", kind="library_pick")
    unit.session.delete(pick)
    unit.session.flush()
    record(unit, "library.pick_dropped", f"library:{library.id}", {"target": target_id}, library.agency_id)
    return library


def _checked(unit: Unit, name: str, kind: str, rule: Any) -> SelectionRule:
    faults: list[Fault] = []
    if not name.strip():
        faults.append(Fault("name", "library_name_missing", value=""))
    if len(name.strip()) > LONGEST_NAME:
        faults.append(Fault("name", "too_long", value=name, most=LONGEST_NAME, found=len(name.strip())))
    if kind not in set(LibraryKind):
        faults.append(Fault("kind", "library_kind_unknown", value=kind))
    checked = None
    try:
        checked = SelectionRule.from_json(rule)
        faults += unknown_words(unit.session, checked)
    except Invalid as error:
        faults += error.faults
    if faults or checked is None:
        raise Invalid(faults=faults)
    return checked


def _refuse_double(unit: Unit, library: Library) -> None:
    same = select(Library.id).where(Library.agency_id == library.agency_id, Library.name == library.name)
    taken = unit.session.scalars(same if library.id is None else same.where(Library.id != library.id)).first()
    if taken is not None:
        raise Invalid(faults=[Fault("name", "duplicate", value=library.name)])


def _locked(unit: Unit, library_id: int) -> Library:
    """The library, locked, after the check that the actor's agency keeps it."""
    statement = select(Library).where(Library.id == library_id).with_for_update(of=Library)
    library = unit.session.scalars(statement.execution_options(populate_existing=True)).first()
    if library is None:
        raise NotFound("not_in_scope", kind="library")
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, library.agency_id).require()
    return library
