"""Reads of tasks. The session's scope narrows them: own tasks, those one takes part in, an office's area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.audit.models import Event
from app.db import Actor
from app.item_lists.models import Item
from app.kernel.errors import NotFound, Refused
from app.plans.models import Plan, PlanEntry
from app.regulation.calendar import WorkCalendar
from app.security.models import Agency, Region
from app.security.queries import memberships_of, work_calendar
from app.security.rules import RoleName
from app.security.scoping import unscoped
from app.tasks.models import Participant, ResponseLink, Task, TaskItem
from app.tasks.places import event_subjects
from app.tasks.rules import LINK_STATES, OPEN_STATES, ResponseState, TaskState, is_overdue, may_release

PAGE = 30
COUNT_AT_MOST = 10_000
MOST_EVENTS = 60


def get_task(session: Session, task_id: int) -> Task:
    """With entry, plan, initiator, region, participants and items; five queries.

    :raises NotFound: when it is not there, or not within reach
    """
    query = (
        select(Task)
        .where(Task.id == task_id)
        .options(
            joinedload(Task.initiator).joinedload(Agency.line),
            joinedload(Task.region),
            joinedload(Task.entry).joinedload(PlanEntry.plan),
            selectinload(Task.participants).joinedload(Participant.agency),
            selectinload(Task.items).joinedload(TaskItem.item).joinedload(Item.item_list),
            selectinload(Task.items).joinedload(TaskItem.agency),
        )
    )
    task = session.scalars(query).one_or_none()
    if task is None:
        raise NotFound("not_in_scope", kind="task")
    return task


def by_no(session: Session, no: str) -> Task | None:
    return session.scalars(select(Task).where(Task.no == no)).one_or_none()


def active_agencies(task: Task) -> list[Agency]:
    """The agencies that carry it out: the initiator first, then the participants that accepted."""
    accepted = [p.agency for p in task.participants if p.state == ResponseState.ACCEPTED]
    return [task.initiator, *accepted]


def items_of(task: Task, agency_id: int) -> list[Item]:
    """What the agency checks in this task, by code."""
    return sorted((t.item for t in task.items if t.agency_id == agency_id), key=lambda item: item.code)


def item_counts(task: Task) -> dict[int, int]:
    """Number of items by agency; agencies that take part without one stand there with 0."""
    counts = {task.initiator_id: 0, **{p.agency_id: 0 for p in task.participants}}
    for row in task.items:
        counts[row.agency_id] = counts.get(row.agency_id, 0) + 1
    return counts


def own_part(task: Task, agency_id: int | None) -> Participant | None:
    return next((p for p in task.participants if p.agency_id == agency_id), None)


@dataclass(frozen=True)
class Filter:
    """What a list of tasks is narrowed to. `role`: initiator, participant or empty, seen from `agency_id`."""

    state: str = ""
    role: str = ""
    year: int | None = None
    text: str = ""
    agency_id: int | None = None

    def criteria(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.state == "open":
            found.append(Task.state.in_(OPEN_STATES))
        elif self.state:
            found.append(Task.state == self.state)
        if self.role == "initiator":
            found.append(Task.initiator_id == self.agency_id)
        elif self.role == "participant":
            found.append(
                Task.id.in_(select(Participant.task_id).where(Participant.agency_id == self.agency_id))
            )
        if self.year:
            entries = (
                select(PlanEntry.id).join(Plan, Plan.id == PlanEntry.plan_id).where(Plan.year == self.year)
            )
            found.append(Task.entry_id.in_(entries))
        if self.text:
            found.append(
                or_(
                    Task.no.startswith(self.text, autoescape=True),
                    Task.name.contains(self.text, autoescape=True),
                )
            )
        return found


def list_tasks(session: Session, wanted: Filter, before: int | None = None, limit: int = PAGE) -> list[Task]:
    """The newest first; at most `limit` + 1 rows, the last one says that there are more."""
    query = (
        select(Task)
        .where(*wanted.criteria())
        .options(joinedload(Task.initiator), selectinload(Task.participants).joinedload(Participant.agency))
        .order_by(Task.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(Task.id < before)
    return list(session.scalars(query))


def count_tasks(session: Session, wanted: Filter) -> int:
    """Up to `COUNT_AT_MOST` + 1; more are not counted."""
    return session.scalar(select(func.count()).select_from(tasks_counted(wanted).subquery())) or 0


def tasks_counted(wanted: Filter) -> Select[Any]:
    """What `count_tasks` counts."""
    return select(Task.id).where(*wanted.criteria()).limit(COUNT_AT_MOST + 1)


def find_tasks(session: Session, text: str, most: int) -> list[Task]:
    """By the beginning of the number or a part of the name."""
    return list_tasks(session, Filter(text=text), limit=most)[:most]


def open_task_of_entry(session: Session, entry_id: int) -> Task | None:
    """The task of the entry that still runs."""
    query = select(Task).where(Task.entry_id == entry_id, Task.state.in_(OPEN_STATES)).order_by(Task.id)
    return session.scalars(query.limit(1)).first()


def _is_late(now: datetime) -> ColumnElement[bool]:
    """Answered too late, released for silence, or still silent after the deadline."""
    silent = and_(
        Participant.state == ResponseState.PENDING, Participant.due_at <= now, Task.state == TaskState.PUSHED
    )
    return or_(Participant.late, silent)


def _overdue(region_path: str | None, now: datetime, open_only: bool) -> Select[tuple[Participant]]:
    query = select(Participant).join(Task, Task.id == Participant.task_id).where(_is_late(now))
    if open_only:
        query = query.where(Participant.state == ResponseState.PENDING)
    if region_path is not None:
        below = or_(Region.path == region_path, Region.path.startswith(region_path + "/"))
        query = query.join(Region, Region.id == Task.region_id).where(below)
    return query


def overdue_responses(
    session: Session,
    region_path: str | None = None,
    *,
    now: datetime,
    open_only: bool = False,
    after: tuple[datetime, int] | None = None,
    limit: int = PAGE,
) -> list[Participant]:
    """Overdue answers of all levels within reach (R-23.2), the longest overdue first; at most `limit` + 1.

    :param region_path: only tasks of this region and below it
    :param open_only: only those that nobody has given yet
    :param after: `(due_at, id)` of the last row seen
    """
    query = _overdue(region_path, now, open_only).options(
        joinedload(Participant.task).joinedload(Task.initiator),
        joinedload(Participant.task).joinedload(Task.region),
        joinedload(Participant.agency),
    )
    if after is not None:
        due_at, last_id = after
        query = query.where(
            or_(Participant.due_at > due_at, and_(Participant.due_at == due_at, Participant.id > last_id))
        )
    return list(session.scalars(query.order_by(Participant.due_at, Participant.id).limit(limit + 1)))


def count_overdue(session: Session, now: datetime, open_only: bool = True) -> int:
    return session.scalar(select(func.count()).select_from(overdue_counted(now, open_only).subquery())) or 0


def overdue_counted(now: datetime, open_only: bool = True) -> Select[Any]:
    """What `count_overdue` counts."""
    return _overdue(None, now, open_only).with_only_columns(Participant.id).limit(COUNT_AT_MOST + 1)


def responses_to_give(session: Session, agency_id: int, limit: int) -> list[Participant]:
    """What the agency was asked and has not answered, the nearest deadline first."""
    query = (
        select(Participant)
        .join(Task, Task.id == Participant.task_id)
        .where(
            Participant.agency_id == agency_id,
            Participant.state == ResponseState.PENDING,
            Task.state == TaskState.PUSHED,
        )
        .options(joinedload(Participant.task).joinedload(Task.initiator))
        .order_by(Participant.due_at, Participant.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def drafts(session: Session, agency_id: int, limit: int) -> list[Task]:
    query = select(Task).where(Task.initiator_id == agency_id, Task.state == TaskState.DRAFT)
    return list(session.scalars(query.order_by(Task.id.desc()).limit(limit)))


def to_release(session: Session, agency_id: int, now: datetime, limit: int) -> list[Participant]:
    """Participants of the agency's pushed tasks that it may release now."""
    query = (
        select(Participant)
        .join(Task, Task.id == Participant.task_id)
        .where(
            Task.initiator_id == agency_id,
            Task.state == TaskState.PUSHED,
            or_(
                Participant.state == ResponseState.DECLINED,
                and_(Participant.state == ResponseState.PENDING, Participant.due_at <= now),
            ),
        )
        .options(joinedload(Participant.task), joinedload(Participant.agency))
        .order_by(Participant.due_at, Participant.id)
        .limit(limit)
    )
    found = list(session.scalars(query))
    calendar = work_calendar(session) if found else WorkCalendar(frozenset(), frozenset(), frozenset())
    return [p for p in found if may_release(p.state, p.due_at, now, calendar)]


