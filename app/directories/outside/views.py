"""Pages of what lies outside random selection: the agency's list, the request, the decision, the end."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.db import db
from app.directories.forms import mark as put_faults
from app.directories.outside import notices, panel, queries, services
from app.directories.outside.forms import EndForm, MarkForm, RemarksForm
from app.directories.outside.models import OutsideMark
from app.directories.outside.places import items
from app.directories.outside.rules import MarkState, Standing, standing_of
from app.directories.targets.queries import get_target
from app.kernel.clock import today
from app.kernel.errors import DomainError
from app.notifications.due import due_lines
from app.security.access import guarded, only_at_home
from app.security.approval import approving_agency
from app.security.context import current_clock, current_scope, person, request_unit
from app.security.menu import MenuItem, add_menu
from app.security.models import Agency
from app.security.names import names_of
from app.security.requests import primary_key
from app.security.rules import BUSINESS, RoleName
from app.security.views import PortalView

READERS = BUSINESS - {RoleName.INSPECTOR}


class OutsideView(PortalView):
    route_base = "/outside"
    default_view = "list"
    grants = {
        "can_list": READERS,
        "can_show": READERS,
        "can_ask": services.ASKERS,
        "can_judge": services.JUDGES,
    }

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        wanted = request.args.get("state", "")
        state = wanted if wanted in set(MarkState) else ""
        before = request.args.get("before")
        rows = queries.marks(
            db.session(),
            current_scope().readable_agency_ids,
            state=state,
            before=primary_key(before) if before else None,
        )
        shown = rows[: queries.PAGE]
        more = len(rows) > queries.PAGE
        day = today(current_clock())
        return self.render(
            "outside/list.html",
            rows=[(row, _standing(row, day)) for row in shown],
            views=[
                {"label": _("All"), "url": url_for("OutsideView.list"), "current": not state},
                *(
                    {
                        "label": _(one.label),
                        "url": url_for("OutsideView.list", state=one.value),
                        "current": one == state,
                    }
                    for one in MarkState
                ),
            ],
            following=url_for("OutsideView.list", state=state or None, before=shown[-1].id) if more else None,
            may_ask=_holds(services.ASKERS),
        )

    @expose("/<int:mark_id>")
    @guarded("show")
    def show(self, mark_id: int) -> Any:
        return self._page(mark_id, RemarksForm(formdata=None), EndForm(formdata=None), [])

    def _page(self, mark_id: int, remarks: RemarksForm, ending: EndForm, extra: list[str]) -> Any:
        session = db.session()
        mark = queries.get_mark(session, mark_id)
        who = person()
        judge = approving_agency(session, mark.agency, today(current_clock()))
        waits = mark.state == MarkState.ASKED
        here = who is not None and who.actor.agency_id == mark.agency_id
        return self.render(
            "outside/show.html",
            mark=mark,
            standing=_standing(mark, today(current_clock())),
            names=names_of(session, [c for c in (mark.asked_by, mark.decided_by, mark.ended_by) if c]),
            judge=judge,
            remarks=remarks,
            ending=ending,
            extra=extra,
            may_judge=waits
            and who is not None
            and who.actor.agency_id == judge.id
            and who.actor.code != mark.asked_by
            and _holds(services.JUDGES),
            may_end=mark.state == MarkState.APPROVED and here and _holds(services.ASKERS),
        )

    @expose("/add", methods=["GET", "POST"])
    @guarded("ask")
    def add(self) -> Any:
        form = (
            MarkForm(data={"target": request.args.get("target")}) if request.method == "GET" else MarkForm()
        )
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    made = services.ask(
                        unit,
                        target_id=_id(form.target.data),
                        item_id=_id(form.item.data),
                        matter=form.matter.data or "",
                        basis=form.basis.data or "",
                        valid_from=form.valid_from.data,
                        valid_until=form.valid_until.data,
                    )
                flash(_("The request waits for a second person."), "success")
                return redirect(url_for("OutsideView.show", mark_id=made.id))
            except DomainError as error:
                extra = put_faults(form, error)
        self._choices(form)
        status = 422 if request.method == "POST" else 200
        return self.render("outside/form.html", form=form, extra=extra), status

    def _choices(self, form: MarkForm) -> None:
        session, who = db.session(), person()
        agency = session.get(Agency, who.actor.agency_id) if who and who.actor.agency_id else None
        known = [pair for place in items for pair in place.choices(session, agency)] if agency else []
        form.item.choices = [("", "—"), *((str(number), label) for number, label in known)]
        label = ""
        number = _id(form.target.data)
        if number is not None:
            try:
                label = get_target(session, number).name
            except DomainError:
                form.target.data = ""
        form.target.choices = [(form.target.data or "", label)]

    @expose("/<int:mark_id>/approve", methods=["POST"])
    @guarded("judge")
    def approve(self, mark_id: int) -> Any:
        self._only_judge(mark_id)
        try:
            with request_unit() as unit:
                services.approve(unit, mark_id)
            flash(_("Approved. It is in no frame while the period runs."), "success")
            return redirect(url_for("OutsideView.show", mark_id=mark_id))
        except DomainError as error:
            extra = put_faults(RemarksForm(formdata=None), error)
        return self._page(mark_id, RemarksForm(formdata=None), EndForm(formdata=None), extra), 422

    @expose("/<int:mark_id>/return", methods=["POST"])
    @guarded("judge")
    def give_back(self, mark_id: int) -> Any:
        self._only_judge(mark_id)
        form = RemarksForm()
        try:
            with request_unit() as unit:
                services.return_mark(unit, mark_id, form.remarks.data or "")
            flash(_("Returned; it stays in random selection."), "success")
            return redirect(url_for("OutsideView.show", mark_id=mark_id))
        except DomainError as error:
            extra = put_faults(form, error)
        return self._page(mark_id, form, EndForm(formdata=None), extra), 422

    @expose("/<int:mark_id>/end", methods=["POST"])
    @guarded("ask")
    def end(self, mark_id: int) -> Any:
        only_at_home(queries.get_mark(db.session(), mark_id).agency_id)
        form = EndForm()
        try:
            with request_unit() as unit:
                services.end(unit, mark_id, form.reason.data or "")
            flash(_("Ended. From today it can be drawn again."), "success")
            return redirect(url_for("OutsideView.show", mark_id=mark_id))
        except DomainError as error:
            extra = put_faults(form, error)
        return self._page(mark_id, RemarksForm(formdata=None), form, extra), 422

    def _only_judge(self, mark_id: int) -> None:
        """The act is there for the agency that decides, for others it is not."""
        session = db.session()
        mark = queries.get_mark(session, mark_id)
        only_at_home(approving_agency(session, mark.agency, today(current_clock())).id)


def _standing(mark: OutsideMark, day: date) -> Standing:
    return standing_of(mark.state, mark.valid_from, mark.valid_until, day)


def _holds(roles: frozenset[RoleName]) -> bool:
    who = person()
    return bool(who and who.actor.roles & roles)


def _id(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


MENU = MenuItem(
    "prepare",
    _l("Outside random selection"),
    "OutsideView.list",
    "ban",
    ("can_list", "OutsideView"),
    order=55,
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(OutsideView)
    add_menu(MENU)
    due_lines.add(notices.lines)
    panel.register()
