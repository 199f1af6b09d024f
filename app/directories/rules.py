"""What all directories share: masking of personal data, and the outcome of an import. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.errors import Fault
from app.regulation import implements

SHORTEST_REASON = 5


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


@implements("R-30.1")
def masked_phone(number: str) -> str:
    """`13912345678` becomes `139****5678`; of a shorter number only the last two figures stay."""
    if not number:
        return ""
    if len(number) < 8:
        return "*" * max(len(number) - 2, 1) + number[-2:]
    return f"{number[:3]}****{number[-4:]}"


@implements("R-30.1")
def masked_address(address: str) -> str:
    """The first six characters (the area); street and number are covered."""
    return f"{address[:6]}******" if address else ""


@implements("R-30.1")
def may_reveal(reason: str) -> Decision:
    """Personal data is shown to whoever asks with a reason, which the log keeps."""
    if len(reason.strip()) < SHORTEST_REASON:
        return refused("reveal_without_reason", rule="R-30.1", least=SHORTEST_REASON)
    return ALLOWED
