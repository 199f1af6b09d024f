"""What a bulk edit asks for, checked before any row is looked at. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from app.kernel.errors import Fault
from app.kernel.states import StateEnum

AT_ONCE = 5_000
"""Up to so many rows the page waits; beyond it a job works. A preview judges no more either."""
SHORTEST_REASON = 2
LONGEST_REASON = 300


class BulkState(StateEnum):
    WAITING = "waiting", "In progress", "warn"
    DONE = "done", "Done", "ok"
    UNDONE = "undone", "Undone", "mute"


def wanted_faults(wanted: Mapping[str, Any], known: Collection[str]) -> list[Fault]:
    """Something is to be changed, and only what this directory lets change."""
    if not wanted:
        return [Fault("fields", "bulk_nothing_picked")]
    return [Fault(name, "bulk_field_unknown", value=name) for name in wanted if name not in known]


def reason_faults(reason: str) -> list[Fault]:
    return [] if len(reason.strip()) >= SHORTEST_REASON else [Fault("reason", "reason_missing", value="")]


def with_tags(stored: Collection[str], add: Collection[str], drop: Collection[str]) -> list[str]:
    """The tags afterwards, in their order; what is added stands at the end."""
    kept = [tag for tag in stored if tag not in drop]
    return kept + [tag for tag in add if tag not in kept]
