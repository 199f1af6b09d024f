"""Bring an earlier version of a target back."""

from __future__ import annotations

from collections.abc import Collection

from app.audit.services import record
from app.db import Unit
from app.directories.sources.rules import FORM, agency_source
from app.directories.sources.services import note_sources
from app.directories.targets.entries import check_entry
from app.directories.targets.models import Target
from app.directories.targets.queries import get_target
from app.directories.targets.restoring import FIELDS, restored_texts, version_at
from app.directories.targets.services.keeping import locked, may_keep
from app.directories.targets.vocabulary import vocabulary
from app.kernel.errors import Fault, Invalid, Refused, Stale


def restore_target(
    unit: Unit, target_id: int, history_id: int, fields: Collection[str], reason: str, version: int
) -> Target:
    """Give fields the values that they had after the change `history_id`, through the one validator.

    :raises Stale: somebody changed the target since `version`
    :raises Refused: a code that was replaced does not come back (R-11.5)
    :raises Invalid: nothing chosen, no reason, or the values are none that may stand today
    """
    target = locked(unit, target_id)
    may_keep(unit, target.agency_id)
    if target.version != version:
        raise Stale("stale", changes=[])
    earlier = version_at(unit.session, target, history_id)
    if "code" in fields and earlier.columns["code"] != target.code:
        raise Refused("restore_code_replaced", rule="R-11.5", old=earlier.columns["code"], new=target.code)
    names = [name for name in FIELDS if name in fields]
    faults = [] if names else [Fault("fields", "restore_nothing", value="")]
    if not reason.strip():
        faults.append(Fault("reason", "reason_missing", value=""))
    if faults:
        raise Invalid(faults=faults)
    texts = restored_texts(unit.session, get_target(unit.session, target_id), earlier, names)
    entry, faults = check_entry(texts, vocabulary(unit.session, unit.scope))
    if entry is None:
        raise Invalid(faults=faults)
    found = {name: getattr(entry, name) for name in names if getattr(target, name) != getattr(entry, name)}
    if not found:
        return target
    for name, value in found.items():
        setattr(target, name, value)
    note_sources(unit, target, found, FORM if target.agency is None else agency_source(target.agency.code))
    target.updated_at = unit.clock.now()
    unit.session.flush()
    facts = {"version": history_id, "fields": sorted(found), "reason": reason.strip()}
    record(unit, "target.restored", f"target:{target.id}", facts, target.agency_id)
    return target
