"""What this domain tells the directories below of their people: visits in hand, done ones, who was where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, exists, extract, func, select
from sqlalchemy.orm import Session, joinedload

from app.db import Unit
from app.directories.inspectors.places import OpenVisit, VisitKeeper, visit_keepers, workloads
from app.directories.recusals.making import Meeting
from app.directories.recusals.places import meetings, to_replace
from app.draws.models import Draw, DrawnTarget
from app.draws.rules import DrawState
from app.inspections.models import CheckForm, Visit
from app.inspections.rules import FormState
from app.matching.models import Assignment
from app.matching.rules import LIVING
from app.matching.services import hand_over
from app.tasks.models import Task

MOST = 100
ENTERED = [state.value for state in FormState if not state.is_open_for_entry]


def done() -> ColumnElement[bool]:
    """Whether the agency's form of an assignment's visit has a result, as a criterion over assignments."""
    return exists(
        select(CheckForm.id)
        .join(Visit, Visit.id == CheckForm.visit_id)
        .where(
            Visit.drawn_target_id == Assignment.drawn_target_id,
            CheckForm.agency_id == Assignment.agency_id,
            CheckForm.state.in_(ENTERED),
        )
        .correlate(Assignment)
    )


def open_assignments(whose: ColumnElement[bool]) -> Select[tuple[Assignment]]:
    """Assignments of these people that stand and whose form has no result yet, at most a hundred."""
    return (
        select(Assignment)
        .join(Draw, Draw.id == Assignment.draw_id)
        .where(whose, Assignment.state.in_(LIVING), Draw.state != DrawState.VOID.value, ~done())
        .options(
            joinedload(Assignment.drawn_target).joinedload(DrawnTarget.target),
            joinedload(Assignment.draw).joinedload(Draw.task),
        )
        .order_by(Assignment.id)
        .limit(MOST)
    )


def _visits(session: Session, whose: ColumnElement[bool], link: str) -> list[OpenVisit]:
    return [
        OpenVisit(
            key=str(row.id),
            label=_("Visit: %(name)s", name=row.drawn_target.target.name),
            link=link.format(task=row.task_id, assignment=row.id),
            note=row.draw.task.name,
        )
        for row in session.scalars(open_assignments(whose))
    ]


def open_visits(session: Session, inspector_id: int, agency_id: int) -> list[OpenVisit]:
    whose = and_(Assignment.inspector_id == inspector_id, Assignment.agency_id == agency_id)
    return _visits(session, whose, "/tasks/{task}")


def visits_of_pair(session: Session, inspector_id: int, target_id: int) -> list[OpenVisit]:
    """Open visits of an inspector at a target, with the way to the replacement by the drawn order."""
    drawn = DrawnTarget.__table__.c
    whose = and_(
        Assignment.inspector_id == inspector_id,
        Assignment.drawn_target_id.in_(select(drawn.id).where(drawn.target_id == target_id)),
    )
    return _visits(session, whose, "/matching/recuse/{assignment}")


def _give(unit: Unit, key: str, reason: str) -> None:
    hand_over(unit, int(key), reason)


def counts(session: Session, inspector_ids: Collection[int], year: int) -> Mapping[int, tuple[int, int]]:
    """Inspector id -> visits of tasks of that year: matched, of these done. One query."""
    if not inspector_ids:
        return {}
    query = (
        select(Assignment.inspector_id, func.count(), func.count().filter(done()))
        .join(Draw, Draw.id == Assignment.draw_id)
        .join(Task, Task.id == Assignment.task_id)
        .where(
            Assignment.inspector_id.in_(inspector_ids),
            Assignment.state.in_(LIVING),
            Draw.state != DrawState.VOID.value,
            extract("year", Task.period_from) == year,
        )
        .group_by(Assignment.inspector_id)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in session.execute(query)}


def meetings_of(session: Session, agency_id: int, first_day: date) -> Iterable[Meeting]:
    """Who of the agency was where, in visits that are done, by the day on which the visit ended."""
    day = func.coalesce(CheckForm.visit_ended_on, CheckForm.visit_started_on, Task.period_to)
    query = (
        select(Assignment.inspector_id, Visit.target_id, Visit.id, day)
        .join(Visit, Visit.drawn_target_id == Assignment.drawn_target_id)
        .join(CheckForm, and_(CheckForm.visit_id == Visit.id, CheckForm.agency_id == Assignment.agency_id))
        .join(Task, Task.id == Assignment.task_id)
        .where(
            Assignment.agency_id == agency_id,
            Assignment.state.in_(LIVING),
            CheckForm.state.in_(ENTERED),
            day >= first_day,
        )
    )
    return [Meeting(*row) for row in session.execute(query)]


_KEEPER = VisitKeeper(open_visits, _give)


def register() -> None:
    visit_keepers.add(_KEEPER)
    workloads.add(counts)
    meetings.add(meetings_of)
    to_replace.add(visits_of_pair)
