"""States of tasks and responses, and what may happen to them (articles 2, 21 to 23). Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.kernel.decisions import ALLOWED, Allowed, Decision, first_refusal, refused
from app.kernel.errors import Fault
from app.kernel.states import StateEnum
from app.regulation import implements
from app.regulation.calendar import Deadline, WorkCalendar, local_day
from app.regulation.vocabulary import CheckMethod

RESPONSE_DAYS = 2
"""Working days for the answer to a push (article 23)."""
SILENCE_DAYS = 2
"""Further working days after which silence may be released."""
REMINDER_AHEAD = timedelta(hours=15)
"""The one reminder leaves at 9:00 of the last day: early enough to be of use."""
LEAST_AGENCIES = 2
LEAST_ITEMS = 2
LONGEST_CONTENT = 4000
LONGEST_REASON = 500


class TaskState(StateEnum):
    DRAFT = "draft", "Draft", "none"
    PUSHED = "pushed", "Pushed", "info"
    READY = "ready", "Ready to draw", "info"
    DRAWN = "drawn", "Targets drawn", "info"
    MATCHED = "matched", "Inspectors matched", "info"
    CHECKING = "checking", "Checking", "info"
    CLOSED = "closed", "Closed", "ok"
    ARCHIVED = "archived", "Archived", "ok"
    CANCELLED = "cancelled", "Cancelled", "mute"


class ResponseState(StateEnum):
    PENDING = "pending", "Awaiting response", "warn"
    ACCEPTED = "accepted", "Accepted", "ok"
    DECLINED = "declined", "Declined", "bad"
    RELEASED = "released", "Released", "mute"


OPEN_STATES = frozenset(set(TaskState) - {TaskState.CLOSED, TaskState.ARCHIVED, TaskState.CANCELLED})
"""Still to be carried out."""
LINK_STATES = frozenset({TaskState.PUSHED, TaskState.READY})
"""In these a mail link leads somewhere; the draw ends it."""


class Mover(StateEnum):
    """Who moves a task on."""

    INITIATOR = "initiator", "Clerk of the initiating agency"
    ANSWERS = "answers", "The answers of the participants"
    DRAW = "draw", "The draw"
    MATCHING = "matching", "The matching"
    CHECKS = "checks", "The checks"
    ARCHIVE = "archive", "The archive"


@dataclass(frozen=True, slots=True)
class Transition:
    """`verb` takes a task from one of `start` to `end`; only `by` may do it."""

    verb: str
    start: frozenset[TaskState]
    end: TaskState
    by: Mover


def _edge(verb: str, start: TaskState | tuple[TaskState, ...], end: TaskState, by: Mover) -> Transition:
    return Transition(verb, frozenset(start if isinstance(start, tuple) else (start,)), end, by)


TRANSITIONS: Mapping[str, Transition] = {
    edge.verb: edge
    for edge in (
        _edge("push", TaskState.DRAFT, TaskState.PUSHED, Mover.INITIATOR),
        _edge("make_ready", TaskState.PUSHED, TaskState.READY, Mover.ANSWERS),
        _edge("fall_back", TaskState.PUSHED, TaskState.DRAFT, Mover.ANSWERS),
        _edge("draw", TaskState.READY, TaskState.DRAWN, Mover.DRAW),
        _edge("void_draw", (TaskState.DRAWN, TaskState.MATCHED), TaskState.READY, Mover.DRAW),
        _edge("match", TaskState.DRAWN, TaskState.MATCHED, Mover.MATCHING),
        _edge("check", TaskState.MATCHED, TaskState.CHECKING, Mover.CHECKS),
        _edge("close", TaskState.CHECKING, TaskState.CLOSED, Mover.ARCHIVE),
        _edge("archive", TaskState.CLOSED, TaskState.ARCHIVED, Mover.ARCHIVE),
        _edge(
            "cancel",
            (TaskState.DRAFT, TaskState.PUSHED, TaskState.READY),
            TaskState.CANCELLED,
            Mover.INITIATOR,
        ),
    )
}
"""All of them. What was drawn is checked (articles 24 and 26): after the draw nothing is cancelled."""


@implements("R-21.1", "R-6.1")
def may_move(state: str, verb: str) -> Decision:
    """Whether `verb` may follow in `state`: no step is skipped, none is repeated."""
    edge = TRANSITIONS[verb]
    if state in edge.start:
        return ALLOWED
    return refused("task_wrong_state", rule="R-21.1", state=state, verb=verb)


@implements("R-2.1")
def is_joint(initiator_id: int, items: Mapping[int, int]) -> Decision:
    """Two or more agencies, the initiator among them, each with an item of its own.

    :param items: number of items by agency id
    """
    if initiator_id not in items:
        return refused("task_initiator_without_item", rule="R-2.1")
    if any(n < 1 for n in items.values()):
        return refused("task_agency_without_item", rule="R-2.1")
    if len(items) < LEAST_AGENCIES or sum(items.values()) < LEAST_ITEMS:
        return refused("task_too_few_agencies", rule="R-2.1", least=LEAST_AGENCIES)
    return ALLOWED


@implements("N-1")
def are_published(items: Iterable[tuple[str, bool]], year: int) -> Decision:
    """Every item of a scheme stands in a list that is published for the year: `(name, published)`."""
    missing = [name for name, published in items if not published]
    if missing:
        return refused("task_items_not_published", rule="N-1", items="、".join(missing), year=year)
    return ALLOWED


@dataclass(frozen=True, slots=True)
class Scheme:
    """检查方案. Both days belong to the period. `announced`: the notice is sent ahead, and why (N-4)."""

    content: str
    period_from: date | None
    period_to: date | None
    method: str = CheckMethod.ON_SITE.value
    announced: bool = False
    announced_reason: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """The months that the plan gives, first and last day, and today."""

    first: date
    last: date
    today: date


def plan_window(year: int, month_from: int, month_to: int, today: date) -> Window:
    """The months of an entry as days."""
    return Window(date(year, month_from, 1), date(year, month_to, monthrange(year, month_to)[1]), today)


@implements("R-22.1")
def scheme_faults(scheme: Scheme, window: Window) -> list[Fault]:
    """Content, time and method of a scheme: everything that is missing or wrong."""
    faults = text_faults("content", scheme.content, LONGEST_CONTENT)
    start, end = scheme.period_from, scheme.period_to
    faults += [
        Fault(name, "required") for name in ("period_from", "period_to") if getattr(scheme, name) is None
    ]
    if start and end:
        if end < start:
            faults.append(Fault("period_to", "period_backwards", value=end.isoformat()))
        elif start < window.first or end > window.last:
            first, last = window.first.isoformat(), window.last.isoformat()
            faults.append(Fault("period_from", "period_outside_plan", first=first, last=last))
        elif end < window.today:
            faults.append(Fault("period_to", "period_over", value=end.isoformat()))
    if scheme.method not in set(CheckMethod):
        faults.append(Fault("method", "not_a_choice", value=scheme.method))
    if scheme.announced:
        faults += text_faults("announced_reason", scheme.announced_reason, LONGEST_REASON)
    return faults


def text_faults(field: str, text: str, most: int = LONGEST_REASON) -> list[Fault]:
    """A text that is asked for, and not endless."""
    if not text.strip():
        return [Fault(field, "required")]
    if len(text) > most:
        return [Fault(field, "too_long", most=most, found=len(text))]
    return []


@implements("R-23.1")
def response_deadline(pushed_at: datetime, calendar: WorkCalendar) -> Deadline:
    """24:00 Asia/Shanghai of the second working day; the day of the push does not count."""
    return calendar.deadline(pushed_at, RESPONSE_DAYS)


@implements("R-23.1", "R-23.2")
def is_overdue(state: str, due_at: datetime | None, now: datetime) -> bool:
    """Nobody has answered, and the time is over. `due_at` is the first moment that is too late."""
    return state == ResponseState.PENDING and due_at is not None and now >= due_at


@implements("R-23.1")
def may_respond(task_state: str, state: str, chosen: Iterable[int], offered: Iterable[int]) -> Decision:
    """Accept with at least one of the own items: `chosen` out of `offered` ids."""
    picked = set(chosen)
    answered = may_answer(task_state, state)
    if not answered:
        return answered
    if not picked:
        return refused("response_without_item", rule="R-23.1")
    return ALLOWED if picked <= set(offered) else refused("response_foreign_item", rule="R-23.1")


def may_answer(task_state: str, state: str) -> Decision:
    """An answer is given once, while the task waits for it; too late is still an answer."""
    if state == ResponseState.RELEASED:
        return refused("response_released")
    if state != ResponseState.PENDING:
        return refused("response_given")
    return ALLOWED if task_state == TaskState.PUSHED else refused("response_not_asked")


@implements("R-23.2")
def may_state_reason(state: str, late: bool, due_at: datetime | None, now: datetime) -> Decision:
    """A reason belongs to an answer that is overdue or came late."""
    return (
        ALLOWED if late or is_overdue(state, due_at, now) else refused("response_not_overdue", rule="R-23.2")
    )


def reminder_at(due_at: datetime) -> datetime:
    """When the one reminder is due, should there be no answer by then."""
    return due_at - REMINDER_AHEAD


def silent_until(due_at: datetime, calendar: WorkCalendar) -> Deadline:
    """Until when silence is waited for: further working days after the last day for the answer."""
    return calendar.deadline(due_at - timedelta(seconds=1), SILENCE_DAYS)


@implements("R-23.1")
def may_release(state: str, due_at: datetime | None, now: datetime, calendar: WorkCalendar) -> Decision:
    """After declining at once; after silence when two more working days have gone by."""
    if state == ResponseState.DECLINED:
        return ALLOWED
    if state != ResponseState.PENDING or due_at is None:
        return refused("release_not_open")
    until = silent_until(due_at, calendar)
    if now >= until.due_at:
        return Allowed({"silent": True})
    return refused("release_too_early", rule="R-23.1", last_day=until.last_day.isoformat())


def working_days_left(due_at: datetime, now: datetime, calendar: WorkCalendar) -> int:
    """What a page shows beside a deadline: 0 on its last day, negative when it is over."""
    last_day = local_day(due_at - timedelta(seconds=1))
    left = calendar.working_days_between(local_day(now), last_day)
    return min(left, -1) if now >= due_at else left


def outcome(states: Iterable[str]) -> str | None:
    """What the answers make of a pushed task: `make_ready`, `fall_back` (one agency left) or nothing yet."""
    known = list(states)
    waiting = {ResponseState.PENDING, ResponseState.DECLINED}
    if any(state in waiting for state in known):
        return None
    accepted = known.count(ResponseState.ACCEPTED)
    return "make_ready" if accepted + 1 >= LEAST_AGENCIES else "fall_back"


def may_push(state: str, initiator_id: int, items: Mapping[int, int], faults: Iterable[Fault]) -> Decision:
    """The step is open, the task is a joint one, the scheme is whole."""
    return first_refusal(
        may_move(state, "push"),
        is_joint(initiator_id, items),
        refused("scheme_incomplete", rule="R-22.1") if list(faults) else ALLOWED,
    )


@implements("R-21.1")
def task_number(region_code: str, year: int, number: int) -> str:
    """`6401-2026-0001`: four digits of a region or city, six of a county, so that no two share a number."""
    prefix = region_code[:4] if region_code.endswith("00") else region_code
    return f"{prefix}-{year}-{number:04d}"
