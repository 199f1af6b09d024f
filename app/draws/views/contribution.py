"""The page of a witness: commit, then reveal; it shows what is next."""

from __future__ import annotations

from typing import ClassVar

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import db
from app.draws import queries, services
from app.draws.models import Contribution, Draw
from app.draws.rules import DrawState
from app.draws.views.shared import WITNESS, label_of, me
from app.kernel.errors import NotFound
from app.security.access import guarded
from app.security.acts import perform
from app.security.views import Grants, PortalView

Answer = Response | str | tuple[str, int]


class ContributionPages(PortalView):
    route_base = "/draws"
    class_permission_name = "Draws"
    grants: ClassVar[Grants] = {"can_contribute": WITNESS}

    @expose("/<draw_no>/contribute", methods=["GET", "POST"])
    @guarded("contribute")
    def contribute(self, draw_no: str) -> Answer:
        draw = queries.by_no(db.session(), draw_no)
        own = _own(draw)
        value, nonce = request.form.get("value", ""), request.form.get("nonce", "").strip().lower()
        sentences: list[str] = []
        if request.method == "POST":
            step = request.form.get("step")
            if step == "reveal":
                act = perform(
                    lambda unit: services.reveal_contribution(unit, draw.id, own.witness, value, nonce)
                )
            else:
                digest = next((d.strip().lower() for d in request.form.getlist("digest") if d.strip()), "")
                act = perform(lambda unit: services.commit_contribution(unit, draw.id, own.witness, digest))
            if act.done:
                flash(
                    _("Your number is revealed. Thank you.")
                    if step == "reveal"
                    else _("Your commitment is logged."),
                    "success",
                )
                return redirect(f"/draws/{draw.draw_no}/contribute")
            sentences = act.sentences
        draw = queries.by_no(db.session(), draw_no)
        own = _own(draw)
        page = self.render(
            "draws/contribute.html",
            draw=draw,
            own=own,
            label=label_of(own),
            step=_step(draw, own),
            witnesses=[(label_of(row), row) for row in draw.contributions],
            value=value,
            nonce=nonce,
            sentences=sentences,
        )
        return (page, 422) if sentences else page


def _own(draw: Draw) -> Contribution:
    """The row that this person fills; whoever is no witness sees what everybody sees of unknown pages."""
    actor = me().actor
    own = queries.contribution_for(draw, actor.user_id, actor.agency_id)
    if own is None:
        raise NotFound("not_in_scope", kind="contribution")
    return own


def _step(draw: Draw, own: Contribution) -> str:
    """commit, wait, reveal, done or over."""
    if draw.state == DrawState.VOID:
        return "over"
    if own.value is not None:
        return "done"
    if draw.state in {DrawState.FROZEN, DrawState.COMMITTING}:
        return "commit" if own.commitment is None else "wait"
    return "reveal" if draw.state == DrawState.REVEALING else "done"
