"""Keep premises."""

from __future__ import annotations

from app.db import Unit
from app.directories.children.kinds import ChildKind, Values
from app.directories.children.services import add_child, change_child, remove_child
from app.directories.premises.entries import check_premises
from app.directories.premises.models import Premises, PremisesKind

PREMISES = ChildKind(
    "premises",
    Premises,
    PremisesKind,
    check_premises,
    key=("kind", "name"),
    taken="premises_there",
    columns=("kind", "name", "address", "area", "status"),
)


def add_premises(unit: Unit, target_id: int, values: Values) -> Premises:
    """:param values: text by the names of `PREMISES.columns`

    :raises Invalid: with every fault of every field
    """
    row: Premises = add_child(unit, PREMISES, target_id, values)
    return row


def change_premises(unit: Unit, premises_id: int, values: Values, version: int) -> Premises:
    """:raises Stale: somebody changed it since `version`
    :raises Invalid: with every fault of every field
    """
    row: Premises = change_child(unit, PREMISES, premises_id, values, version)
    return row


def remove_premises(unit: Unit, premises_id: int, reason: str) -> int:
    """Take out premises that were entered by mistake; those given up get their status instead."""
    return remove_child(unit, PREMISES, premises_id, reason)
