"""What the pages of draws share: who acts, how the ceremony stands."""

from __future__ import annotations

from typing import Any

import segno
from flask import current_app
from flask_babel import gettext as _
from markupsafe import Markup

from app.draws.engine.steering import who_could_steer
from app.draws.models import Draw
from app.draws.queries import plan_of
from app.draws.rules import DrawState
from app.kernel.clock import SHANGHAI
from app.security.context import Person, person
from app.security.rules import RoleName

ACT = frozenset({RoleName.CLERK})
READ = frozenset(
    {RoleName.CLERK, RoleName.AGENCY_ADMIN, RoleName.REVIEWER, RoleName.OFFICE_ADMIN, RoleName.AUDITOR}
)
WITNESS = frozenset({RoleName.CLERK, RoleName.AUDITOR})
TAKE = frozenset({RoleName.CLERK, RoleName.AGENCY_ADMIN, RoleName.REVIEWER, RoleName.AUDITOR})
DRAWN = frozenset({DrawState.DRAWN.value, DrawState.OPENED.value})


def me() -> Person:
    who = person()
    assert who is not None, "behind a permission"
    return who


def is_initiator(draw: Draw) -> bool:
    actor = me().actor
    return actor.agency_id == draw.task.initiator_id and RoleName.CLERK in actor.roles


def label_of(row: Any) -> str:
    """A witness in words."""
    if row.user is not None:
        return " ".join(filter(None, [row.agency.name if row.agency else "", row.user.get_full_name()]))
    return row.agency.name if row.agency else row.witness


def public_address(draw: Draw) -> str:
    """Where everybody finds the record; the hash of the plan is part of it, so that the paper proves it."""
    base = current_app.extensions["settings"].base_url
    return f"{base}/public/draws/{draw.draw_no}#{draw.plan_hash}"


def qr_code(text: str) -> Markup:
    """An inline drawing without style attributes, made here from digits and paths only."""
    drawing = segno.make(text, error="m", micro=False)
    svg = drawing.svg_inline(light="#fff", dark="#18212f", omitsize=True, svgclass=None, lineclass=None)
    return Markup(svg)  # noqa: S704


def steering_sentences(draw: Draw) -> list[str]:
    """Who would have to conspire to steer this draw, in plain words."""
    found = who_could_steer(plan_of(draw))
    labels = {row.witness: label_of(row) for row in draw.contributions}
    names = "、".join(labels.get(code, code) for code in found.witnesses)
    sentences = {
        "operator_and_all_witnesses": _(
            "To steer this draw, %(operator)s and all witnesses would have to conspire: %(witnesses)s.",
            operator=draw.task.initiator.name,
            witnesses=names,
        ),
        "operator_and_last_witness": _(
            "To steer this draw, %(operator)s and whichever witness comes last would have to "
            "conspire: %(witnesses)s.",
            operator=draw.task.initiator.name,
            witnesses=names,
        ),
    }
    return [
        _(
            "The list, the rules, the inspectors and the recusals were fixed before any random "
            "number was given."
        ),
        sentences[found.code],
        _("Nobody can slip a number in afterwards: the log was closed before the first number was revealed."),
        _("Whoever refuses to reveal makes the draw void, for everybody to see."),
    ]


def progress_key(draw: Draw) -> str:
    """Changes whenever the ceremony has moved on."""
    committed = sum(row.commitment is not None for row in draw.contributions)
    revealed = sum(row.value is not None for row in draw.contributions)
    return f"{draw.state}-{committed}-{revealed}"


def wall_steps(draw: Draw) -> list[dict[str, str]]:
    """The five steps of the ceremony; a void draw stops where it was."""
    committed = sum(row.commitment is not None for row in draw.contributions)
    revealed = sum(row.value is not None for row in draw.contributions)
    number = len(draw.contributions)
    reached = {"frozen": 2, "committing": 2, "revealing": 3, "drawn": 4, "opened": 5}
    now = reached.get(draw.state, 0)
    at = draw.frozen_at.astimezone(SHANGHAI).strftime("%H:%M") if draw.frozen_at else ""
    drawn = draw.drawn_at.astimezone(SHANGHAI).strftime("%H:%M") if draw.drawn_at else ""
    labels = [
        (_("List frozen"), at),
        (_("Commitments collected"), f"{committed} / {number}"),
        (_("Numbers revealed"), f"{revealed} / {number}"),
        (_("Draw"), drawn),
        (_("Opened"), ""),
    ]
    steps = []
    for place, (label, note) in enumerate(labels, 1):
        state = "done" if place < now or (place == now and now >= 4) else ("now" if place == now else "")
        steps.append({"label": label, "note": note, "state": state})
    return steps
