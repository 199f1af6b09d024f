"""Add, change, take off duty; enter and end a leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select

from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.entries import FIELDS, InspectorEntry, changes, check_entry
from app.directories.inspectors.models import Inspector, Leave
from app.directories.inspectors.queries import vocabulary
from app.directories.inspectors.rules import leave_faults, overlapping
from app.directories.rules import covered
from app.kernel.errors import Fault, Invalid, NotFound, Refused, Stale
from app.security.models import Agency
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped

KEEPERS = frozenset({RoleName.AGENCY_ADMIN})
SYSTEM = "system"

Values = Mapping[str, str]


def may_keep(unit: Unit, agency_id: int) -> None:
    """Each agency's administrator keeps its own inspectors (R-14.1).

    :raises Refused: with the reason
    """
    if SYSTEM not in unit.actor.roles:
        may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, agency_id).require()


def add_inspector(unit: Unit, agency_id: int, values: Values) -> Inspector:
    """Add an inspector, or staff without the certificate (R-14.2). `values`: text by `entries.COLUMNS`.

    :raises Invalid: with every fault of every field
    """
    may_keep(unit, agency_id)
    entry = _checked(unit, agency_id, values)
    with unscoped(unit.session, "a certificate number stands once"):
        taken = unit.session.scalars(
            select(Inspector.id).where(Inspector.certificate_no == entry.certificate_no)
        ).first()
    if taken is not None:
        raise Invalid(faults=[Fault("certificate_no", "duplicate", value=entry.certificate_no)])
    inspector = Inspector(
        certificate_no=entry.certificate_no,
        agency_id=agency_id,
        active=True,
        **{name: getattr(entry, name) for name in FIELDS},
    )
    unit.session.add(inspector)
    unit.session.flush()
    record(
        unit, "inspector.added", f"inspector:{inspector.id}", {"certified": inspector.certified}, agency_id
    )
    return inspector


def _checked(unit: Unit, agency_id: int, values: Values) -> InspectorEntry:
    agency = unit.session.get(Agency, agency_id)
    if agency is None:
        raise NotFound("not_in_scope", kind="agency")
    words = vocabulary(unit.session, unit.scope, agency.code)
    entry, faults = check_entry({**values, "agency": agency.code}, words)
    if entry is None:
        raise Invalid(faults=faults)
    return entry


def change_inspector(unit: Unit, inspector_id: int, values: Values, version: int) -> Inspector:
    """Change an inspector; the certificate number stays, and so does a telephone number that is left empty.

    :raises Stale: somebody changed the row since `version`
    :raises Invalid: with every fault of every field
    """
    inspector = locked(unit, inspector_id)
    may_keep(unit, inspector.agency_id)
    kept = {"certificate_no": inspector.certificate_no, "phone": values.get("phone") or inspector.phone}
    entry = _checked(unit, inspector.agency_id, {**values, **kept})
    stored = {name: getattr(inspector, name) for name in FIELDS}
    found = changes(stored, entry)
    if inspector.version != version:
        raise Stale(
            "stale",
            changes=[
                (name, covered(name, stored[name]), covered(name, value)) for name, value in found.items()
            ],
        )
    if not found:
        return inspector
    for name, value in found.items():
        setattr(inspector, name, value)
    unit.session.flush()
    record(
        unit, "inspector.changed", f"inspector:{inspector.id}", {"fields": sorted(found)}, inspector.agency_id
    )
    return inspector


def leave_duty(unit: Unit, inspector_id: int, *, back: bool = False) -> Inspector:
    """Take an inspector off duty (transfer, retirement), or `back` on; rosters follow at once (R-15.1)."""
    inspector = locked(unit, inspector_id)
    may_keep(unit, inspector.agency_id)
    if inspector.active is back:
        return inspector
    inspector.active = back
    unit.session.flush()
    tag = "inspector.returned" if back else "inspector.left"
    record(unit, tag, f"inspector:{inspector.id}", {}, inspector.agency_id)
    return inspector


def add_leave(unit: Unit, inspector_id: int, first_day: date, last_day: date, reason: str = "") -> Leave:
    """Enter a period off duty, both days included.

    :raises Invalid: the days are not in order
    :raises Refused: the period overlaps another
    """
    inspector = locked(unit, inspector_id)
    may_keep(unit, inspector.agency_id)
    faults = leave_faults(first_day, last_day)
    if faults:
        raise Invalid(faults=faults)
    other = overlapping(inspector.leaves, first_day, last_day)
    if other is not None:
        days = {"first": other.first_day.isoformat(), "last": other.last_day.isoformat()}
        raise Refused("leave_overlaps", reason=other.reason or "—", **days)
    leave = Leave(first_day=first_day, last_day=last_day, reason=reason.strip())
    inspector.leaves.append(leave)
    unit.session.flush()
    days = {"first": first_day.isoformat(), "last": last_day.isoformat()}
    record(unit, "inspector.leave_entered", f"inspector:{inspector.id}", days, inspector.agency_id)
    return leave


def end_leave(unit: Unit, inspector_id: int, leave_id: int) -> Inspector:
    """Take a leave back."""
    inspector = locked(unit, inspector_id)
    may_keep(unit, inspector.agency_id)
    leave = next((known for known in inspector.leaves if known.id == leave_id), None)
    if leave is None:
        raise NotFound("not_in_scope", kind="leave")
    inspector.leaves.remove(leave)
    unit.session.flush()
    record(unit, "inspector.leave_withdrawn", f"inspector:{inspector.id}", {}, inspector.agency_id)
    return inspector


def locked(unit: Unit, inspector_id: int) -> Inspector:
    """The inspector, locked until the end of the unit.

    :raises NotFound: not there, or not within the scope
    """
    statement = select(Inspector).where(Inspector.id == inspector_id).with_for_update(of=Inspector)
    found = unit.session.scalars(statement.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound("not_in_scope", kind="inspector")
    return found
