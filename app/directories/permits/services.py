"""Keep permits."""

from __future__ import annotations

from app.db import Unit
from app.directories.children.kinds import ChildKind, Values
from app.directories.children.services import add_child, change_child, remove_child
from app.directories.permits.entries import check_permit
from app.directories.permits.models import Permit, PermitKind

PERMITS = ChildKind(
    "permit",
    Permit,
    PermitKind,
    check_permit,
    key=("kind", "number"),
    taken="permit_there",
    columns=("kind", "number", "authority", "valid_from", "valid_until", "status"),
)


def add_permit(unit: Unit, target_id: int, values: Values) -> Permit:
    """:param values: text by the names of `PERMITS.columns`

    :raises Invalid: with every fault of every field
    """
    row: Permit = add_child(unit, PERMITS, target_id, values)
    return row


def change_permit(unit: Unit, permit_id: int, values: Values, version: int) -> Permit:
    """:raises Stale: somebody changed it since `version`
    :raises Invalid: with every fault of every field
    """
    row: Permit = change_child(unit, PERMITS, permit_id, values, version)
    return row


def remove_permit(unit: Unit, permit_id: int, reason: str) -> int:
    """Take out a permit that was entered by mistake; one that ended gets its status instead."""
    return remove_child(unit, PERMITS, permit_id, reason)
