"""Pages of the directory of inspectors, and the generated screens of experts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, current_app, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from app.db import db
from app.directories.forms import ReasonForm, mark
from app.directories.inspectors import queries, services
from app.directories.inspectors.forms import InspectorForm, LeaveForm
from app.directories.inspectors.models import Expert, Inspector
from app.directories.inspectors.queries import InspectorFilter
from app.directories.inspectors.rules import eligibility
from app.directories.inspectors.services.following import follow_joining, follow_leaving
from app.directories.targets.queries import specialty_names
from app.kernel.clock import SHANGHAI, today
from app.kernel.decisions import Refusal
from app.kernel.errors import DomainError, Fault, Refused
from app.kernel.workbook import XLSX, xlsx_bytes
from app.people.places import after_joining, after_leaving
from app.security.access import guarded
from app.security.context import current_clock, person, request_unit
from app.security.crud import KeptField, ScopedInterface, ScopedModelView
from app.security.explain import explain
from app.security.login.fresh import fresh
from app.security.menu import MenuItem, add_menu
from app.security.models import Region
from app.security.paging import key_of, page_urls
from app.security.protection.rules import Kind
from app.security.protection.showing import personal_fields
from app.security.protection.subjects import Subject, subjects
from app.security.rules import BUSINESS, RoleName
from app.security.views import PortalView

READERS = BUSINESS - {RoleName.AUDITOR}
SOON = timedelta(days=60)


class InspectorView(PortalView):
    route_base = "/inspectors"
    default_view = "list"
    grants = {
        "can_list": READERS,
        "can_show": READERS,
        "can_keep": services.KEEPERS,
        "can_export": services.KEEPERS,
    }

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        session = db.session()
        kept = {n: v for n in ("q", "specialty", "state") if (v := request.args.get(n, "").strip()[:60])}
        page = queries.page(
            session,
            _filter(kept),
            after=key_of(request.args.get("after")),
            before=key_of(request.args.get("before")),
        )
        previous, following = page_urls("InspectorView.list", kept, page.before, page.after)
        return self.render(
            "inspectors/list.html",
            rows=[(inspector, _standing(inspector)) for inspector in page.rows],
            kept=kept,
            states=_state_links(kept),
            previous=previous,
            following=following,
            may_keep=_may_keep(),
        )

    @expose("/<int:inspector_id>")
    @guarded("show")
    def show(self, inspector_id: int) -> Any:
        return self._page(queries.get_inspector(db.session(), inspector_id), LeaveForm(formdata=None), [])

    @expose("/contacts", methods=["GET", "POST"])
    @guarded("export")
    @fresh
    def contacts(self) -> Any:
        form = ReasonForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    rows = services.contacts(unit, form.reason.data or "")
                    watermark = f"{unit.actor.label} {unit.clock.now().astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
                headings = [
                    _("Certificate number"), _("Name"), _("Unit"), _("Position"), _("Telephone"),
                ]  # fmt: skip
                disposition = {"Content-Disposition": "attachment; filename=contacts.xlsx"}
                return Response(xlsx_bytes(headings, rows, watermark), mimetype=XLSX, headers=disposition)
            except DomainError as error:
                extra = mark(form, error)
        return self.render("inspectors/contacts.html", form=form, extra=extra), 422 if extra else 200

    def _page(self, inspector: Inspector, form: LeaveForm, extra: list[str]) -> Any:
        return self.render(
            "inspectors/show.html",
            inspector=inspector,
            standing=_standing(inspector),
            regions=_region_names(db.session(), inspector.regions),
            personal=personal_fields(SUBJECT, inspector),
            leaves=sorted(inspector.leaves, key=lambda leave: leave.first_day, reverse=True),
            form=form,
            extra=extra,
            may_keep=_may_keep() and _is_kept_here(inspector),
        )

    @expose("/add", methods=["GET", "POST"])
    @guarded("keep")
    def add(self) -> Any:
        form = InspectorForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    made = services.add_inspector(unit, unit.actor.agency_id or 0, form.texts())
                flash(_("%(name)s is in the directory now.", name=made.name), "success")
                return redirect(url_for("InspectorView.show", inspector_id=made.id))
            except DomainError as error:
                extra = mark(form, error)
        return self._form(form, extra, None)

    @expose("/<int:inspector_id>/edit", methods=["GET", "POST"])
    @guarded("keep")
    def edit(self, inspector_id: int) -> Any:
        inspector = queries.get_inspector(db.session(), inspector_id)
        form = InspectorForm() if request.method == "POST" else InspectorForm(obj=inspector)
        if request.method == "GET":
            form.phone.data = ""
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.change_inspector(unit, inspector_id, form.texts(), _number(form.version.data))
                flash(_("Saved."), "success")
                return redirect(url_for("InspectorView.show", inspector_id=inspector_id))
            except DomainError as error:
                extra = mark(form, error)
                inspector = queries.get_inspector(db.session(), inspector_id)
                form.version.data = str(inspector.version)
        return self._form(form, extra, inspector)

    def _form(self, form: InspectorForm, extra: list[str], inspector: Inspector | None) -> Any:
        session = db.session()
        form.specialties.choices = [(name, name) for name in specialty_names(session)]
        form.regions.choices = list(
            zip(form.regions.data or [], _region_names(session, form.regions.data or []), strict=True)
        )
        status = 422 if request.method == "POST" else 200
        return self.render(
            "inspectors/form.html", form=form, extra=extra, inspector=inspector, covered=_covered(inspector)
        ), status

    @expose("/<int:inspector_id>/leaves", methods=["POST"])
    @guarded("keep")
    def add_leave(self, inspector_id: int) -> Any:
        inspector = queries.get_inspector(db.session(), inspector_id)
        form = LeaveForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.add_leave(
                        unit, inspector_id, form.first_day.data, form.last_day.data, form.reason.data or ""
                    )
                flash(
                    _("The leave is entered; draws in that period go without %(name)s.", name=inspector.name),
                    "success",
                )
                return redirect(url_for("InspectorView.show", inspector_id=inspector_id))
            except DomainError as error:
                extra = mark(form, error)
        return self._page(queries.get_inspector(db.session(), inspector_id), form, extra), 422

    @expose("/<int:inspector_id>/leaves/<int:leave_id>/end", methods=["POST"])
    @guarded("keep")
    def end_leave(self, inspector_id: int, leave_id: int) -> Any:
        with request_unit() as unit:
            services.end_leave(unit, inspector_id, leave_id)
        flash(_("The leave is taken back."), "success")
        return redirect(url_for("InspectorView.show", inspector_id=inspector_id))

    @expose("/<int:inspector_id>/duty", methods=["POST"])
    @guarded("keep")
    def duty(self, inspector_id: int) -> Any:
        back = request.form.get("back") == "yes"
        with request_unit() as unit:
            services.leave_duty(unit, inspector_id, back=back)
        flash(
            _("On duty again.") if back else _("Off duty: no draw counts on this inspector any more."),
            "success",
        )
        return redirect(url_for("InspectorView.show", inspector_id=inspector_id))


def _filter(kept: dict[str, str]) -> InspectorFilter:
    state = kept.get("state", "")
    return InspectorFilter(
        q=kept.get("q", ""),
        specialty=kept.get("specialty", ""),
        certified=False if state == "uncertified" else None,
        active={"on_duty": True, "off_duty": False}.get(state),
        expiring_by=today(current_clock()) + SOON if state == "expiring" else None,
    )


def _state_links(kept: dict[str, str]) -> list[dict[str, Any]]:
    labels = {
        "": _("All"),
        "on_duty": _("On duty"),
        "expiring": _("Certificate expired or about to"),
        "uncertified": _("Without certificate"),
        "off_duty": _("Off duty"),
    }
    others = {name: value for name, value in kept.items() if name != "state"}
    return [
        {
            "label": label,
            "url": url_for("InspectorView.list", **others, **({"state": state} if state else {})),
            "current": kept.get("state", "") == state,
        }
        for state, label in labels.items()
    ]


def _standing(inspector: Inspector) -> str:
    """Why the inspector could not check on site today; empty when nothing stands against it."""
    day = today(current_clock())
    decision = eligibility(inspector, inspector.leaves, day, day, on_site=True)
    return explain(Refused(decision.code, **decision.facts)) if isinstance(decision, Refusal) else ""


def _region_names(session: Session, codes: list[str]) -> list[str]:
    rows = session.execute(select(Region.code, Region.name).where(Region.code.in_(codes)))
    names = dict(rows.all())
    return [names.get(code, code) for code in codes]


def _may_keep() -> bool:
    return bool(current_app.appbuilder.sm.has_access("can_keep", "InspectorView"))


def _covered(inspector: Inspector | None) -> dict[str, str]:
    """The hint in place of the number: covered, and kept while the field stays empty."""
    found = personal_fields(SUBJECT, inspector) if inspector is not None else {}
    return {
        name: _("Stored: %(value)s. Left empty, it stays.", value=field.text)
        for name, field in found.items()
        if field.text
    }


def _is_kept_here(inspector: Inspector) -> bool:
    who = person()
    return who is not None and who.actor.agency_id == inspector.agency_id


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _phone_cell(expert: Expert) -> Markup:
    line = personal_fields(EXPERT, expert).get("phone")
    if line is None or not line.text:
        return Markup("—")
    ask = Markup(' <a href="{}">{}</a>').format(line.ask_url, _("Show")) if line.masked else ""
    return Markup('<span class="eh-mono">{}</span>{}').format(line.text, ask)


class ExpertView(ScopedModelView):
    """Outside experts (R-16.1): they assist by name and never count as inspectors."""

    datamodel = ScopedInterface(Expert)
    route_base = "/experts"
    grants = {
        "can_list": READERS,
        "can_show": READERS,
        "can_add": services.KEEPERS,
        "can_edit": services.KEEPERS,
        "can_delete": services.KEEPERS,
    }
    event = "expert"
    agency_column = "agency_id"
    list_title = _l("Experts")
    add_title = edit_title = show_title = _l("Expert")
    list_columns = ["code", "name", "institution", "qualification", "agency", "active"]
    show_columns = ["code", "name", "institution", "qualification", "phone_line", "agency", "active"]
    add_columns = ["code", "name", "institution", "qualification", "phone"]
    edit_columns = ["name", "institution", "qualification", "phone", "active"]
    search_columns = ["code", "name", "institution"]
    order_columns = ["code", "name", "institution"]
    base_order = ("code", "asc")
    validators_columns = {"name": [Length(max=60)], "institution": [Length(max=120)]}
    # Flask-AppBuilder demands every column that is not null; these may be empty, the box unchecked.
    add_form_extra_fields = edit_form_extra_fields = {
        "qualification": StringField(_l("Qualification"), [Length(max=200)]),
        "phone": KeptField(
            _l("Telephone"),
            [Length(max=30)],
            description=_l("Covered; left empty, it stays as it is stored."),
        ),
        "active": BooleanField(_l("Active")),
    }
    formatters_columns = {"phone_line": _phone_cell}
    label_columns = {
        "code": _l("Number"),
        "name": _l("Name"),
        "institution": _l("Institution"),
        "qualification": _l("Qualification"),
        "phone": _l("Telephone"),
        "phone_line": _l("Telephone"),
        "agency": _l("Agency"),
        "active": _l("Active"),
    }

    def faults(self, item: Expert) -> list[Fault]:
        return [
            Fault(name, "required") for name in ("code", "name", "institution") if not getattr(item, name)
        ]


SUBJECT = Subject(
    "inspector",
    Inspector,
    {"phone": (Kind.PHONE, _l("Telephone"))},
    lambda inspector_id: url_for("InspectorView.show", inspector_id=inspector_id),
    ("can_show", "InspectorView"),
)
EXPERT = Subject(
    "expert",
    Expert,
    {"phone": (Kind.PHONE, _l("Telephone"))},
    lambda expert_id: url_for("ExpertView.show", pk=expert_id),
    ("can_show", "ExpertView"),
)
MENU = (
    MenuItem(
        "prepare",
        _l("Directory of inspectors"),
        "InspectorView.list",
        "users",
        ("can_list", "InspectorView"),
        order=40,
    ),
    MenuItem("prepare", _l("Experts"), "ExpertView.list", "user-check", ("can_list", "ExpertView"), order=45),
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(InspectorView)
    appbuilder.add_view_no_menu(ExpertView)
    subjects.add(SUBJECT)
    subjects.add(EXPERT)
    add_menu(*MENU)
    after_leaving.add(follow_leaving)
    after_joining.add(follow_joining)
