"""The acts of the initiating agency, and the auditor's confirmation: freeze, draw, void, replace. One page
each.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.db import db
from app.draws import queries, services
from app.draws.forms import FreezeForm, ReplaceForm, VoidForm
from app.draws.models import Draw, DrawnTarget
from app.draws.outlook import Outlook, outlook
from app.draws.places import freeze_checks
from app.draws.queries.witnesses import Witness, possible_witnesses
from app.draws.rules import DrawState, may_confirm_void, may_freeze
from app.draws.views.shared import ACT, WITNESS, is_initiator, label_of, me
from app.kernel.clock import SHANGHAI, today
from app.kernel.errors import NotFound, Refused
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import current_clock
from app.security.explain import explain
from app.security.login.fresh import fresh
from app.security.names import names_of
from app.security.requests import primary_key
from app.security.rules import RoleName
from app.security.views import Grants, PortalView
from app.tasks.models import Task
from app.tasks.queries import get_task

Answer = Response | str | tuple[str, int]
END_OF_DAY = time(18, 0)


class DrawActs(PortalView):
    route_base = "/draws"
    class_permission_name = "Draws"
    grants: ClassVar[Grants] = {"can_act": ACT, "can_void": WITNESS}

    @expose("/freeze/<pk>", methods=["GET", "POST"])
    @guarded("act")
    def freeze(self, pk: str) -> Answer:
        task = _own_task(pk)
        possible = possible_witnesses(db.session(), task, today(current_clock()))
        form = FreezeForm(data={"until": _proposed_end()}) if request.method == "GET" else FreezeForm()
        chosen = request.form.getlist("witness") if request.method == "POST" else [w.code for w in possible]
        sentences: list[str] = []
        if request.method == "POST" and form.validate():
            until = form.until.data.replace(tzinfo=SHANGHAI)
            witnesses = [w for w in possible if w.code in chosen]
            act = perform(lambda unit: services.freeze(unit, task.id, witnesses=witnesses, until=until), form)
            if act.done and act.value is not None:
                flash(_("The list is frozen. The witnesses have been asked to commit."), "success")
                return redirect(f"/draws/{act.value.draw_no}/")
            sentences = act.sentences
        task = _own_task(pk)
        view, against = _outlook(task, possible)
        page = self.render(
            "draws/freeze.html",
            form=form,
            task=task,
            view=view,
            against=against,
            possible=possible,
            chosen=chosen,
            sentences=sentences,
            voids=queries.void_count(db.session(), task.id),
        )
        return (page, 422) if request.method == "POST" else page

    @expose("/<draw_no>/draw", methods=["GET", "POST"])
    @guarded("act")
    @fresh
    def draw(self, draw_no: str) -> Answer:
        draw = _own_draw(draw_no)
        sentences: list[str] = []
        if request.method == "POST":
            act = perform(lambda unit: services.run_draw(unit, draw.id))
            if act.done:
                flash(_("Drawn. The result is fixed and logged."), "success")
                return redirect(f"/draws/{draw.draw_no}/")
            sentences = act.sentences
        draw = _own_draw(draw_no)
        waiting = [label_of(row) for row in draw.contributions if row.value is None]
        page = self.render("draws/draw.html", draw=draw, waiting=waiting, sentences=sentences)
        return (page, 409) if sentences else page

    @expose("/<draw_no>/void", methods=["GET", "POST"])
    @guarded("void")
    def void(self, draw_no: str) -> Answer:
        draw = queries.by_no(db.session(), draw_no)
        auditor = RoleName.AUDITOR in me().actor.roles
        if not auditor and not is_initiator(draw):
            raise NotFound("not_in_scope", kind="draw")
        form, sentences = VoidForm(), []
        if request.method == "POST":
            act = perform(
                lambda unit: services.void_draw(unit, draw.id, form.reason.data or "", form.who.data or ""),
                form,
            )
            if act.done and act.value is not None:
                _flash_void(act.value)
                return redirect(f"/draws/{draw.draw_no}/")
            sentences = act.sentences
        draw = queries.by_no(db.session(), draw_no)
        page = self.render(
            "draws/void.html",
            draw=draw,
            form=form,
            auditor=auditor,
            sentences=sentences,
            asked_by=names_of(db.session(), [draw.void_asked_by or ""]).get(draw.void_asked_by or "", ""),
            may_confirm=auditor and bool(may_confirm_void(draw.void_asked_by, me().actor.code)),
        )
        return (page, 422) if sentences else page

    @expose("/<draw_no>/replace/<pk>", methods=["GET", "POST"])
    @guarded("act")
    def replace(self, draw_no: str, pk: str) -> Answer:
        draw = _own_draw(draw_no)
        row = _drawn_row(draw, primary_key(pk))
        form, sentences = ReplaceForm(), []
        if request.method == "POST":
            act = perform(
                lambda unit: services.replace_target(
                    unit, row.id, form.reason.data or "", form.evidence.data or ""
                ),
                form,
            )
            if act.done:
                flash(_("Replaced by the next in the random order. Both stay in the record."), "success")
                return redirect(f"/draws/{draw.draw_no}/targets")
            sentences = act.sentences
        draw = _own_draw(draw_no)
        page = self.render(
            "draws/replace.html", draw=draw, row=_drawn_row(draw, row.id), form=form, sentences=sentences
        )
        return (page, 422) if sentences else page


def _flash_void(draw: Draw) -> None:
    if draw.state == DrawState.VOID:
        flash(_("The draw is void. It stays in the record; the next one has a new number."), "warning")
    else:
        flash(_("The auditor has been asked to confirm that the draw is void."), "success")


def _own_task(pk: str) -> Task:
    """A task that the person's agency initiates; another one looks as if it were not there."""
    task = get_task(db.session(), primary_key(pk))
    if task.initiator_id != me().actor.agency_id:
        raise NotFound("not_in_scope", kind="task")
    return task


def _own_draw(draw_no: str) -> Draw:
    draw = queries.by_no(db.session(), draw_no)
    if not is_initiator(draw):
        raise NotFound("not_in_scope", kind="draw")
    return draw


def _drawn_row(draw: Draw, row_id: int) -> DrawnTarget:
    row = db.session.get(DrawnTarget, row_id)
    if row is None or row.draw_id != draw.id:
        raise NotFound("not_in_scope", kind="drawn_target")
    return row


def _proposed_end() -> datetime:
    """Tomorrow at the end of the working day."""
    here = current_clock().now().astimezone(SHANGHAI)
    return datetime.combine(here.date() + timedelta(days=1), END_OF_DAY)


def _outlook(task: Task, possible: list[Witness]) -> tuple[Outlook | None, list[str]]:
    """The figures, and everything that stands against a freeze, as sentences."""
    session = db.session()
    try:
        view = outlook(session, task)
    except Refused as error:
        return None, [explain(error)]
    living = queries.living_draw(session, task.id)
    decisions: list[Any] = [
        may_freeze(task.state, living is not None, view.eligible, len(possible)),
        view.within_cap(),
    ]
    if all(decisions):
        decisions += [refusal for check in freeze_checks for refusal in check(session, view.expectation)]
    return view, [explain(Refused(d.code, **d.facts)) for d in decisions if not d]
