"""States of assignments, how many people a visit needs, who may replace whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.states import StateEnum
from app.matching.engine import Block, Impossible, Needs
from app.regulation import implements
from app.regulation.vocabulary import CheckMethod

LEAST_ON_SITE = 2
LEAST_CAP = 20
LONGEST_REASON = 500


class AssignmentState(StateEnum):
    PROPOSED = "proposed", "Proposed", "info"
    CONFIRMED = "confirmed", "Confirmed", "ok"
    RECUSED = "recused", "Recused", "warn"
    REPLACED = "replaced", "Replaced", "mute"


LIVING = frozenset({AssignmentState.PROPOSED.value, AssignmentState.CONFIRMED.value})


class MatchingState(StateEnum):
    DONE = "done", "Matched", "ok"
    IMPOSSIBLE = "impossible", "Cannot be done", "bad"


@implements("R-15.3", "R-25.1")
def needs_of(method: str, tags: Iterable[str]) -> Needs:
    """People whom each agency sends to each target: two on site, one of them able to lead."""
    on_site = CheckMethod(method).needs_certified_inspectors
    return Needs(tuple(sorted(set(tags))), LEAST_ON_SITE if on_site else 1, 1)


def visits_cap(targets: int, people: int, need: int) -> int:
    """Most visits of one inspector in a draw: twice the even share, at least twenty."""
    return max(LEAST_CAP, -(-2 * targets * need // max(people, 1)))


def shortage(agency: str, found: Impossible, regions: dict[str, str]) -> Decision:
    """The blocking set as a sentence: who shares whom, and how many are short."""
    return refused(blocking_code(found.blocks[0]), rule="R-25.1", **blocking_facts(agency, found, regions))


def blocking_code(block: Block) -> str:
    return "matching_short_of_leaders" if block.kind == "LEADERS" else "matching_short_of_inspectors"


def blocking_facts(agency: str, found: Impossible, regions: dict[str, str]) -> dict[str, str | int]:
    block = found.blocks[0]
    return {
        "agency": agency,
        "targets": block.count,
        "regions": "、".join(regions.get(code, code) for code, _ in block.regions[:5]),
        "people": len(block.inspectors),
        "most": block.most_cap,
        "capacity": block.capacity + block.elsewhere,
        "demand": block.demand,
        "short": found.short,
    }


@implements("R-25.2")
def may_recuse(state: str, reason: str, evidence: str) -> Decision:
    """An assigned inspector steps back with reason and evidence; who was replaced already cannot be
    replaced again.
    """
    if state not in LIVING:
        return refused("assignment_not_living", rule="R-25.2")
    if not reason.strip() or not evidence.strip():
        return refused("matching_recusal_without_reason", rule="R-25.2")
    if len(reason) + len(evidence) > LONGEST_REASON:
        return refused("too_long", most=LONGEST_REASON, found=len(reason) + len(evidence))
    return ALLOWED


def may_confirm(done: int, wanted: int) -> Decision:
    """All agencies are matched before anybody is sent."""
    return (
        ALLOWED if wanted and done == wanted else refused("matching_not_complete", done=done, wanted=wanted)
    )
