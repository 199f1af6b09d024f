"""Pages of recusal: the list, the declaration, the withdrawal."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.db import db
from app.directories.forms import ReasonForm, mark
from app.directories.inspectors.queries import get_inspector, of_user
from app.directories.recusals import queries, services
from app.directories.recusals.forms import RecusalForm
from app.directories.recusals.rules import DeclaredBy, RecusalReason, is_active
from app.directories.targets.queries import get_target
from app.kernel.clock import today
from app.kernel.errors import DomainError
from app.security.access import guarded
from app.security.context import current_clock, person, request_unit
from app.security.menu import MenuItem, add_menu
from app.security.requests import primary_key
from app.security.rules import BUSINESS, RoleName
from app.security.views import PortalView

READERS = BUSINESS - {RoleName.AUDITOR}


class RecusalView(PortalView):
    route_base = "/recusals"
    default_view = "list"
    grants = {"can_list": READERS, "can_declare": services.DECLARERS, "can_withdraw": services.KEEPERS}

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        day = today(current_clock())
        after = request.args.get("after")
        only_active = request.args.get("state") != "all"
        rows = queries.recusals(
            db.session(),
            after=primary_key(after) if after else None,
            only_active=day if only_active else None,
        )
        shown = rows[: queries.PAGE]
        kept = {} if only_active else {"state": "all"}
        more = len(rows) > queries.PAGE
        who = person()
        return self.render(
            "recusals/list.html",
            rows=[(row, is_active(row, day, day)) for row in shown],
            reasons={reason.value: reason for reason in RecusalReason},
            declarers={by.value: by for by in DeclaredBy},
            views=[
                {"label": _("In force"), "url": url_for("RecusalView.list"), "current": only_active},
                {
                    "label": _("All"),
                    "url": url_for("RecusalView.list", state="all"),
                    "current": not only_active,
                },
            ],
            following=url_for("RecusalView.list", **kept, after=shown[-1].id) if more else None,
            may_declare=bool(who and who.actor.roles & services.DECLARERS),
            may_withdraw=bool(who and who.actor.roles & services.KEEPERS),
        )

    @expose("/declare", methods=["GET", "POST"])
    @guarded("declare")
    def declare(self) -> Any:
        form = RecusalForm()
        extra: list[str] = []
        who = person()
        mine = (
            of_user(db.session(), who.account.id) if who and not who.actor.roles & services.KEEPERS else None
        )
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.declare(
                        unit,
                        mine.id if mine else _id(form.inspector_id.data),
                        _id(form.target_id.data),
                        reason=form.reason.data,
                        declared_by=services.default_declarer(unit.actor.roles),
                        evidence=form.evidence.data or "",
                        since=form.since.data,
                        until=form.until.data,
                    )
                flash(_("The two will not meet."), "success")
                return redirect(url_for("RecusalView.list"))
            except DomainError as error:
                extra = mark(form, error)
        self._name_choices(form)
        status = 422 if request.method == "POST" else 200
        return self.render("recusals/form.html", form=form, extra=extra, mine=mine), status

    def _name_choices(self, form: RecusalForm) -> None:
        session = db.session()
        for field, find in ((form.inspector_id, get_inspector), (form.target_id, get_target)):
            label = ""
            try:
                label = str(find(session, _id(field.data)))
            except DomainError:
                field.data = ""
            field.choices = [(field.data or "", label)]

    @expose("/<int:recusal_id>/withdraw", methods=["GET", "POST"])
    @guarded("withdraw")
    def withdraw(self, recusal_id: int) -> Any:
        recusal = queries.get_recusal(db.session(), recusal_id)
        form = ReasonForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.withdraw(unit, recusal_id, form.reason.data or "")
                flash(_("The recusal is withdrawn; it stays on record."), "success")
                return redirect(url_for("RecusalView.list"))
            except DomainError as error:
                extra = mark(form, error)
        return self.render("recusals/withdraw.html", form=form, extra=extra, recusal=recusal)


def _id(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else 0


MENU = MenuItem(
    "prepare", _l("Recusals"), "RecusalView.list", "user-x", ("can_list", "RecusalView"), order=60
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(RecusalView)
    add_menu(MENU)
