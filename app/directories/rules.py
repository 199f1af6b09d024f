"""What all directories share: covering personal data, and the outcome of an import. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.kernel.errors import Fault
from app.security.protection.masks import mask
from app.security.protection.rules import Kind

PERSONAL = {"phone": Kind.PHONE, "home_address": Kind.HOME_ADDRESS}
"""Columns of directories and of their files that hold personal data."""


class ImportMode(StrEnum):
    """`add`: only new rows; `update`: new and changed ones; `sync`: besides, close what the file lacks."""

    ADD = "add"
    UPDATE = "update"
    SYNC = "sync"


@dataclass
class ImportOutcome:
    """Figures and faults of one file. `bad` counts rows, `faults` holds every fault of each."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    faults: list[Fault] = field(default_factory=list)
    committed: bool = False

    @property
    def bad(self) -> int:
        return len(bad_rows(self.faults))

    def figures(self) -> dict[str, int]:
        return {
            "rows": self.rows,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "closed": self.closed,
            "bad": self.bad,
        }


def bad_rows(faults: Iterable[Fault]) -> set[tuple[str | None, int | None]]:
    return {(fault.sheet, fault.row) for fault in faults}


def covered(field: str, value: Any) -> Any:
    """A value as it may stand in a fault, a report or a list of differences: personal data under its mask."""
    return mask(PERSONAL[field], str(value)) if field in PERSONAL and value else value
