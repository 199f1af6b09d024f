"""Confirm the matching: from here on people are sent."""

from __future__ import annotations

from collections import Counter

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.draws.models import Draw
from app.draws.services.steps import lock_draw, only_initiator
from app.matching.frozen import agency_codes
from app.matching.models import Assignment
from app.matching.places import after_confirm
from app.matching.rules import AssignmentState, MatchingState, may_confirm
from app.matching.services.load import change_load
from app.matching.services.match import ALL_AGENCIES, matchings
from app.notifications.services import notify, register_template
from app.regulation import implements
from app.security.scoping import unscoped
from app.tasks.rules import TaskState
from app.tasks.services import note_matched

register_template(
    "matching.assigned",
    subject=_l("You are matched to %(count)s visits of the task %(no)s"),
    body=_l(
        "You were matched at random to %(count)s visits of the task “%(task)s” (%(no)s), "
        "%(period)s. If a conflict of "
        "interest keeps you from one of them, please declare it at once: you will be replaced for "
        "that target."
    ),
)


@implements("R-25.1")
def confirm(unit: Unit, draw_id: int) -> Draw:
    """Confirm the assignments of all agencies, tell the inspectors, count the visits in their load.

    In this form the initiator's clerk confirms for all agencies. A second call changes nothing.

    :raises Refused: while an agency is not matched, or cannot be
    """
    draw = lock_draw(unit.session, draw_id)
    only_initiator(unit, draw)
    if draw.task.state != TaskState.DRAWN:
        may_confirm(
            len(agency_codes(draw)) if _is_confirmed(unit, draw) else 0, len(agency_codes(draw))
        ).require()
        return draw
    done = sum(row.state == MatchingState.DONE for row in matchings(unit.session, draw.id))
    may_confirm(done, len(agency_codes(draw))).require()
    with unscoped(unit.session, ALL_AGENCIES):
        visits = _confirm_all(unit, draw)
        _tell_inspectors(unit, draw, visits)
        record(
            unit,
            "matching.confirmed",
            f"matching:{draw.draw_no}",
            {"draw_no": draw.draw_no, "people": len(visits), "visits": sum(visits.values())},
            agency_id=draw.task.initiator_id,
        )
        unit.session.flush()
    note_matched(unit, draw.task_id)
    for callback in after_confirm:
        callback(unit, draw)
    return draw


def _is_confirmed(unit: Unit, draw: Draw) -> bool:
    query = select(Assignment.id).where(
        Assignment.draw_id == draw.id, Assignment.state == AssignmentState.CONFIRMED
    )
    return unit.session.scalars(query.limit(1)).first() is not None


def _confirm_all(unit: Unit, draw: Draw) -> Counter[int]:
    """Inspector id -> visits of this draw."""
    proposed = select(Assignment).where(
        Assignment.draw_id == draw.id, Assignment.state == AssignmentState.PROPOSED
    )
    visits = Counter[int]()
    for assignment in unit.session.scalars(proposed):
        assignment.state = AssignmentState.CONFIRMED.value
        visits[assignment.inspector_id] += 1
    change_load(unit, visits)
    return visits


def _tell_inspectors(unit: Unit, draw: Draw, visits: Counter[int]) -> None:
    query = select(Inspector).where(Inspector.id.in_(visits)).options(joinedload(Inspector.user))
    for person in unit.session.scalars(query):
        tell_inspector(unit, draw, person, visits[person.id], f"matching.assigned:{draw.draw_no}")


def tell_inspector(unit: Unit, draw: Draw, person: Inspector, count: int, key: str) -> None:
    if person.user is None:
        return
    task = draw.task
    context = {
        "count": count,
        "no": task.no,
        "task": task.name,
        "period": f"{task.period_from:%Y-%m-%d} – {task.period_to:%Y-%m-%d}",
    }
    notify(unit, [person.user], "matching.assigned", key, context, "/matching/mine")
