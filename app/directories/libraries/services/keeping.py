"""Make and change a library."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.audit.services import record
from app.db import Unit
from app.directories.libraries.log import note
from app.directories.libraries.models import Library
from app.directories.libraries.queries import unknown_words
from app.directories.libraries.rules import (
    InspectorRule,
    LibraryKind,
    LibrarySubject,
    SelectionRule,
    may_keep,
)
from app.directories.targets.models import Specialty
from app.kernel.errors import Fault, Invalid, NotFound, Refused, Stale
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped

KEEPERS = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN, RoleName.CLERK})
LONGEST_NAME = 120


def create_library(unit: Unit, agency_id: int, name: str, kind: str, rule: Any) -> Library:
    """Save a selection under a name (R-12.1). `rule`: JSON form of `SelectionRule`.

    :raises Invalid: with every fault of name, kind and rule; a joint library is founded on its joint item
    """
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, agency_id).require()
    if kind == LibraryKind.JOINT:
        raise Invalid(faults=[Fault("kind", "library_joint_item_missing", value=kind)])
    checked = checked_rule(unit, name, kind, rule)
    library = Library(
        name=name.strip(), kind=kind, agency_id=agency_id, rule=checked, changed_at=unit.clock.now()
    )
    refuse_double(unit, library)
    unit.session.add(library)
    unit.session.flush()
    note(unit, library, "created")
    record(unit, "library.created", f"library:{library.id}", {"kind": kind, "rule": library.rule}, agency_id)
    return library


def change_library(unit: Unit, library_id: int, name: str, kind: str, rule: Any, version: int) -> Library:
    """Change name, kind or rule; who belongs follows at once, frozen draws do not.

    :raises Stale: somebody changed it since `version`
    """
    library = kept(unit, library_id)
    if (kind == LibraryKind.JOINT) != (library.joint_item_id is not None) and kind != library.kind:
        raise Invalid(faults=[Fault("kind", "library_kind_stays", value=kind)])
    checked = checked_rule(unit, name, kind, rule, library.subject)
    wanted = {"name": name.strip(), "kind": kind, "rule": checked}
    found = {part: value for part, value in wanted.items() if getattr(library, part) != value}
    if library.version != version:
        raise Stale("stale", changes=[(part, getattr(library, part), value) for part, value in found.items()])
    if not found:
        return library
    before = {part: getattr(library, part) for part in found}
    with unit.session.no_autoflush:
        for part, value in found.items():
            setattr(library, part, value)
        library.changed_at = unit.clock.now()
        refuse_double(unit, library)
    unit.session.flush()
    note(unit, library, "changed", {"before": before, "after": found})
    record(unit, "library.changed", f"library:{library.id}", {"parts": sorted(found)}, library.agency_id)
    return library


def checked_rule(
    unit: Unit, name: str, kind: str, rule: Any, subject: str = LibrarySubject.TARGETS.value
) -> dict[str, list[str]]:
    """The rule as it is stored. :raises Invalid: with every fault of name, kind and rule"""
    faults: list[Fault] = []
    if not name.strip():
        faults.append(Fault("name", "library_name_missing", value=""))
    if len(name.strip()) > LONGEST_NAME:
        faults.append(Fault("name", "too_long", value=name, most=LONGEST_NAME, found=len(name.strip())))
    if kind not in set(LibraryKind):
        faults.append(Fault("kind", "library_kind_unknown", value=kind))
    checked: dict[str, list[str]] = {}
    try:
        checked, more = _read_rule(unit, rule, subject)
        faults += more
    except Invalid as error:
        faults += error.faults
    if faults:
        raise Invalid(faults=faults)
    return checked


def _read_rule(unit: Unit, rule: Any, subject: str) -> tuple[dict[str, list[str]], list[Fault]]:
    if subject == LibrarySubject.INSPECTORS:
        people = InspectorRule.from_json(rule)
        known = set(
            unit.session.scalars(select(Specialty.name).where(Specialty.name.in_(people.specialties)))
        )
        return people.to_json(), [
            Fault("specialties", "rule_value_unknown", value=word)
            for word in people.specialties
            if word not in known
        ]
    found = SelectionRule.from_json(rule)
    faults = unknown_words(unit.session, found)
    if found.libraries:
        faults.append(Fault("libraries", "rule_names_library", value="、".join(found.libraries)))
    return found.to_json(), faults


def refuse_double(unit: Unit, library: Library) -> None:
    """One name once in an agency, whoever of a joint library's members gives it."""
    same = select(Library.id).where(Library.agency_id == library.agency_id, Library.name == library.name)
    with unscoped(unit.session, "a name stands once in its agency"):
        taken = unit.session.scalars(
            same if library.id is None else same.where(Library.id != library.id)
        ).first()
    if taken is not None:
        raise Invalid(faults=[Fault("name", "duplicate", value=library.name)])


def kept(
    unit: Unit, library_id: int, subject: str | None = None, *, archived: bool | None = False
) -> Library:
    """The library, locked, after the check that the actor's agency keeps it.

    :param archived: False: only one that is in use; None: one that is put away as well
    :raises Refused: it is put away
    :raises NotFound: not there, not within the scope, or of another subject
    """
    statement = select(Library).where(Library.id == library_id).with_for_update(of=Library)
    library = unit.session.scalars(
        statement.options(selectinload(Library.members)).execution_options(populate_existing=True)
    ).first()
    if library is None or subject not in (None, library.subject):
        raise NotFound("not_in_scope", kind="library")
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, None).require()
    may_keep(unit.actor.agency_id, library.agency_id, {m.agency_id for m in library.members}).require()
    if archived is False and library.archived_at is not None:
        raise Refused("library_archived")
    return library
