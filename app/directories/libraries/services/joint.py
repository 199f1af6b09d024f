"""A joint library is founded on a joint item; whoever takes part in the item keeps it (R-13.1, R-17.1)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.libraries.log import note
from app.directories.libraries.models import Library, LibraryMember
from app.directories.libraries.places import Parties, joint_items
from app.directories.libraries.rules import LibraryKind, LibrarySubject, may_found
from app.directories.libraries.services.keeping import KEEPERS, checked_rule, refuse_double
from app.kernel.errors import Fault, Invalid, NotFound
from app.regulation import implements
from app.security.models import Agency
from app.security.rules import may_act
from app.security.scoping import unscoped

FOUNDING = "the founder's agency takes part in the joint item: the library belongs to its initiator"


@implements("R-13.1", "R-17.1")
def found_joint_library(
    unit: Unit,
    joint_item_id: int,
    name: str,
    rule: Any,
    subject: str = LibrarySubject.TARGETS.value,
) -> Library:
    """The joint library of a joint item, for its initiator and participants in the actor's region.

    :raises Invalid: with every fault of name and rule, and when the item has its library already
    """
    session = unit.session
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, None).require()
    if subject not in set(LibrarySubject):
        raise Invalid(faults=[Fault("subject", "library_kind_unknown", value=subject)])
    agency = session.scalars(select(Agency).where(Agency.id == unit.actor.agency_id)).first()
    if agency is None:
        raise NotFound("not_in_scope", kind="agency")
    parties = _parties(unit, joint_item_id, agency)
    may_found(agency.id, parties.agency_ids).require()
    checked = checked_rule(unit, name, LibraryKind.JOINT.value, rule, subject)
    library = Library(
        name=name.strip(),
        kind=LibraryKind.JOINT.value,
        subject=subject,
        agency_id=parties.initiator_id,
        joint_item_id=joint_item_id,
        rule=checked,
        changed_at=unit.clock.now(),
    )
    refuse_double(unit, library)
    with unscoped(session, FOUNDING):
        there = select(Library.id).where(
            Library.joint_item_id == joint_item_id,
            Library.agency_id == parties.initiator_id,
            Library.subject == subject,
        )
        if session.scalars(there).first() is not None:
            raise Invalid(faults=[Fault("joint_item", "library_of_item_there", value=parties.label)])
        library.members = [
            LibraryMember(agency_id=one, initiator=one == parties.initiator_id) for one in parties.agency_ids
        ]
        session.add(library)
        session.flush()
    note(unit, library, "founded", {"item": parties.label})
    facts = {"joint_item": joint_item_id, "members": len(parties.agency_ids), "subject": subject}
    record(unit, "library.founded", f"library:{library.id}", facts, library.agency_id)
    return library


def _parties(unit: Unit, joint_item_id: int, agency: Agency) -> Parties:
    for place in joint_items:
        found = place.parties(unit.session, joint_item_id, agency)
        if found is not None:
            return found
    raise Invalid(faults=[Fault("joint_item", "library_item_unknown", value=str(joint_item_id))])
