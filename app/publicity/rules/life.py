"""The life of a publication, its deadline, and the end of a result's time on the public pages (R-27.1)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from app.kernel.decisions import ALLOWED, Decision, refused
from app.kernel.states import StateEnum
from app.publicity.rules.shapes import PublicKind
from app.regulation import implements
from app.regulation.calendar import end_of_day

RESULT_MONTHS = 36
"""How long a result stays on the public pages; the article leaves the period to the office."""
LONGEST_REASON = 300


class PublicationState(StateEnum):
    DUE = "due", "Due for publication", "warn"
    QUEUED = "queued", "Queued", "info"
    DELIVERED = "delivered", "Delivered", "ok"
    FAILED = "failed", "Failed", "bad"
    WITHDRAWN = "withdrawn", "Withdrawn", "mute"


class Origin(StrEnum):
    """Where a result was made: in the portal, or in a system of a ministry (R-6.2)."""

    OWN = "own"
    NATIONAL = "national"


class PublicationAct(StrEnum):
    QUEUE = "queue"
    DELIVER = "deliver"
    FAIL = "fail"
    WITHDRAW = "withdraw"


_WAITING = (PublicationState.QUEUED, PublicationState.FAILED)
_STEPS: dict[tuple[PublicationState, PublicationAct], PublicationState] = {
    **{(state, PublicationAct.QUEUE): PublicationState.QUEUED for state in PublicationState},
    **{(state, PublicationAct.DELIVER): PublicationState.DELIVERED for state in _WAITING},
    **{(state, PublicationAct.FAIL): PublicationState.FAILED for state in _WAITING},
    (PublicationState.DELIVERED, PublicationAct.WITHDRAW): PublicationState.WITHDRAWN,
}


@implements("R-27.1")
def after(state: str, act: PublicationAct) -> PublicationState | None:
    """The state that the act leads to, None where it does not fit."""
    return _STEPS.get((PublicationState(state), act))


@implements("R-27.1")
def may_publish_result(form_state: str) -> Decision:
    """A result becomes public once it is approved; an exempted one never does."""
    if form_state in {"approved", "published"}:
        return ALLOWED
    return refused("result_not_approved", rule="R-27.1", state=str(form_state))


@implements("R-27.1")
def is_late(state: str, due_at: datetime | None, now: datetime) -> bool:
    """Not public although the period is over; `due_at` is the first moment that is too late."""
    waiting = state in {PublicationState.DUE, *_WAITING}
    return waiting and due_at is not None and now >= due_at


def may_withdraw(kind: str, state: str, reason: str) -> Decision:
    """With a reason. The record of a draw is never withdrawn: a void draw stays visible (R-24.1)."""
    if kind == PublicKind.DRAW:
        return refused("draw_stays_public", rule="R-24.1")
    if after(state, PublicationAct.WITHDRAW) is None:
        return refused("publication_not_delivered", state=str(state))
    if not reason.strip():
        return refused("withdraw_needs_reason")
    if len(reason) > LONGEST_REASON:
        return refused("too_long", most=LONGEST_REASON, found=len(reason))
    return ALLOWED


@implements("R-8.3", "R-18.1")
def by_31_march(year: int) -> datetime:
    """Until when lists and plans of a year are public: 24:00 of 31 March, Asia/Shanghai."""
    return end_of_day(date(year, 3, 31))


@implements("R-30.1")
def shown_until(published_on: date, months: int = RESULT_MONTHS) -> date:
    """The last day on which a result is shown: `months` later, or the last day of a shorter month."""
    month = published_on.month - 1 + months
    year, month = published_on.year + month // 12, month % 12 + 1
    for day in range(published_on.day, 27, -1):
        try:
            return date(year, month, day)
        except ValueError:
            continue
    return date(year, month, published_on.day)


def still_shown(until: date | None, today: date) -> bool:
    return until is None or today <= until
