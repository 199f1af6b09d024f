"""Follow-up of problems: when one is needed, until when, and its two steps (R-28.1)."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from app.inspections.rules.forms import Choice
from app.inspections.rules.states import FollowUpState
from app.kernel.decisions import ALLOWED, Decision, refused
from app.regulation import implements
from app.regulation.calendar import WorkCalendar

TRANSFER_DAYS = 3
"""Calendar days to decide on a transfer: provisions on transferring suspected crimes, article 5."""
WORKING_DAYS = {"correct": 20, "hand_over": 5, "notify": 5, "other": 20}
"""Article 28 names no period for these: as long as article 27 gives, or a week to pass it on."""
USUAL_WORKING_DAYS = 20


class FollowUpAct(StrEnum):
    HANDLE = "handle"
    CLOSE = "close"


_STEPS = {
    (FollowUpState.OPEN, FollowUpAct.HANDLE): FollowUpState.HANDLED,
    (FollowUpState.HANDLED, FollowUpAct.HANDLE): FollowUpState.HANDLED,
    (FollowUpState.HANDLED, FollowUpAct.CLOSE): FollowUpState.CLOSED,
}


@implements("R-28.1")
def needs_follow_up(result: Choice, disposition: Choice | None) -> bool:
    """Whether a case is opened: the result asks for one, or the chosen disposition does."""
    return result.needs_follow_up or (disposition is not None and disposition.needs_follow_up)


@implements("R-28.1")
def follow_up_due(disposition_kind: str | None, opened_on: date, calendar: WorkCalendar) -> date:
    """The last day for the case, by what is to be done."""
    if disposition_kind == "transfer":
        return opened_on + timedelta(days=TRANSFER_DAYS)
    days = WORKING_DAYS.get(disposition_kind or "", USUAL_WORKING_DAYS)
    return calendar.add_working_days(opened_on, days).date


@implements("R-28.1")
def may_step_follow_up(state: str, act: FollowUpAct) -> Decision:
    if (FollowUpState(state), act) not in _STEPS:
        return refused("follow_up_wrong_state", rule="R-28.1", state=str(state), act=str(act))
    return ALLOWED


def may_close_follow_up(handled_by: str | None, closer: str) -> Decision:
    """Two people: whoever handled the case does not close it."""
    return refused("same_person") if handled_by == closer else ALLOWED
