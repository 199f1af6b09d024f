"""Add, change, remove one row of a child directory."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.children.kinds import ChildKind, Values, words
from app.directories.targets.queries import get_target
from app.directories.targets.services.keeping import AGENCY_KEEPERS, BASE_KEEPERS, may_keep
from app.kernel.errors import Fault, Invalid, NotFound, Stale
from app.security.rules import RoleName

KEEPERS = BASE_KEEPERS | AGENCY_KEEPERS


def add_child(unit: Unit, kind: ChildKind, target_id: int, values: Values) -> Any:
    """Add a row to a target within the scope: an office's belongs to the base, an agency's to that agency.

    :raises Invalid: with every fault of every field
    """
    target = get_target(unit.session, target_id)
    agency_id = None if RoleName.OFFICE_ADMIN in unit.actor.roles else unit.actor.agency_id
    may_keep(unit, agency_id)
    entry = _checked(unit, kind, values)
    _alone(unit, kind, target.id, entry, None)
    row = kind.model(
        target_id=target.id,
        region_id=target.region_id,
        agency_id=agency_id,
        updated_at=unit.clock.now(),
        **entry,
    )
    unit.session.add(row)
    unit.session.flush()
    facts = {"target": target.id, "kind": entry["kind"]}
    record(unit, f"{kind.name}.added", f"{kind.name}:{row.id}", facts, agency_id)
    return row


def change_child(unit: Unit, kind: ChildKind, row_id: int, values: Values, version: int) -> Any:
    """Change a row; it stays with its target.

    :raises Stale: somebody changed it since `version`; `changes` holds field, theirs, yours
    :raises Invalid: with every fault of every field
    """
    row = locked(unit, kind, row_id)
    may_keep(unit, row.agency_id)
    entry = _checked(unit, kind, values)
    found = {name: value for name, value in entry.items() if getattr(row, name) != value}
    if row.version != version:
        raise Stale("stale", changes=[(name, getattr(row, name), value) for name, value in found.items()])
    if not found:
        return row
    _alone(unit, kind, row.target_id, entry, row.id)
    for name, value in found.items():
        setattr(row, name, value)
    row.updated_at = unit.clock.now()
    unit.session.flush()
    facts = {"target": row.target_id, "fields": sorted(found)}
    record(unit, f"{kind.name}.changed", f"{kind.name}:{row.id}", facts, row.agency_id)
    return row


def remove_child(unit: Unit, kind: ChildKind, row_id: int, reason: str) -> int:
    """Take a row out that should not have been there; the history keeps it. Returns the target's id."""
    row = locked(unit, kind, row_id)
    may_keep(unit, row.agency_id)
    if not reason.strip():
        raise Invalid(faults=[Fault("reason", "reason_missing", value="")])
    target_id: int = row.target_id
    facts = {"target": target_id, "reason": reason.strip()}
    record(unit, f"{kind.name}.removed", f"{kind.name}:{row.id}", facts, row.agency_id)
    unit.session.delete(row)
    unit.session.flush()
    return target_id


def locked(unit: Unit, kind: ChildKind, row_id: int) -> Any:
    """:raises NotFound: not there, or not within the scope"""
    model = kind.model
    found = unit.session.scalars(
        select(model)
        .where(model.id == row_id)
        .with_for_update(of=model)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind=kind.name)
    return found


def _checked(unit: Unit, kind: ChildKind, values: Values) -> dict[str, Any]:
    entry, faults = kind.check(values, words(unit.session, kind))
    if entry is None:
        raise Invalid(faults=faults)
    return entry


def _alone(unit: Unit, kind: ChildKind, target_id: int, entry: dict[str, Any], own_id: int | None) -> None:
    """:raises Invalid: the target has such a row already"""
    model = kind.model
    there = select(model.id).where(
        model.target_id == target_id, *(getattr(model, name) == entry[name] for name in kind.key)
    )
    if unit.session.scalars(there.where(model.id != (own_id or 0))).first() is not None:
        raise Invalid(faults=[Fault(kind.key[-1], kind.taken, value=entry[kind.key[-1]])])
