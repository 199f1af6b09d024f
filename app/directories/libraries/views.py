"""Pages of the libraries: list, one library with its live figures, form, hand-picked targets."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import db
from app.directories.forms import mark
from app.directories.libraries import queries, services
from app.directories.libraries.forms import LibraryForm, PickForm, SelectionForm, stored
from app.directories.libraries.models import Library
from app.directories.libraries.rules import LibraryKind, SelectionRule
from app.directories.targets.models import Industry
from app.directories.targets.queries import kinds as target_kinds
from app.directories.targets.queries import specialty_names
from app.directories.targets.rules import TargetStatus
from app.kernel.errors import DomainError
from app.regulation.vocabulary import RiskClass
from app.security.access import guarded, only_at_home
from app.security.context import person, request_unit
from app.security.menu import MenuItem, add_menu
from app.security.models import Region
from app.security.protection.rules import Kind
from app.security.protection.showing import i_see
from app.security.rules import BUSINESS, RoleName
from app.security.views import PortalView

READERS = BUSINESS - {RoleName.INSPECTOR}


class LibraryView(PortalView):
    route_base = "/libraries"
    default_view = "list"
    grants = {"can_list": READERS, "can_show": READERS, "can_keep": services.KEEPERS}

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        return self.render(
            "libraries/list.html",
            libraries=queries.libraries(db.session()),
            kinds={kind.value: kind for kind in LibraryKind},
            may_keep=_may_keep(),
        )

    @expose("/<int:library_id>")
    @guarded("show")
    def show(self, library_id: int) -> Any:
        return self._page(queries.get_library(db.session(), library_id), PickForm(formdata=None), [])

    def _page(self, library: Library, form: PickForm, extra: list[str]) -> Any:
        session = db.session()
        counts = queries.members_by_class(session, library)
        return self.render(
            "libraries/show.html",
            library=library,
            kind=LibraryKind(library.kind),
            parts=rule_words(session, SelectionRule.from_json(library.rule)),
            sees_class=i_see(Kind.RISK_CLASS),
            counts=[(letter, counts[letter]) for letter in RiskClass if letter.value in counts],
            rows=sum(count.rows for count in counts.values()),
            eligible=sum(count.eligible for count in counts.values()),
            picks=queries.picks(session, library.id),
            form=form,
            extra=extra,
            may_keep=_may_keep() and _is_kept_here(library),
        )

    @expose("/add", methods=["GET", "POST"])
    @guarded("keep")
    def add(self) -> Any:
        form = LibraryForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    made = services.create_library(
                        unit, unit.actor.agency_id or 0, form.name.data or "", form.kind.data, form.rule()
                    )
                flash(_("The library is saved."), "success")
                return redirect(url_for("LibraryView.show", library_id=made.id))
            except DomainError as error:
                extra = mark(form, error)
        return self._form(form, extra, None)

    @expose("/<int:library_id>/edit", methods=["GET", "POST"])
    @guarded("keep")
    def edit(self, library_id: int) -> Any:
        library = queries.get_library(db.session(), library_id)
        only_at_home(library.agency_id)
        values = {
            **stored(library.rule),
            "name": library.name,
            "kind": library.kind,
            "version": library.version,
        }
        form = LibraryForm() if request.method == "POST" else LibraryForm(data=values)
        extra: list[str] = []
        if form.validate_on_submit():
            version = form.version.data or ""
            try:
                with request_unit() as unit:
                    services.change_library(
                        unit,
                        library_id,
                        form.name.data or "",
                        form.kind.data,
                        form.rule(),
                        int(version) if version.isascii() and version.isdecimal() else 0,
                    )
                flash(_("The library is saved."), "success")
                return redirect(url_for("LibraryView.show", library_id=library_id))
            except DomainError as error:
                extra = mark(form, error)
                form.version.data = str(queries.get_library(db.session(), library_id).version)
        return self._form(form, extra, library)

    def _form(self, form: LibraryForm, extra: list[str], library: Library | None) -> Any:
        offer_choices(db.session(), form)
        status = 422 if request.method == "POST" else 200
        return self.render("libraries/form.html", form=form, extra=extra, library=library), status

    @expose("/<int:library_id>/picks", methods=["POST"])
    @guarded("keep")
    def pick(self, library_id: int) -> Any:
        only_at_home(queries.get_library(db.session(), library_id).agency_id)
        form = PickForm()
        wanted = form.target.data or ""
        target_id = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 19 else 0
        try:
            with request_unit() as unit:
                services.pick_target(
                    unit,
                    library_id,
                    target_id,
                    included=form.included.data == "yes",
                    reason=form.reason.data or "",
                )
            flash(_("Saved."), "success")
            return redirect(url_for("LibraryView.show", library_id=library_id))
        except DomainError as error:
            extra = mark(form, error)
        form.target.choices = [(wanted, wanted)]
        return self._page(queries.get_library(db.session(), library_id), form, extra), 422

    @expose("/<int:library_id>/picks/<int:target_id>/drop", methods=["POST"])
    @guarded("keep")
    def drop(self, library_id: int, target_id: int) -> Any:
        only_at_home(queries.get_library(db.session(), library_id).agency_id)
        with request_unit() as unit:
            services.drop_pick(unit, library_id, target_id)
        flash(_("The rule alone decides about this target again."), "success")
        return redirect(url_for("LibraryView.show", library_id=library_id))


def offer_choices(session: Session, form: SelectionForm) -> None:
    """The choices of a selection's form, with the names of what is chosen."""
    kinds = [(kind.code, kind.name) for kind in target_kinds(session)]
    tags = specialty_names(session)
    names = {
        "industries": _names(session, Industry, form.industries.data or []),
        "regions": _names(session, Region, form.regions.data or []),
    }
    form.offer(kinds, tags, names)


def _names(session: Session, model: Any, codes: list[str]) -> dict[str, str]:
    return (
        {row.code: str(row) for row in session.scalars(select(model).where(model.code.in_(codes)))}
        if codes
        else {}
    )


def rule_words(session: Session, rule: SelectionRule) -> list[tuple[str, str]]:
    """The parts of a selection in words, for a list of facts."""
    kinds = {kind.code: kind.name for kind in target_kinds(session)} if rule.kinds else {}
    industries = _names(session, Industry, list(rule.industries))
    regions = _names(session, Region, list(rule.regions))
    parts = [
        (_("Kinds of targets"), [kinds.get(code, code) for code in rule.kinds]),
        (_("Industries"), [industries.get(code, code) for code in rule.industries]),
        (_("Regions"), [regions.get(code, code) for code in rule.regions]),
        (_("Credit-risk classes"), list(rule.classes) if i_see(Kind.RISK_CLASS) else []),
        (_("Specialties needed"), list(rule.tags)),
        (_("Status"), [_(TargetStatus(status).label) for status in rule.status]),
    ]
    return [(label, "、".join(words)) for label, words in parts if words]


def _may_keep() -> bool:
    return bool(current_app.appbuilder.sm.has_access("can_keep", "LibraryView"))


def _is_kept_here(library: Library) -> bool:
    who = person()
    return who is not None and who.actor.agency_id == library.agency_id


MENU = MenuItem(
    "prepare", _l("Libraries"), "LibraryView.list", "folder", ("can_list", "LibraryView"), order=50
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(LibraryView)
    add_menu(MENU)
