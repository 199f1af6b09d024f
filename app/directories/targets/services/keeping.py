"""Add, change, close one target; give it a better code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.rules import covered
from app.directories.sources.rules import FIELDS, FORM, agency_source
from app.directories.sources.services import issue_codes, note_sources
from app.directories.targets.entries import TargetEntry, changes, check_entry
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.queries import by_code
from app.directories.targets.rules import CODE_KINDS, Source, TargetStatus, check_code, may_close, may_upgrade
from app.directories.targets.vocabulary import vocabulary
from app.kernel.errors import Fault, Invalid, NotFound, Stale
from app.security.models import Agency
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped

BASE_KEEPERS = frozenset({RoleName.OFFICE_ADMIN})
AGENCY_KEEPERS = frozenset({RoleName.AGENCY_ADMIN})
SYSTEM = "system"

Values = Mapping[str, str]


def may_keep(unit: Unit, agency_id: int | None) -> None:
    """Base rows are kept by offices (and the system), agency rows by the agency's administrator.

    :raises Refused: with the reason
    """
    if SYSTEM in unit.actor.roles:
        return
    wanted = AGENCY_KEEPERS if agency_id is not None else BASE_KEEPERS
    may_act(unit.actor.roles, unit.actor.agency_id, wanted, agency_id).require()


def add_target(unit: Unit, values: Values) -> Target:
    """Add a target to the base directory. `values`: text by the names of `entries.COLUMNS`.

    :raises Invalid: with every fault of every field
    """
    return _add(unit, values, None)


def add_agency_target(unit: Unit, agency_id: int, values: Values) -> Target:
    """Add a target that the base lacks, marked with the agency as its source (R-11.3).

    :raises Invalid: with every fault of every field
    """
    return _add(unit, values, agency_id)


def _add(unit: Unit, values: Values, agency_id: int | None) -> Target:
    may_keep(unit, agency_id)
    entry = _checked(unit, values)
    if not entry.code:
        entry.code = issue_codes(unit, {entry.region_id: 1})[entry.region_id][0]
    with unscoped(unit.session, "a code stands once in the whole directory"):
        taken = by_code(unit.session, entry.code)
    if taken is not None:
        raise Invalid(faults=[Fault("code", "duplicate", value=entry.code)])
    target = Target(
        code=entry.code,
        code_kind=entry.code_kind,
        risk_class="N",
        source=Source.BASE.value if agency_id is None else Source.AGENCY.value,
        agency_id=agency_id,
        updated_at=unit.clock.now(),
        **_columns(entry),
    )
    note_sources(unit, target, FIELDS, _typed(unit, agency_id))
    unit.session.add(target)
    unit.session.flush()
    record(
        unit, "target.added", f"target:{target.id}", {"code": target.code, "source": target.source}, agency_id
    )
    return target


def _typed(unit: Unit, agency_id: int | None) -> str:
    """The source of what a person types: of an agency's own rows the agency, of the base the form."""
    agency = unit.session.get(Agency, agency_id) if agency_id is not None else None
    return FORM if agency is None else agency_source(agency.code)


def _columns(entry: TargetEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "kind": entry.kind,
        "industry_code": entry.industry_code,
        "region_id": entry.region_id,
        "address": entry.address,
        "legal_representative": entry.legal_representative,
        "contact": entry.contact,
        "phone": entry.phone,
        "home_address": entry.home_address,
        "status": entry.status,
        "registered_on": entry.registered_on,
        "tags": entry.tags,
    }


def _checked(unit: Unit, values: Values) -> TargetEntry:
    entry, faults = check_entry(values, vocabulary(unit.session, unit.scope))
    if entry is None:
        raise Invalid(faults=faults)
    return entry


def change_target(unit: Unit, target_id: int, values: Values, version: int) -> Target:
    """Change a target; its code stays (see `upgrade_code`), and so does personal data that is left empty.

    :raises Stale: somebody changed it since `version`; `changes` holds field, theirs, yours
    :raises Invalid: with every fault of every field
    """
    target = locked(unit, target_id)
    may_keep(unit, target.agency_id)
    entry = _checked(unit, {**values, **_kept_personal_data(target, values), "code": target.code})
    stored = {column: getattr(target, column) for column in _columns(entry)}
    found = changes(stored, entry)
    if target.version != version:
        raise Stale(
            "stale",
            changes=[
                (name, covered(name, stored[name]), covered(name, value)) for name, value in found.items()
            ],
        )
    if not found:
        return target
    for name, value in found.items():
        setattr(target, name, value)
    note_sources(unit, target, found, _typed(unit, target.agency_id))
    target.updated_at = unit.clock.now()
    unit.session.flush()
    record(unit, "target.changed", f"target:{target.id}", {"fields": sorted(found)}, target.agency_id)
    return target


def _kept_personal_data(target: Target, values: Values) -> dict[str, str]:
    """Forms show telephone and home address covered; what comes back empty stays."""
    return {name: values.get(name) or getattr(target, name) for name in ("phone", "home_address")}


def close_target(unit: Unit, target_id: int, reason: str) -> Target:
    """Mark a target as deregistered; it stays in the directory with its history."""
    target = locked(unit, target_id)
    may_keep(unit, target.agency_id)
    if not reason.strip():
        raise Invalid(faults=[Fault("reason", "reason_missing", value="")])
    may_close(target.status).require()
    target.status = TargetStatus.CLOSED.value
    note_sources(unit, target, ("status",), _typed(unit, target.agency_id))
    target.updated_at = unit.clock.now()
    unit.session.flush()
    record(unit, "target.closed", f"target:{target.id}", {"reason": reason.strip()}, target.agency_id)
    return target


def upgrade_code(unit: Unit, target_id: int, code: str) -> Target:
    """Give the target a code of a higher rank in place (R-11.5); the old one still finds it.

    :raises Invalid: the code is not valid or taken
    :raises Refused: it does not outrank the present one, or belongs to another organisation
    """
    target = locked(unit, target_id)
    may_keep(unit, target.agency_id)
    new = check_code(code)
    if new.fault is not None or new.kind is None:
        raise Invalid(faults=[new.fault or Fault("code", "code_not_valid", value=code)])
    if new.code == target.code:
        return target
    may_upgrade(check_code(target.code), new).require()
    with unscoped(unit.session, "a code stands once in the whole directory"):
        if by_code(unit.session, new.code) is not None:
            raise Invalid(faults=[Fault("code", "duplicate", value=new.code)])
    unit.session.add(TargetCode(code=target.code, target_id=target.id, replaced_at=unit.clock.now()))
    old, target.code, target.code_kind = target.code, new.code, CODE_KINDS[new.kind]
    target.updated_at = unit.clock.now()
    unit.session.flush()
    record(
        unit, "target.code_upgraded", f"target:{target.id}", {"old": old, "new": new.code}, target.agency_id
    )
    return target


def locked(unit: Unit, target_id: int) -> Target:
    """The target, locked until the end of the unit.

    :raises NotFound: not there, or not within the scope
    """
    found = unit.session.scalars(
        select(Target)
        .where(Target.id == target_id)
        .with_for_update(of=Target)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="target")
    return found
