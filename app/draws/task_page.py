"""What a draw adds to the page of its task: a card, the next action, the step, the events, the papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.db import Actor
from app.draws import queries
from app.draws.models import Draw
from app.draws.rules import DrawState
from app.kernel.decisions import ALLOWED, Decision, refused
from app.security.rules import RoleName
from app.tasks.models import Task
from app.tasks.places import (
    Document,
    NextAction,
    Panel,
    StepNote,
    cancel_checks,
    documents,
    event_subjects,
    next_actions,
    panels,
    step_notes,
)
from app.tasks.rules import TaskState

BEGUN = frozenset({DrawState.COMMITTING.value, DrawState.REVEALING.value, DrawState.AWAITING_BEACON.value})


def panel(session: Session, task: Task) -> Mapping[str, Any] | None:
    draws = queries.draws_of_task(session, task.id)
    if not draws:
        return None
    return {"draws": [(draw, DrawState(draw.state)) for draw in draws], "living": _living(draws)}


def next_action(session: Session, task: Task, actor: Actor) -> NextAction | None:
    """From `ready` to the draw: freeze, commit, reveal, draw."""
    if task.state != TaskState.READY:
        return None
    draw = queries.living_draw(session, task.id)
    own = actor.agency_id == task.initiator_id and RoleName.CLERK in actor.roles
    if draw is None:
        text = _(
            "To be done by a clerk of %(agency)s: list, rules and inspectors are fixed.",
            agency=task.initiator.name,
        )
        url = f"/draws/freeze/{task.id}" if own else ""
        return NextAction(_("freeze the list"), text, url, _("Freeze") if own else "", rule="R-24.1")
    mine = queries.contribution_for(draw, actor.user_id, actor.agency_id)
    url = f"/draws/{draw.draw_no}/contribute" if mine is not None else f"/draws/{draw.draw_no}/"
    label = _("My contribution") if mine is not None else _("Ceremony")
    if draw.state in {DrawState.FROZEN, DrawState.COMMITTING}:
        missing = _names(draw, "commitment")
        text = _("Still to commit: %(who)s", who=missing)
        return NextAction(_("collect the commitments"), text, url, label, draw.until, "R-24.1")
    missing = _names(draw, "value")
    if missing:
        text = _("Still to reveal: %(who)s", who=missing)
        return NextAction(_("reveal the numbers"), text, url, label, rule="R-24.1")
    text = _("To be done by a clerk of %(agency)s.", agency=task.initiator.name)
    where = f"/draws/{draw.draw_no}/draw" if own else f"/draws/{draw.draw_no}/"
    return NextAction(_("draw the targets"), text, where, _("Draw") if own else _("Ceremony"), rule="R-24.1")


def notes(session: Session, task: Task) -> Mapping[str, StepNote]:
    draws = queries.draws_of_task(session, task.id)
    draw = _living(draws)
    if draw is None:
        return {}
    lines = [draw.draw_no, _(DrawState(draw.state).label)]
    voids = len(draws) - 1
    if voids:
        lines.append(_("%(n)s void before it", n=voids))
    return {"draw": StepNote(tuple(lines))}


def subjects(session: Session, task: Task) -> list[str]:
    return [f"draw:{draw.draw_no}" for draw in queries.draws_of_task(session, task.id)]


def papers(session: Session, task: Task) -> list[Document]:
    draw = queries.living_draw(session, task.id)
    if draw is None:
        return []
    return [
        Document(_("Receipt of the frozen list"), f"/draws/{draw.draw_no}/receipt", draw.draw_no, "receipt")
    ]


def may_cancel(session: Session, task: Task) -> Decision:
    """A ceremony that has begun ends in a draw, or is declared void first."""
    draw = queries.living_draw(session, task.id)
    return refused("draw_has_begun", rule="R-24.1") if draw is not None and draw.state in BEGUN else ALLOWED


def _living(draws: list[Draw]) -> Draw | None:
    return next((draw for draw in draws if draw.state != DrawState.VOID), None)


def _names(draw: Draw, owed: str) -> str:
    rows = [row for row in draw.contributions if getattr(row, owed) is None]
    return "、".join(
        row.user.get_full_name() if row.user else (row.agency.name if row.agency else "") for row in rows
    )


_panel = Panel(_l("Draw"), "draws/panel.html", panel)


def register() -> None:
    panels.add(_panel, 20)
    next_actions.add(next_action, 20)
    step_notes.add(notes)
    event_subjects.add(subjects)
    documents.add(papers)
    cancel_checks.add(may_cancel)
