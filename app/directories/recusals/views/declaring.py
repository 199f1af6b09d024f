"""Declare and withdraw a recusal, look at one with its evidence."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.directories.forms import ReasonForm
from app.directories.recusals import queries, services
from app.directories.recusals.evidence import open_file
from app.directories.recusals.forms import RecusalForm
from app.directories.recusals.rules import DeclaredBy, RecusalReason, is_active, kind_of_file
from app.directories.recusals.views.shared import given_files, key_of, mine, offer
from app.kernel.clock import today
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import current_clock, person, request_unit
from app.security.views import PortalView


class DeclarationPages(PortalView):
    @expose("/<int:recusal_id>")
    @guarded("list")
    def show(self, recusal_id: int) -> str:
        recusal = queries.get_recusal(db.session(), recusal_id)
        day, who = today(current_clock()), person()
        return self.render(
            "recusals/show.html",
            recusal=recusal,
            in_force=is_active(recusal, day, day),
            reason=RecusalReason(recusal.reason),
            declarer=DeclaredBy(recusal.declared_by),
            evidences=recusal.evidences,
            may_withdraw=bool(who and who.actor.roles & services.KEEPERS)
            and who is not None
            and who.actor.agency_id == recusal.agency_id
            and recusal.withdrawn_on is None,
        )

    @expose("/declare", methods=["GET", "POST"])
    @guarded("declare")
    def declare(self) -> Any:
        """Works on a phone: an inspector finds the target by a part of its name, and photographs the evidence."""
        form = RecusalForm()
        own = mine()
        sentences: list[str] = []
        if form.validate_on_submit():
            files = given_files()
            inspector_id = own.id if own else key_of(form.inspector_id.data)
            act = (
                perform(
                    lambda unit: services.declare(
                        unit,
                        inspector_id,
                        key_of(form.target_id.data),
                        reason=form.reason.data,
                        declared_by=services.default_declarer(unit.actor.roles),
                        evidence=form.evidence.data or "",
                        since=form.since.data,
                        until=form.until.data,
                        files=files,
                    ),
                    form,
                )
                if key_of(form.target_id.data) and inspector_id
                else None
            )
            if act is None:
                sentences = [_("Please choose whom and which target it is about.")]
            elif act.done:
                flash(_("The two will not meet."), "success")
                return redirect(url_for("RecusalView.list"))
            else:
                sentences = act.sentences
        offer(form.inspector_id, "inspector")
        offer(form.target_id, "target")
        status = 422 if request.method == "POST" else 200
        return self.render("recusals/form.html", form=form, extra=sentences, mine=own), status

    @expose("/<int:recusal_id>/withdraw", methods=["GET", "POST"])
    @guarded("withdraw")
    def withdraw(self, recusal_id: int) -> Any:
        recusal = queries.get_recusal(db.session(), recusal_id)
        form = ReasonForm()
        sentences: list[str] = []
        if form.validate_on_submit():
            act = perform(lambda unit: services.withdraw(unit, recusal_id, form.reason.data or ""), form)
            if act.done:
                flash(_("The recusal is withdrawn; it stays on record."), "success")
                return redirect(url_for("RecusalView.list"))
            sentences = act.sentences
        return self.render("recusals/withdraw.html", form=form, extra=sentences, recusal=recusal)

    @expose("/evidence/<int:evidence_id>")
    @guarded("list")
    def evidence(self, evidence_id: int) -> Response:
        """The file as it was handed in; never shown within the page, never kept by a cache."""
        with request_unit() as unit:
            found = open_file(unit, evidence_id)
            content, name = found.content, found.file_name
        answer = Response(content, mimetype=kind_of_file(content) or "application/octet-stream")
        answer.headers.set("Content-Disposition", "attachment", filename=name)
        answer.headers["Cache-Control"] = "no-store"
        return answer
