"""Pages of the directory of targets: list, one target, and one page per act."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import db
from app.directories.forms import ReasonForm, mark
from app.directories.targets import panels, queries, services
from app.directories.targets.changes import change_lines
from app.directories.targets.forms import CodeForm, TargetForm
from app.directories.targets.models import Industry, Target
from app.directories.targets.queries import TargetFilter
from app.directories.targets.rules import CodeKind, Source, TargetStatus
from app.kernel.errors import DomainError
from app.regulation.vocabulary import RiskClass
from app.security.access import guarded
from app.security.context import current_scope, person, request_unit
from app.security.finders import Finder, Found, finders
from app.security.menu import MenuItem, add_menu
from app.security.models import Region
from app.security.paging import key_of, page_urls
from app.security.protection.rules import Kind
from app.security.protection.showing import i_see, personal_fields
from app.security.protection.subjects import Subject, subjects
from app.security.rules import BUSINESS, RoleName
from app.security.views import PortalView

KEEPERS = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN})


class TargetView(PortalView):
    route_base = "/targets"
    default_view = "list"
    grants = {
        "can_list": BUSINESS,
        "can_show": BUSINESS,
        "can_keep": KEEPERS,
    }

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        session = db.session()
        wanted = TargetFilter(
            **{f.name: request.args.get(f.name, "").strip()[:60] for f in fields(TargetFilter)}
        )
        if not i_see(Kind.RISK_CLASS):
            wanted = replace(wanted, risk_class="")
        after, before = key_of(request.args.get("after")), key_of(request.args.get("before"))
        page = queries.page(session, wanted, after=after, before=before, phones=i_see(Kind.PHONE))
        kept = {f.name: getattr(wanted, f.name) for f in fields(TargetFilter) if getattr(wanted, f.name)}
        previous, following = page_urls("TargetView.list", kept, page.before, page.after)
        kinds = queries.kinds(session)
        chips = _chips(session, kept, {kind.code: kind.name for kind in kinds})
        return self.render(
            "targets/list.html",
            page=page,
            total=queries.count(session, wanted, phones=i_see(Kind.PHONE)),
            sees_class=i_see(Kind.RISK_CLASS),
            sees_phone=i_see(Kind.PHONE),
            wanted=wanted,
            kept=kept,
            chips_active=chips,
            names={chip["name"]: chip["value"] for chip in chips},
            kinds=kinds,
            statuses=list(TargetStatus),
            status_of={s.value: s for s in TargetStatus},
            classes=list(RiskClass),
            sources=list(Source),
            previous=previous,
            following=following,
            may_keep=_may("keep"),
        )

    @expose("/<int:target_id>")
    @guarded("show")
    def show(self, target_id: int) -> Any:
        return self._page(queries.get_target(db.session(), target_id))

    def _page(self, target: Target) -> Any:
        session = db.session()
        former = queries.former_codes(session, target.id)
        extra = [(panel.title, panel.render(session, target)) for panel in panels]
        return self.render(
            "targets/show.html",
            target=target,
            status=TargetStatus(target.status),
            source=Source(target.source),
            code_kind=CodeKind(target.code_kind),
            former=former,
            history=change_lines(session, queries.history(session, target.id), _unseen()),
            panels=[(title, Markup(html)) for title, html in extra if html],
            personal=personal_fields(SUBJECT, target),
            sees_class=i_see(Kind.RISK_CLASS),
            may_keep=_may("keep") and _is_own(target),
        )

    @expose("/add", methods=["GET", "POST"])
    @guarded("keep")
    def add(self) -> Any:
        form = TargetForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    if RoleName.OFFICE_ADMIN in unit.actor.roles:
                        target = services.add_target(unit, form.texts())
                    else:
                        target = services.add_agency_target(unit, unit.actor.agency_id or 0, form.texts())
                flash(_("%(name)s is in the directory now.", name=target.name), "success")
                return redirect(url_for("TargetView.show", target_id=target.id))
            except DomainError as error:
                extra = mark(form, error)
        return self._form(form, extra, None)

    @expose("/<int:target_id>/edit", methods=["GET", "POST"])
    @guarded("keep")
    def edit(self, target_id: int) -> Any:
        target = queries.get_target(db.session(), target_id)
        form = TargetForm(obj=None) if request.method == "POST" else TargetForm(data=_stored(target))
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.change_target(unit, target_id, form.texts(), _number(form.version.data))
                flash(_("Saved."), "success")
                return redirect(url_for("TargetView.show", target_id=target_id))
            except DomainError as error:
                extra = mark(form, error)
                target = queries.get_target(db.session(), target_id)
                form.version.data = str(target.version)
        return self._form(form, extra, target)

    def _form(self, form: TargetForm, extra: list[str], target: Target | None) -> Any:
        session = db.session()
        form.kind.choices = [("", ""), *((kind.code, kind.name) for kind in queries.kinds(session))]
        form.tags.choices = [(name, name) for name in queries.specialty_names(session)]
        form.region.choices = [_choice(session, Region, form.region.data)]
        form.industry.choices = [_choice(session, Industry, form.industry.data)]
        status = 200 if request.method == "GET" else 422
        return self.render(
            "targets/form.html", form=form, extra=extra, target=target, covered=_covered(target)
        ), status

    @expose("/<int:target_id>/close", methods=["GET", "POST"])
    @guarded("keep")
    def close(self, target_id: int) -> Any:
        target = queries.get_target(db.session(), target_id)
        form = ReasonForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.close_target(unit, target_id, form.reason.data or "")
                flash(_("%(name)s is marked as deregistered.", name=target.name), "success")
                return redirect(url_for("TargetView.show", target_id=target_id))
            except DomainError as error:
                extra = mark(form, error)
        return self.render("targets/close.html", form=form, extra=extra, target=target)

    @expose("/<int:target_id>/code", methods=["GET", "POST"])
    @guarded("keep")
    def code(self, target_id: int) -> Any:
        target = queries.get_target(db.session(), target_id)
        form = CodeForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.upgrade_code(unit, target_id, form.code.data or "")
                flash(_("The code was upgraded; the old one still finds this target."), "success")
                return redirect(url_for("TargetView.show", target_id=target_id))
            except DomainError as error:
                extra = mark(form, error)
        return self.render("targets/code.html", form=form, extra=extra, target=target)


def _may(permission: str) -> bool:
    return bool(current_app.appbuilder.sm.has_access(f"can_{permission}", "TargetView"))


def _unseen() -> set[str]:
    """Fields that are not there for this person, in the history neither."""
    kinds = {"risk_class": Kind.RISK_CLASS, "risk_score": Kind.RISK_CLASS}
    kinds |= {field: kind for field, (kind, _label) in SUBJECT.fields.items()}
    return {field for field, kind in kinds.items() if not i_see(kind)}


def _is_own(target: Target) -> bool:
    who = person()
    if who is None:
        return False
    if target.agency_id is None:
        return RoleName.OFFICE_ADMIN in who.actor.roles and target.region_id in current_scope().region_ids
    return RoleName.AGENCY_ADMIN in who.actor.roles and target.agency_id == who.actor.agency_id


def _stored(target: Target) -> dict[str, Any]:
    plain = (
        "code", "name", "kind", "address", "legal_representative", "contact", "registered_on", "tags",
        "version",
    )  # fmt: skip
    values = {name: getattr(target, name) for name in plain}
    return {**values, "region": target.region.code, "industry": target.industry_code or ""}


def _covered(target: Target | None) -> dict[str, str]:
    """Hints that stand in for personal data in a form: covered, and kept while the field stays empty."""
    if target is None:
        return {}
    return {
        name: _("Stored: %(value)s. Left empty, it stays.", value=field.text)
        for name, field in personal_fields(SUBJECT, target).items()
        if field.text
    }


def _choice(session: Session, model: type[Any], code: str | None) -> tuple[str, str]:
    found = session.scalars(select(model).where(model.code == code)).first() if code else None
    return (found.code, str(found)) if found is not None else (code or "", code or "")


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _chips(session: Session, kept: dict[str, str], kinds: dict[str, str]) -> list[dict[str, Any]]:
    """The active filters with their names and the URL without each."""
    labels = {
        "q": _l("Search"),
        "kind": _l("Kind of target"),
        "region": _l("Region"),
        "industry": _l("Industry"),
        "risk_class": _l("Credit risk"),
        "status": _l("Status"),
        "source": _l("Source"),
    }
    words = {
        "kind": lambda v: kinds.get(v, v),
        "region": lambda v: _choice(session, Region, v)[1],
        "industry": lambda v: _choice(session, Industry, v)[1],
        "status": lambda v: _(TargetStatus(v).label) if v in set(TargetStatus) else v,
        "source": lambda v: _(Source(v).label) if v in set(Source) else v,
    }
    return [
        {
            "name": name,
            "label": labels[name],
            "value": words[name](value) if name in words else value,
            "remove_url": url_for("TargetView.list", **{k: v for k, v in kept.items() if k != name}),
        }
        for name, value in kept.items()
        if name != "q"
    ]


def _find(session: Session, text: str, most: int) -> list[Found]:
    rows = queries.search(session, text, limit=most, phones=i_see(Kind.PHONE))
    return [
        Found(row.name, f"{row.code} · {row.region_name}", url_for("TargetView.show", target_id=row.id))
        for row in rows
    ]


SUBJECT = Subject(
    "target",
    Target,
    {
        "phone": (Kind.PHONE, _l("Telephone")),
        "home_address": (Kind.HOME_ADDRESS, _l("Home address of the operator")),
    },
    lambda target_id: url_for("TargetView.show", target_id=target_id),
    ("can_show", "TargetView"),
)
FINDER = Finder(_l("Targets"), _find)
MENU = MenuItem(
    "prepare",
    _l("Directory of targets"),
    "TargetView.list",
    "building-store",
    ("can_list", "TargetView"),
    order=30,
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(TargetView)
    finders.add(FINDER)
    subjects.add(SUBJECT)
    add_menu(MENU)
