"""States of plans and entries and how they move; the coverage that a joint plan must reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.states import StateEnum
from app.regulation import implements

REPORT_BY = (1, 31)
PUBLISH_BY = (3, 31)
LEAST_COVERAGE = 80


class PlanState(StateEnum):
    """Agency plan: draft, reported, returned, published.

    Joint plan: draft, submitted, returned, approved, published.
    """

    DRAFT = "draft", "Draft", "none"
    REPORTED = "reported", "Reported", "info"
    SUBMITTED = "submitted", "Submitted", "info"
    RETURNED = "returned", "Returned", "warn"
    APPROVED = "approved", "Approved", "info"
    PUBLISHED = "published", "Published", "ok"


class EntryState(StateEnum):
    DRAFT = "draft", "Draft", "none"
    PUBLISHED = "published", "Published", "ok"
    IN_PROGRESS = "in_progress", "In progress", "info"
    DONE = "done", "Done", "ok"


class ReopeningState(StateEnum):
    ASKED = "asked", "Asked for", "warn"
    GRANTED = "granted", "Granted", "ok"
    DENIED = "denied", "Denied", "mute"


class PlanKind(StateEnum):
    AGENCY = "agency", "Agency plan"
    JOINT = "joint", "Joint plan"


EDITABLE = frozenset({PlanState.DRAFT.value, PlanState.RETURNED.value})


@implements("R-18.1")
def deadlines(year: int) -> tuple[date, date]:
    """The last day for reporting the plan of a year, and the last day for publishing it."""
    return date(year, *REPORT_BY), date(year, *PUBLISH_BY)


def may_edit(state: str) -> Decision:
    return ALLOWED if state in EDITABLE else refused("plan_not_draft")


@implements("R-18.1")
def may_report(kind: str, state: str, entries: int) -> Decision:
    if kind != PlanKind.AGENCY:
        return refused("plan_kind")
    if state not in EDITABLE:
        return refused("plan_not_draft")
    return ALLOWED if entries else refused("plan_empty", rule="R-19.1")


@implements("R-18.1")
def may_publish_agency(kind: str, state: str) -> Decision:
    """An agency publishes its own plan once it is reported; no office approves it."""
    if kind != PlanKind.AGENCY:
        return refused("plan_kind")
    return ALLOWED if state == PlanState.REPORTED else refused("plan_not_reported", rule="R-18.1")


@implements("R-18.2")
def may_take(source_kind: str, source_state: str, same_year: bool, is_joint_entry: bool) -> Decision:
    """Into the joint plan come entries for a joint item from plans that agencies have reported for its
    year.
    """
    if source_kind != PlanKind.AGENCY or source_state not in {PlanState.REPORTED, PlanState.PUBLISHED}:
        return refused("entry_not_reported", rule="R-18.2")
    if not same_year:
        return refused("entry_of_other_year")
    return ALLOWED if is_joint_entry else refused("entry_not_joint", rule="R-2.1")


@implements("R-18.2")
def may_submit(kind: str, state: str, entries: int) -> Decision:
    if kind != PlanKind.JOINT:
        return refused("plan_kind")
    if state not in EDITABLE:
        return refused("plan_not_draft")
    return ALLOWED if entries else refused("plan_empty", rule="R-19.1")


@dataclass(frozen=True)
class Coverage:
    """Distinct joint items of the plan over the joint items that are published for its year and level."""

    covered: int
    total: int

    @property
    def percent(self) -> int:
        """Rounded down: what is not reached is not shown as reached."""
        return self.covered * 100 // self.total if self.total else 0

    @property
    def counted(self) -> int:
        """What counts in the evaluation: nothing above 80 percent, so that nobody strives for full
        coverage.
        """
        return min(self.percent, LEAST_COVERAGE)

    @property
    def is_enough(self) -> bool:
        return self.total > 0 and self.covered * 100 >= self.total * LEAST_COVERAGE

    @property
    def missing(self) -> int:
        """How many more joint items reach 80 percent."""
        return max(0, -(-self.total * LEAST_COVERAGE // 100) - self.covered)


@implements("R-18.3")
def coverage(planned: Iterable[int], published: Iterable[int]) -> Coverage:
    """Each joint item counts once; items that are not in the published list of the level do not count."""
    known = set(published)
    return Coverage(len(known & set(planned)), len(known))


FROZEN = frozenset({PlanState.APPROVED.value, PlanState.PUBLISHED.value})


@implements("R-18.2")
def may_ask_to_change(state: str, begun: int) -> Decision:
    """An approved or published plan is frozen: it is changed on request of one and with the consent of another
    person, and not under tasks that have begun (then article 20 applies).
    """
    if state not in FROZEN:
        return refused("plan_not_frozen")
    return refused("plan_has_tasks", rule="R-20.1", entries=begun) if begun else ALLOWED


def may_decide_change(state: str, asked_by: str, decider: str) -> Decision:
    """Only what is still asked, and never by the person who asked, under whatever membership."""
    if state != ReopeningState.ASKED:
        return refused("plan_change_not_asked")
    return refused("same_person") if asked_by == decider else ALLOWED


@implements("R-18.3")
def may_publish_joint(kind: str, state: str, reached: Coverage, override: str) -> Decision:
    """Approved, and at least 80 percent of the joint list, or the reason that the office above has given."""
    if kind != PlanKind.JOINT:
        return refused("plan_kind")
    if state != PlanState.APPROVED:
        return refused("plan_not_approved", rule="R-18.2")
    if reached.is_enough or override.strip():
        return ALLOWED
    return refused(
        "coverage_too_low",
        rule="R-18.3",
        covered=reached.covered,
        total=reached.total,
        percent=reached.percent,
        missing=reached.missing,
    )


@implements("R-18.3")
def may_override(reached: Coverage, reason: str, by_office_above: bool) -> Decision:
    """Only the office above lets a joint plan pass below 80 percent; its reason is published with the
    plan.
    """
    if not by_office_above:
        return refused("override_by_office_above", rule="R-18.3")
    if reached.is_enough:
        return refused("override_not_needed", rule="R-18.3")
    return ALLOWED if reason.strip() else refused("override_without_reason", rule="R-18.3")
