"""Rules of what lies outside random selection. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.errors import Fault
from app.kernel.states import StateEnum
from app.regulation import implements

LONGEST_BASIS = 600
LONGEST_MATTER = 200
LONGEST_REASON = 300
LONGEST_YEARS = 5


class MarkState(StateEnum):
    """A mark holds only while it is approved and its period runs."""

    ASKED = "asked", "Waiting for approval", "info"
    APPROVED = "approved", "Outside random selection", "warn"
    RETURNED = "returned", "Not approved", "mute"
    ENDED = "ended", "Ended", "mute"


@implements("R-3.3")
def faults_of(matter: str, basis: str, valid_from: date | None, valid_until: date | None) -> list[Fault]:
    """Everything that a mark lacks: the matter it is listed under, the law's text, a period of bounded length."""
    texts: Iterable[tuple[str, str, int]] = (
        ("matter", matter, LONGEST_MATTER),
        ("basis", basis, LONGEST_BASIS),
    )
    faults: list[Fault] = []
    for name, text, most in texts:
        if not text.strip():
            faults.append(Fault(name, f"outside_{name}_missing", value=""))
        elif len(text.strip()) > most:
            faults.append(Fault(name, "too_long", value=text, most=most, found=len(text.strip())))
    for name, day in (("valid_from", valid_from), ("valid_until", valid_until)):
        if day is None:
            faults.append(Fault(name, "outside_day_missing", value=""))
    if valid_from is not None and valid_until is not None:
        if valid_until < valid_from:
            faults.append(Fault("valid_until", "outside_period_backwards", value=valid_until.isoformat()))
        elif valid_until.year - valid_from.year > LONGEST_YEARS:
            faults.append(
                Fault("valid_until", "outside_period_long", value=valid_until.isoformat(), most=LONGEST_YEARS)
            )
    return faults


def may_decide(state: str, until: date, day: date) -> Decision:
    """Only what waits can be approved, and only while there is something left of its period."""
    if state != MarkState.ASKED:
        return refused("outside_not_waiting")
    if until < day:
        return refused("outside_period_over")
    return ALLOWED


def may_end(state: str) -> Decision:
    return ALLOWED if state == MarkState.APPROVED else refused("outside_not_standing")


def holds(state: str, valid_from: date, valid_until: date, day: date) -> bool:
    """Whether a mark keeps its target out of frames, or its item out of draws, on a day."""
    return state == MarkState.APPROVED and valid_from <= day <= valid_until


class Standing(StateEnum):
    """How a mark stands on a day."""

    ASKED = "asked", "Waiting for approval", "info"
    NOT_BEGUN = "not_begun", "Approved, not begun", "info"
    HOLDS = "holds", "Outside random selection", "warn"
    OVER = "over", "Period over", "mute"
    RETURNED = "returned", "Not approved", "mute"
    ENDED = "ended", "Ended", "mute"


def standing_of(state: str, valid_from: date, valid_until: date, day: date) -> Standing:
    """An approved mark may not have begun, or its period be over."""
    if state != MarkState.APPROVED:
        return Standing(state)
    if day < valid_from:
        return Standing.NOT_BEGUN
    return Standing.HOLDS if day <= valid_until else Standing.OVER


def share(outside: int, whole: int) -> float | None:
    """Share of the directory outside random selection in percent; None where the directory is empty."""
    return round(100 * outside / whole, 2) if whole else None
