"""Pages of the directory of targets: list, one target, and one page per act."""

from __future__ import annotations

from dataclasses import fields
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
from app.directories.paging import key_of, page_urls
from app.directories.rules import masked_address, masked_phone
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
        "can_reveal": services.REVEALERS,
    }

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        session = db.session()
        wanted = TargetFilter(
            **{f.name: request.args.get(f.name, "").strip()[:60] for f in fields(TargetFilter)}
        )
        after, before = key_of(request.args.get("after")), key_of(request.args.get("before"))
        page = queries.page(session, wanted, after=after, before=before)
        kept = {f.name: getattr(wanted, f.name) for f in fields(TargetFilter) if getattr(wanted, f.name)}
        previous, following = page_urls("TargetView.list", kept, page.before, page.after)
        kinds = queries.kinds(session)
        chips = _chips(session, kept, {kind.code: kind.name for kind in kinds})
        return self.render(
            "targets/list.html",
            page=page,
            total=queries.count(session, wanted),
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

    def _page(self, target: Target, revealed: bool = False, form: ReasonForm | None = None) -> Any:
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
            history=change_lines(session, queries.history(session, target.id)),
            panels=[(title, Markup(html)) for title, html in extra if html],
            phone=target.phone if revealed else masked_phone(target.phone),
            home_address=target.home_address if revealed else masked_address(target.home_address),
            revealed=revealed,
            reveal_form=form or ReasonForm(formdata=None),
            may_keep=_may("keep") and _is_own(target),
            may_reveal=_may("reveal"),
        )

    @expose("/<int:target_id>/personal", methods=["POST"])
    @guarded("reveal")
    def reveal(self, target_id: int) -> Any:
        form = ReasonForm()
        session = db.session()
        try:
            with request_unit() as unit:
                services.reveal(unit, target_id, form.reason.data or "")
        except DomainError as error:
            form.reason.errors = mark(form, error)
            return self._page(queries.get_target(session, target_id), form=form), error.status
        return self._page(queries.get_target(session, target_id), revealed=True)

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
    stored = {"phone": masked_phone(target.phone), "home_address": masked_address(target.home_address)}
    return {
        name: _("Stored: %(value)s. Left empty, it stays.", value=value)
        for name, value in stored.items()
        if value
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
    rows = queries.search(session, text, limit=most)
    return [
        Found(row.name, f"{row.code} · {row.region_name}", url_for("TargetView.show", target_id=row.id))
        for row in rows
    ]


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
    add_menu(MENU)
