"""What the matching adds to the page of its task and to the workbench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, object_session

from app.db import Actor
from app.draws.models import Draw
from app.draws.queries import living_draw
from app.kernel.clock import Clock
from app.kernel.errors import Refused
from app.matching import queries
from app.matching.frozen import agency_codes
from app.matching.models import Matching
from app.matching.rules import MatchingState
from app.notifications.due import MOST_LINES, DueLine, due_lines
from app.security.explain import explain
from app.security.models import Agency
from app.security.rules import RoleName
from app.tasks.models import Task
from app.tasks.places import NextAction, Panel, StepNote, event_subjects, next_actions, panels, step_notes
from app.tasks.rules import TaskState


def agency_names(draw: Draw) -> dict[str, str]:
    """Names of the agencies whose rosters are frozen with the draw."""
    session = object_session(draw)
    if session is None:
        return {}
    query = select(Agency.code, Agency.name).where(Agency.code.in_(agency_codes(draw)))
    return dict(session.execute(query).all())


def blocking_sentence(row: Matching) -> str:
    """Why an agency cannot be matched, and by how many it falls short."""
    facts = dict(row.blocking or {})
    kind = facts.pop("kind", "INSPECTORS")
    facts.pop("removed", None)
    code = "matching_short_of_leaders" if kind == "LEADERS" else "matching_short_of_inspectors"
    return explain(Refused(code, **facts))


def panel(session: Session, task: Task) -> Mapping[str, Any] | None:
    draw = living_draw(session, task.id)
    if draw is None or draw.seed is None:
        return None
    results = queries.matchings(session, draw.id)
    return {
        "draw": draw,
        "results": [(row, MatchingState(row.state)) for row in results],
        "counts": queries.counts(session, draw.id),
        "blocked": [blocking_sentence(row) for row in results if row.blocking],
    }


def next_action(session: Session, task: Task, actor: Actor) -> NextAction | None:
    """Between draw and confirmation: match, then confirm."""
    if task.state != TaskState.DRAWN:
        return None
    draw = living_draw(session, task.id)
    if draw is None:
        return None
    done = sum(row.state == MatchingState.DONE for row in queries.matchings(session, draw.id))
    matched = done == len(agency_codes(draw))
    title = _("confirm the matching") if matched else _("match the inspectors")
    text = _("To be done by a clerk of %(agency)s.", agency=task.initiator.name)
    own = actor.agency_id == task.initiator_id and RoleName.CLERK in actor.roles
    label = (_("Confirm") if matched else _("Match")) if own else _("Matching board")
    return NextAction(title, text, f"/matching/{draw.draw_no}/", label, rule="R-25.1")


def notes(session: Session, task: Task) -> Mapping[str, StepNote]:
    draw = living_draw(session, task.id)
    if draw is None or draw.seed is None:
        return {}
    living = sum(
        n for state, n in queries.counts(session, draw.id).items() if state in {"proposed", "confirmed"}
    )
    return {"match": StepNote((_("%(n)s assignments", n=living),))} if living else {}


def lines(session: Session, actor: Actor, clock: Clock) -> list[DueLine]:
    """Draws of the own agency whose inspectors are not matched and confirmed yet. One query."""
    if RoleName.CLERK not in actor.roles or actor.agency_id is None:
        return []
    query = (
        select(Draw)
        .join(Task, Task.id == Draw.task_id)
        .where(Task.initiator_id == actor.agency_id, Task.state == TaskState.DRAWN, Draw.seed.is_not(None))
        .options(joinedload(Draw.task))
        .order_by(Draw.id)
        .limit(MOST_LINES)
    )
    return [
        DueLine(
            title=_("Match and confirm: %(name)s", name=draw.task.name),
            detail=_("draw %(no)s", no=draw.draw_no),
            url=f"/matching/{draw.draw_no}/",
            action=_("Match"),
            rule="R-25.1",
        )
        for draw in session.scalars(query)
    ]


def subjects(session: Session, task: Task) -> list[str]:
    draw = living_draw(session, task.id)
    return [f"matching:{draw.draw_no}"] if draw is not None else []


_panel = Panel(_l("Matching"), "matching/panel.html", panel)


def register() -> None:
    panels.add(_panel, 30)
    next_actions.add(next_action, 30)
    step_notes.add(notes)
    event_subjects.add(subjects)
    due_lines.add(lines)
