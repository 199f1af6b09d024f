"""States of a draw and how they move, its strata, who may do what. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.kernel.decisions import ALLOWED, Allowed, Decision, refused
from app.kernel.states import StateEnum
from app.regulation import implements
from app.regulation.vocabulary import RiskClass

CLASSES = tuple(code.value for code in RiskClass)
LONGEST_WORDS = 300


class DrawState(StateEnum):
    PREPARED = "prepared", "Prepared", "none"
    FROZEN = "frozen", "Frozen", "info"
    COMMITTING = "committing", "Commitments coming in", "info"
    REVEALING = "revealing", "Contributions being revealed", "info"
    AWAITING_BEACON = "awaiting_beacon", "Awaiting the beacon", "warn"
    DRAWN = "drawn", "Drawn", "ok"
    OPENED = "opened", "Opened", "ok"
    VOID = "void", "Void", "bad"


class Act(StrEnum):
    FREEZE = "freeze"
    COMMIT = "commit"
    CLOSE = "close"
    REVEAL = "reveal"
    DRAW = "draw"
    REPLACE = "replace"
    OPEN = "open"
    VOID = "void"


EDGES: Mapping[tuple[DrawState, Act], DrawState] = {
    (DrawState.PREPARED, Act.FREEZE): DrawState.FROZEN,
    (DrawState.FROZEN, Act.COMMIT): DrawState.COMMITTING,
    (DrawState.COMMITTING, Act.COMMIT): DrawState.COMMITTING,
    (DrawState.COMMITTING, Act.CLOSE): DrawState.REVEALING,
    (DrawState.REVEALING, Act.REVEAL): DrawState.REVEALING,
    (DrawState.REVEALING, Act.DRAW): DrawState.DRAWN,
    (DrawState.AWAITING_BEACON, Act.DRAW): DrawState.DRAWN,
    (DrawState.DRAWN, Act.REPLACE): DrawState.DRAWN,
    (DrawState.DRAWN, Act.OPEN): DrawState.OPENED,
    (DrawState.PREPARED, Act.VOID): DrawState.VOID,
    (DrawState.FROZEN, Act.VOID): DrawState.VOID,
    (DrawState.COMMITTING, Act.VOID): DrawState.VOID,
    (DrawState.REVEALING, Act.VOID): DrawState.VOID,
    (DrawState.AWAITING_BEACON, Act.VOID): DrawState.VOID,
}
"""The whole life of a draw. What is not here does not happen."""


@implements("R-24.1")
def next_state(state: str, act: Act) -> Decision:
    """The state to which an act leads (`facts["state"]`), or why it cannot be done now."""
    reached = EDGES.get((DrawState(state), act))
    if reached is not None:
        return Allowed({"state": reached})
    if act is Act.REPLACE or state in {DrawState.DRAWN, DrawState.OPENED}:
        return refused("draw_list_fixed", rule="R-24.3")
    return refused("draw_act_not_now", rule="R-24.1")


@implements("R-24.1")
def may_confirm_void(asked_by: str | None, confirmer: str) -> Decision:
    """Whoever sees contributions could stop a draw that displeases, and repeat it: two people, always. Codes
    name people, so that two memberships of one person are one.
    """
    if not asked_by:
        return refused("draw_void_not_asked", rule="R-24.1")
    return refused("draw_void_same_person", rule="R-24.1") if asked_by == confirmer else ALLOWED


def void_words(reason: str, who: str) -> Decision:
    """A void draw says why, and who was missing."""
    if not reason.strip() or not who.strip():
        return refused("draw_void_without_reason", rule="R-24.1")
    if max(len(reason), len(who)) > LONGEST_WORDS:
        return refused("too_long", most=LONGEST_WORDS, found=max(len(reason), len(who)))
    return ALLOWED


@dataclass(frozen=True)
class Stratum:
    """A stratum of the list: neutral code, the class that it stands for, rows, eligible rows, how many are
    drawn.
    """

    code: str
    risk_class: str
    rows: int
    eligible: int
    size: int = 0


@implements("R-24.2")
def neutral_strata(classes: Iterable[str]) -> dict[str, str]:
    """class -> S1, S2, ... for the classes that the list holds, in the order A, B, C, D, N.

    Each class is its own stratum; the code does not say which.
    """
    present = set(classes)
    return {code: f"S{place}" for place, code in enumerate((c for c in CLASSES if c in present), 1)}


@implements("R-24.2")
def every_class_has_a_ratio(present: Iterable[str], ratios: Iterable[str]) -> Decision:
    """No class of the list is left out of a draw by ratio."""
    missing = sorted(set(present) - set(ratios))
    return (
        refused("draw_class_without_ratio", rule="R-24.2", classes="、".join(missing)) if missing else ALLOWED
    )


@implements("R-24.1")
def may_freeze(task_state: str, has_living_draw: bool, eligible: int, outside_witnesses: int) -> Decision:
    """A ready task, no draw of it under way, a list with somebody to draw, a witness from outside the
    initiator.
    """
    if has_living_draw:
        return refused("draw_exists", rule="R-24.3")
    if task_state != "ready":
        return refused("draw_task_not_ready", rule="R-21.1")
    if not eligible:
        return refused("draw_library_empty_for_draw", rule="R-24.1")
    if not outside_witnesses:
        return refused("draw_no_outside_witness", rule="R-24.1")
    return ALLOWED


@implements("R-24.3")
def may_replace(
    state: str, reason: str, allowed: Sequence[str], evidence: str, replaced_already: bool
) -> Decision:
    """Only by the next ticket, only on a ground of the regulation, with evidence; "not found" is a result,
    no ground.
    """
    step = next_state(state, Act.REPLACE)
    if not step:
        return step
    if replaced_already:
        return refused("draw_target_replaced_already", rule="R-24.3")
    if reason not in allowed:
        return refused("draw.replacement_reason", rule="R-24.3")
    return ALLOWED if evidence.strip() else refused("draw_replacement_without_evidence", rule="R-24.3")


def may_take_bundle(
    agency_id: int | None, task_agencies: Iterable[int], is_witness: bool, is_auditor: bool
) -> Decision:
    """The full edition is for the agencies of the task, the witnesses and the auditors."""
    if is_witness or is_auditor or agency_id in set(task_agencies):
        return ALLOWED
    return refused("draw_bundle_not_yours")
