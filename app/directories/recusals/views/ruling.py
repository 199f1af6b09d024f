"""Rules that make pairs: what holds at the agency, a preview of the pairs, and the ties that they read."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.directories.recusals import queries, services
from app.directories.recusals.forms import RuleForm, TieForm
from app.directories.recusals.making import Span, span_faults
from app.directories.recusals.rules import RuleKind, TieKind
from app.directories.recusals.services.applying import USUAL
from app.directories.recusals.views.shared import key_of, mine, offer, own_agency_id
from app.kernel.clock import today
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import current_clock, person
from app.security.explain import explain_fault
from app.security.requests import primary_key
from app.security.views import PortalView

SHOWN = 100


class RulePages(PortalView):
    @expose("/rules/")
    @guarded("rules")
    def rules(self) -> str:
        rules = services.rules_of(db.session(), own_agency_id())
        counts = queries.count_by_rule(db.session(), own_agency_id())
        return self.render("recusals/rules.html", rules=rules, counts=counts)

    @expose("/rules/<any(EMPLOYER, RELATIVE, ROTATION):kind>", methods=["GET", "POST"])
    @guarded("rules")
    def rule(self, kind: str) -> Any:
        """The button “preview” shows the pairs and stores nothing; the button “save” brings them into force."""
        chosen = RuleKind(kind)
        session, agency_id, day = db.session(), own_agency_id(), today(current_clock())
        rule = services.rules_of(session, agency_id)[chosen]
        form = RuleForm(obj=rule) if rule is not None else RuleForm(data=vars(USUAL[chosen]))
        if request.method == "GET":
            form.version.data = str(rule.version if rule is not None else 0)
        span = Span(form.years.data or 0, form.months.data or 0, form.visits.data or 0)
        sentences: list[str] = []
        preview = request.method == "GET" or "preview" in request.form
        if form.validate_on_submit() and not preview:
            version, active = key_of(form.version.data), bool(form.active.data)
            act = perform(
                lambda unit: services.keep_rule(
                    unit, agency_id, chosen, active=active, span=span, version=version
                ),
                form,
            )
            if act.done and act.value is not None:
                applied = act.value[1]
                flash(
                    _(
                        "Saved. Pairs added: %(added)s, changed: %(changed)s, ended: %(ended)s.",
                        added=applied.added,
                        changed=applied.changed,
                        ended=applied.ended,
                    ),
                    "success",
                )
                return redirect(url_for("RecusalView.rules"))
            sentences = act.sentences
        elif preview and request.method == "POST":
            sentences = [explain_fault(fault) for fault in span_faults(chosen, span)]
        made = (
            []
            if form.errors or span_faults(chosen, span)
            else services.made_by(session, agency_id, chosen, span, day)
        )
        page = self.render(
            "recusals/rule.html",
            kind=chosen,
            form=form,
            sentences=sentences,
            pairs=queries.named(session, made[:SHOWN]),
            total=len(made),
        )
        return (page, 422) if sentences or form.errors else page

    @expose("/ties/", methods=["GET", "POST"])
    @guarded("declare")
    def ties(self) -> Any:
        """The own ones of an inspector, those of the agency for its administrator."""
        form, own = TieForm(), mine()
        sentences: list[str] = []
        if form.validate_on_submit():
            inspector_id = own.id if own else key_of(form.inspector_id.data)
            target_id = key_of(form.target_id.data)
            if not inspector_id or not target_id:
                sentences = [_("Please choose whom and which target it is about.")]
            else:
                kind, until, note = form.kind.data, form.until.data, form.note.data or ""
                act = perform(
                    lambda unit: services.keep_tie(
                        unit, inspector_id, target_id, kind=kind, until=until, note=note
                    ),
                    form,
                )
                if act.done:
                    flash(_("Entered. The rules of the agency count it."), "success")
                    return redirect(url_for("RecusalView.ties"))
                sentences = act.sentences
        offer(form.inspector_id, "inspector")
        offer(form.target_id, "target")
        after, who = request.args.get("after"), person()
        rows = queries.ties(
            db.session(),
            agency_id=own_agency_id(),
            user_id=who.account.id if who and own else None,
            after=primary_key(after) if after else None,
        )
        shown, more = rows[: queries.PAGE], len(rows) > queries.PAGE
        page = self.render(
            "recusals/ties.html",
            rows=shown,
            kinds=TieKind,
            following=url_for("RecusalView.ties", after=shown[-1].id) if more else None,
            form=form,
            sentences=sentences,
            mine=own,
            may_remove=bool(who and who.actor.roles & services.KEEPERS),
        )
        return (page, 422) if request.method == "POST" else page

    @expose("/ties/<int:tie_id>/remove", methods=["POST"])
    @guarded("withdraw")
    def remove_tie(self, tie_id: int) -> Any:
        act = perform(lambda unit: services.remove_tie(unit, tie_id))
        if act.done:
            flash(_("Taken away, with the pairs that a rule made from it."), "success")
        else:
            flash(" ".join(act.sentences), "danger")
        return redirect(url_for("RecusalView.ties"))
