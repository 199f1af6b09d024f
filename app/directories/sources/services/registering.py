"""Register systems and set whose word counts: acts of an office."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.sources.models import SourceOrder, SourceSystem
from app.directories.sources.queries import get_system, known, system_by_code
from app.directories.sources.rules import EVERY, FIELDS, GROUPS, RESERVED, Lower
from app.kernel.errors import Fault, Invalid, NotFound, Stale
from app.security.models import Agency
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped

OFFICES = frozenset({RoleName.OFFICE_ADMIN})
LONGEST_NAME = 80
LONGEST_NOTE = 300
_CODE = re.compile(r"[a-z][a-z0-9-]{1,39}")


def register_system(
    unit: Unit, *, code: str, name: str, agency_id: int | None, note: str = ""
) -> SourceSystem:
    """A system that will push. `agency_id` None: it feeds the base directory.

    :raises Invalid: with every fault of every field
    """
    office_id = _office(unit)
    code = code.strip().lower()
    faults = [*_faults_of_code(unit, code), *_faults(unit, name, note, agency_id)]
    if faults:
        raise Invalid(faults=faults)
    system = SourceSystem(
        code=code,
        name=name.strip(),
        note=note.strip(),
        office_id=office_id,
        agency_id=agency_id,
        created_at=unit.clock.now(),
    )
    unit.session.add(system)
    unit.session.flush()
    record(unit, "source_system.registered", f"source_system:{system.id}", {"code": code})
    return system


def change_system(
    unit: Unit, system_id: int, *, name: str, note: str, active: bool, version: int
) -> SourceSystem:
    """Its name, and whether it may push; the code and whom it feeds stay, because fields refer to them.

    :raises Stale: somebody changed it since `version`
    """
    office_id = _office(unit)
    system = get_system(unit.session, system_id)
    may_act(unit.actor.roles, office_id, OFFICES, system.office_id).require()
    faults = _faults(unit, name, note, None)
    if faults:
        raise Invalid(faults=faults)
    if system.version != version:
        raise Stale("stale", changes=[])
    system.name, system.note, system.active = name.strip(), note.strip(), active
    unit.session.flush()
    data = {"code": system.code, "active": active}
    record(unit, "source_system.changed", f"source_system:{system.id}", data)
    return system


def set_order(unit: Unit, field: str, names: Sequence[str], lower: Lower) -> None:
    """Whose word counts for a field (`*`: for all that have no order of their own); without names the order goes,
    and what the office above has set holds again.

    :raises Invalid: an unknown source, or one that stands twice
    """
    office_id = _office(unit)
    if field != EVERY and field not in FIELDS:
        raise NotFound("source_field_unknown", value=field[:40])
    faults = order_faults(names, frozenset(known(unit.session).systems))
    if faults:
        raise Invalid(faults=faults)
    query = select(SourceOrder).where(SourceOrder.office_id == office_id, SourceOrder.field == field)
    row = unit.session.scalars(query).first()
    if not names:
        if row is not None:
            unit.session.delete(row)
    elif row is None:
        unit.session.add(SourceOrder(office_id=office_id, field=field, names=list(names), lower=lower.value))
    else:
        row.names, row.lower = list(names), lower.value
    unit.session.flush()
    data = {"field": field, "names": list(names), "lower": lower.value}
    record(unit, "source_order.set", f"agency:{office_id}", data)


def order_faults(names: Sequence[str], systems: frozenset[str]) -> list[Fault]:
    """Faults by the place in the order, fields `place1`, `place2`, ..."""
    faults = []
    for place, name in enumerate(names, start=1):
        if name not in GROUPS and name not in systems:
            faults.append(Fault(f"place{place}", "source_order_unknown", value=name))
        elif name in names[: place - 1]:
            faults.append(Fault(f"place{place}", "source_order_twice", value=name))
    return faults


def _office(unit: Unit) -> int:
    may_act(unit.actor.roles, unit.actor.agency_id, OFFICES, None).require()
    assert unit.actor.agency_id is not None, "an office's administrator acts for an office"
    return unit.actor.agency_id


def _faults_of_code(unit: Unit, code: str) -> list[Fault]:
    if not _CODE.fullmatch(code):
        return [Fault("code", "source_code_shape", value=code[:40])]
    if code in RESERVED:
        return [Fault("code", "source_code_reserved", value=code)]
    with unscoped(unit.session, "codes of systems are unique over all offices"):
        taken = system_by_code(unit.session, code)
    return [Fault("code", "duplicate", value=code)] if taken else []


def _faults(unit: Unit, name: str, note: str, agency_id: int | None) -> list[Fault]:
    faults = []
    if not name.strip():
        faults.append(Fault("name", "source_name_missing", value=""))
    for field, text, most in (("name", name, LONGEST_NAME), ("note", note, LONGEST_NOTE)):
        if len(text.strip()) > most:
            faults.append(Fault(field, "too_long", value=text, most=most, found=len(text.strip())))
    if agency_id is not None:
        agency = unit.session.get(Agency, agency_id)
        if agency is None or agency.region_id not in unit.scope.region_ids or agency.is_office:
            faults.append(Fault("agency", "source_agency_elsewhere", value=agency_id))
    return faults
