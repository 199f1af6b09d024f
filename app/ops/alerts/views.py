"""`/security-alerts/`: what somebody has to look at, and what came of it."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import Select
from werkzeug.wrappers import Response
from wtforms import TextAreaField

from app.db import db
from app.ops.alerts import queries, services
from app.ops.alerts.rules import AlertKind
from app.ops.models import SecurityAlert
from app.ops.security_log.actions import action_name, outcome_name
from app.ops.security_log.queries import names
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import Person
from app.security.models import Account
from app.security.requests import primary_key
from app.security.rules import ROLE_LABELS, RoleName
from app.security.views import Grants, PortalView

READERS = frozenset({RoleName.AUDIT_ADMIN, RoleName.SECURITY_ADMIN})
SHOWN = ("open", "done", "all")


class NoteForm(FlaskForm):
    note = TextAreaField(
        _l("What came of it"),
        description=_l("For example: asked the person, was the night shift. Stays with the alert."),
        render_kw={"rows": 3, "maxlength": services.LONGEST_NOTE},
    )


class SecurityLogAlertView(PortalView):
    """The audit administrator sees all alerts, the security administrator the lock-outs."""

    route_base = "/security-alerts"
    grants: ClassVar[Grants] = {"can_list": READERS, "can_acknowledge": READERS}

    @expose("/")
    @guarded("list")
    def list(self) -> str:
        show, kind = request.args.get("show", "open"), request.args.get("kind", "")
        show = show if show in SHOWN else "open"
        kind = kind if kind in set(AlertKind) else ""
        before = request.args.get("before")
        found = queries.alerts(
            db.session(), show=show, kind=kind, before=primary_key(before) if before else None
        )
        rows = found[: queries.PAGE]
        kept = {"show": show, **({"kind": kind} if kind else {})}
        return self.render(
            "ops/alerts.html",
            rows=rows,
            say=sentence,
            kinds=AlertKind,
            show=show,
            kind=kind,
            next_url=url_for(".list", **kept, before=rows[-1].id) if len(found) > len(rows) else "",
        )

    @expose("/<pk>", methods=["GET", "POST"])
    @guarded("acknowledge")
    def show(self, pk: str) -> Response | str | tuple[str, int]:
        session, number = db.session(), primary_key(pk)
        alert, form, sentences = queries.alert(session, number), NoteForm(), []
        if request.method == "POST":
            act = perform(lambda unit: services.acknowledge(unit, number, form.note.data or ""), form)
            if act.done:
                flash(_("Acknowledged. The note stays with the alert."), "success")
                return redirect(url_for(".list"))
            sentences = act.sentences
        lines = queries.lines_behind(session, alert)
        page = self.render(
            "ops/alert.html",
            alert=alert,
            kind=AlertKind(alert.kind),
            say=sentence,
            form=form,
            sentences=sentences,
            lines=lines,
            names=names(session, lines),
            action_name=action_name,
            outcome_name=outcome_name,
        )
        return (page, 422) if request.method == "POST" else page


def sentence(alert: SecurityAlert) -> str:
    """What happened, in one sentence."""
    who = alert.user.get_full_name() if alert.user else ""
    facts = alert.facts
    kind = AlertKind(alert.kind)
    if kind is AlertKind.FAILURES:
        number = facts.get("number", 0)
        if who:
            return _("%(n)s failed log-ins of %(who)s within half an hour", n=number, who=who)
        return _("%(n)s failed log-ins from %(address)s within half an hour", n=number, address=alert.address)
    if kind is AlertKind.NIGHT_EXPORT:
        return _("%(who)s exported data between 22:00 and 6:00", who=who)
    if kind is AlertKind.MASS_READING:
        return _("%(who)s opened %(n)s records within ten minutes", who=who, n=facts.get("number", ""))
    if kind is AlertKind.NEW_ADMINISTRATOR:
        person = db.session.get(Account, facts.get("person") or 0)
        return _(
            "%(person)s is now %(role)s (by %(who)s)",
            person=person.get_full_name() if person else "—",
            role=_(ROLE_LABELS[RoleName(facts["role"])]),
            who=who or _("The system"),
        )
    if kind is AlertKind.NEW_ADDRESS:
        return _("%(who)s, an administrator, logged in from a new address", who=who)
    return _("%(who)s changed the security policy", who=who or _("The system"))


def open_alerts(who: Person) -> Select[Any] | None:
    """For the menu: those that nobody has acknowledged."""
    return queries.open_ones() if who.actor.roles & READERS else None
