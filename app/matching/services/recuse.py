"""After the draw: an inspector with a conflict of interest is replaced for that target by the next in the
order.
"""

from __future__ import annotations

from collections import Counter

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.audit.services import record
from app.db import Unit
from app.draws.models import Draw
from app.draws.services.steps import lock_draw
from app.kernel.errors import NotFound, Refused
from app.matching import engine
from app.matching.frozen import Frozen, read_frozen, target_of
from app.matching.models import Assignment
from app.matching.places import after_change
from app.matching.rules import LIVING, AssignmentState, may_recuse
from app.matching.services.confirm import tell_inspector
from app.matching.services.load import change_load
from app.matching.services.match import inspectors_by_number
from app.regulation import implements
from app.security.roles.queries import agencies_administered
from app.security.rules import RoleName, may_act

CLERKS = frozenset({RoleName.CLERK})


@implements("R-25.2")
def recuse(unit: Unit, assignment_id: int, reason: str, evidence: str) -> Assignment:
    """Replace an assigned inspector for one target; gives the replacement. Who is replaced stays visible.

    By the inspector, or by a clerk of the inspector's agency.

    :raises Refused: without reason and evidence, or when the frozen roster has nobody left for this target
    """
    session = unit.session
    old = session.get(Assignment, assignment_id)
    if old is None:
        raise NotFound("not_in_scope", kind="assignment")
    draw = lock_draw(session, old.draw_id)
    session.expire(old)
    if old.inspector is None or old.inspector.user_id != unit.actor.user_id:
        may_act(unit.actor.roles, unit.actor.agency_id, CLERKS, old.agency_id).require()
    return _replace(unit, draw, old, reason, evidence)


def hand_over(unit: Unit, assignment_id: int, reason: str) -> Assignment:
    """Replace an inspector who leaves the agency: as a recusal, by the next in the order, whom nobody chooses.

    By whoever administers the people of the inspector's agency.

    :raises NotFound: not there, or an agency outside the actor's area
    :raises Refused: as `recuse`
    """
    session = unit.session
    old = session.get(Assignment, assignment_id)
    if old is None:
        raise NotFound("not_in_scope", kind="assignment")
    administered = agencies_administered(session, unit.actor)
    if old.agency_id not in session.execute(administered).scalars().all():
        raise NotFound("not_in_scope", kind="assignment")
    draw = lock_draw(session, old.draw_id)
    session.expire(old)
    return _replace(unit, draw, old, reason, str(_l("has left the agency")))


def _replace(unit: Unit, draw: Draw, old: Assignment, reason: str, evidence: str) -> Assignment:
    session = unit.session
    may_recuse(old.state, reason, evidence).require()
    frozen = read_frozen(session, draw, old.agency.code)
    found = _next(unit, draw, frozen, old)
    was = old.state
    old.state, old.reason = AssignmentState.REPLACED.value, f"{reason.strip()} ({evidence.strip()})"
    session.flush()
    new = _put_in(unit, draw, old, found, was)
    old.replaced_by_id = new.id
    data = {"draw_no": draw.draw_no, "agency": old.agency.code, "out": old.id, "in": new.id}
    record(unit, "matching.replaced", f"assignment:{old.id}", data, agency_id=old.agency_id)
    session.flush()
    if was == AssignmentState.CONFIRMED:
        change_load(unit, Counter({new.inspector_id: 1}), Counter({old.inspector_id: 1}))
        tell_inspector(unit, draw, new.inspector, 1, f"matching.replaced:{old.id}")
        for callback in after_change:
            callback(unit, old, new)
    return new


def _next(unit: Unit, draw: Draw, frozen: Frozen, old: Assignment) -> engine.Replaced:
    if frozen.tickets is None:
        raise Refused("matching_not_drawn", rule="R-25.1")
    session = unit.session
    team = _rows(unit, old, living=True)
    out = {a.inspector.certificate_no for a in _rows(unit, old, living=False)}
    counted = select(Assignment.inspector_id, func.count()).where(
        Assignment.draw_id == draw.id, Assignment.agency_id == old.agency_id, Assignment.state.in_(LIVING)
    )
    by_id = dict(session.execute(counted.group_by(Assignment.inspector_id)).all())
    people = inspectors_by_number(session, [row.id for row in frozen.roster])
    visits = {number: by_id.get(person.id, 0) for number, person in people.items()}
    away = {row.id for row in frozen.roster if row.id not in people or not people[row.id].active}
    target = target_of(old.drawn_target)
    found = engine.replace_inspector(
        target,
        old.inspector.certificate_no,
        [engine.Assigned(target.id, a.inspector.certificate_no, a.role) for a in team],
        frozen.roster,
        frozen.recusals,
        frozen.needs,
        frozen.tickets,
        visits=visits,
        out=out | away,
    )
    if isinstance(found, engine.NobodyLeft):
        why = "、".join(f"{name} {number}" for name, number in sorted(found.removed.items()))
        raise Refused("matching_nobody_left", rule="R-25.2", why=why)
    return found


def _rows(unit: Unit, old: Assignment, *, living: bool) -> list[Assignment]:
    """The agency's rows for the same target that stand, or that no longer do."""
    states = Assignment.state.in_(LIVING)
    query = select(Assignment).where(
        Assignment.drawn_target_id == old.drawn_target_id,
        Assignment.agency_id == old.agency_id,
        states if living else ~states,
    )
    return list(unit.session.scalars(query))


def _put_in(unit: Unit, draw: Draw, old: Assignment, found: engine.Replaced, state: str) -> Assignment:
    """The new row, and the roles of the whole team worked out anew."""
    roles = {row.inspector_id: row.role for row in found.rows}
    for row in _rows(unit, old, living=True):
        row.role = roles[row.inspector.certificate_no]
    person = inspectors_by_number(unit.session, [found.in_id])[found.in_id]
    new = Assignment(
        draw=draw,
        draw_id=draw.id,
        task_id=draw.task_id,
        drawn_target_id=old.drawn_target_id,
        agency_id=old.agency_id,
        inspector_id=person.id,
        inspector=person,
        role=roles[found.in_id],
        state=state,
    )
    unit.session.add(new)
    unit.session.flush()
    return new
