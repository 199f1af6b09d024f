"""Tasks and results of national systems: their states, what stands against a row, and who may decide. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from app.inspections.rules import Choice
from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.errors import Fault
from app.kernel.states import StateEnum
from app.regulation import implements

NUMBER = "NR-"
LONGEST_REASON = 300


class Subject(StrEnum):
    """What a row is about."""

    TASK = "task"
    RESULT = "result"


class ResultState(StateEnum):
    RECEIVED = "received", "Waits for review", "warn"
    RETURNED = "returned", "Sent back", "bad"
    APPROVED = "approved", "Approved", "info"
    PUBLISHED = "published", "Published", "ok"

    @property
    def is_settled(self) -> bool:
        """What a reviewer has approved is not changed by a system alone."""
        return self in {ResultState.APPROVED, ResultState.PUBLISHED}

    @property
    def counts(self) -> bool:
        """Whether it is a visit of the target: what was sent back is not, until the system says it anew."""
        return self is not ResultState.RETURNED


class Against(StateEnum):
    """Why a row is not taken over without a person."""

    SETTLED = "settled", "Approved or published already", "warn"
    OTHER_SOURCE = "other_source", "Another system reports this inspection", "warn"
    OWN_RESULT = "own_result", "The portal has a check form of this inspection", "warn"


class ConflictState(StateEnum):
    OPEN = "open", "To be decided", "warn"
    TAKEN = "taken", "Taken over", "ok"
    KEPT = "kept", "Kept as it was", "mute"
    ADDED = "added", "Added beside it", "ok"
    SUPERSEDED = "superseded", "The system says something else by now", "mute"


class Choose(StrEnum):
    """`TAKE`: what the system says replaces what stands; `ADD`: both stand, they are two inspections."""

    TAKE = "take"
    KEEP = "keep"
    ADD = "add"


OUTCOME: Mapping[Choose, ConflictState] = {
    Choose.TAKE: ConflictState.TAKEN,
    Choose.KEEP: ConflictState.KEPT,
    Choose.ADD: ConflictState.ADDED,
}
CHOICES: Mapping[Against, tuple[Choose, ...]] = {
    Against.SETTLED: (Choose.TAKE, Choose.KEEP),
    Against.OTHER_SOURCE: (Choose.TAKE, Choose.KEEP, Choose.ADD),
    Against.OWN_RESULT: (Choose.KEEP, Choose.ADD),
}


def choices_of(against: str, known: bool) -> tuple[Choose, ...]:
    """What a person may decide. A form of the portal is never replaced by what a system says.

    :param known: the system's own row stands beside what is against it
    """
    found = CHOICES[Against(against)]
    return tuple(c for c in found if c is not Choose.TAKE) if known and Choose.ADD in found else found


@implements("R-6.2")
def may_choose(against: str, choice: Choose, known: bool) -> Decision:
    return ALLOWED if choice in choices_of(against, known) else refused("national_choice", rule="R-6.2")


@implements("R-6.2")
def stands_against(
    *, known: bool, settled: bool, elsewhere: bool, own_form: bool, differs: bool
) -> Against | None:
    """What keeps a row from being written by itself.

    :param known: the system has said this row before
    :param settled: a reviewer has approved what it said, or the results of the task
    :param elsewhere: another system reports an inspection of this target on this day
    :param own_form: a check form of the agency does
    :param differs: it says something else than before
    """
    if known and not differs:
        return None
    if known and settled:
        return Against.SETTLED
    if own_form:
        return Against.OWN_RESULT
    return Against.OTHER_SOURCE if elsewhere else None


def may_review(state: str) -> Decision:
    if state == ResultState.RECEIVED:
        return ALLOWED
    return refused("national_wrong_state", rule="R-27.1", state=str(state))


def number_of(result_id: int) -> str:
    """The public number of a result."""
    return f"{NUMBER}{result_id:08d}"


@implements("R-6.2")
def task_faults(values: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with a task as a whole; days are ISO 8601 or None."""
    faults = [
        Fault(name, "required", value="")
        for name in ("name", "items", "random")
        if values.get(name) in (None, "", [])
    ]
    first, last, drawn = (values.get(name) for name in ("period_from", "period_to", "drawn_on"))
    if first and last and last < first:
        faults.append(Fault("period_to", "national_period_order", value=last, first=first))
    if drawn and values.get("random") is False:
        faults.append(Fault("drawn_on", "national_drawn_not_random", value=drawn))
    if drawn and last and drawn > last:
        faults.append(Fault("drawn_on", "national_drawn_late", value=drawn, last=last))
    return faults


@implements("R-6.2")
def result_faults(
    values: Mapping[str, Any], result: Choice | None, disposition: Choice | None, today: date
) -> list[Fault]:
    """What is wrong with a result as a whole, as with a check form of the portal (R-26.1)."""
    faults = []
    for name, column in (("task", "task_id"), ("target", "target_id"), ("result", "result_id")):
        if not values.get(column):
            faults.append(Fault(name, "required", value=""))
    checked, corrected, day = values.get("checked_on"), values.get("corrected_on"), today.isoformat()
    if not checked:
        faults.append(Fault("checked_on", "required", value=""))
    for name, given in (("checked_on", checked), ("corrected_on", corrected)):
        if given and given > day:
            faults.append(Fault(name, "day_in_future", value=given, today=day))
    if checked and corrected and corrected < checked:
        faults.append(Fault("corrected_on", "national_corrected_early", value=corrected, first=checked))
    if result is not None and result.is_problem and not values.get("problem_text"):
        faults.append(Fault("problem_text", "problem_needs_text", value=""))
    if disposition is not None and disposition.needs_text and not values.get("disposition_text"):
        faults.append(Fault("disposition_text", "disposition_needs_text", value=""))
    return faults