def late_participants(task: Task, now: datetime) -> list[Participant]:
    """Whose answer came late, or is overdue."""
    return [p for p in task.participants if p.late or is_overdue(p.state, p.due_at, now)]


def digest_of(token: str) -> bytes:
    return sha256(token.encode()).digest()


def response_link(session: Session, actor: Actor, token: str) -> ResponseLink:
    """The link behind a token, for the one person it was sent to.

    :raises NotFound: for a token that was never sent
    :raises Refused: when it is another person's, another membership's, used, of an earlier push, or the task
        has been drawn
    """
    with unscoped(session, "a mail link, checked against the person below"):
        query = (
            select(ResponseLink)
            .where(ResponseLink.digest == digest_of(token))
            .options(
                joinedload(ResponseLink.participant).joinedload(Participant.task),
                joinedload(ResponseLink.participant).joinedload(Participant.agency),
            )
        )
        link = session.scalars(query).one_or_none()
    if link is None:
        raise NotFound("link_unknown")
    if link.user_id != actor.user_id:
        raise Refused("link_other_person")
    task = link.participant.task
    if link.participant.agency_id != actor.agency_id:
        hats = {hat.agency_id for hat in memberships_of(session, link.user_id)}
        if link.participant.agency_id not in hats:
            raise Refused("link_left_agency", agency=link.participant.agency.name)
        raise Refused("link_other_membership", agency=link.participant.agency.name)
    if RoleName.CLERK not in actor.roles:
        raise Refused("link_needs_clerk", agency=link.participant.agency.name)
    if task.state not in LINK_STATES:
        raise Refused("link_expired", no=task.no)
    if link.used_at is not None:
        raise Refused("link_used", no=task.no)
    if task.pushed_at is not None and link.created_at < task.pushed_at:
        raise Refused("link_replaced", no=task.no)
    return link


def events_of(session: Session, task: Task, limit: int = MOST_EVENTS) -> list[Event]:
    """What happened to a task that the person may see, by whomever, the newest first."""
    subjects = [f"task:{task.id}", *(s for name in event_subjects for s in name(session, task))]
    query = select(Event).where(Event.subject.in_(subjects)).order_by(Event.id.desc()).limit(limit)
    with unscoped(session, "events of a task within reach"):
        return list(session.scalars(query))


MILESTONES = (
    "task.created",
    "task.pushed",
    "task.drawn",
    "task.matched",
    "task.checking",
    "task.closed",
    "task.archived",
)


def milestones_of(session: Session, task: Task) -> dict[str, Event]:
    """The last event of each step of the life line."""
    query = (
        select(Event)
        .where(Event.subject == f"task:{task.id}", Event.tag.in_(MILESTONES))
        .order_by(Event.id.desc())
        .limit(MOST_EVENTS)
    )
    with unscoped(session, "events of a task within reach"):
        found = list(session.scalars(query))
    return {event.tag: event for event in reversed(found)}
