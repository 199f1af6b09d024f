"""Pages that make and change a library: every filter, a live count, examples; from a template or from a list."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.directories.forms import mark
from app.directories.libraries import queries, services
from app.directories.libraries.forms import LibraryForm, stored
from app.directories.libraries.models import Library
from app.directories.libraries.preview import Preview, preview
from app.directories.libraries.rules import LibraryKind, LibrarySubject
from app.directories.libraries.starting import starting_points
from app.directories.libraries.views.common import number_of, only_keepers
from app.directories.libraries.views.words import from_filters, offer_choices
from app.directories.listing.shown import my_listing, state_of
from app.kernel.errors import DomainError, Invalid
from app.security.access import changes_nothing, guarded
from app.security.context import request_unit
from app.security.explain import explain_fault
from app.security.views import PortalView

LIST = "targets"


class EditingPages(PortalView):
    """Mixed into `LibraryView`."""

    @expose("/templates")
    @guarded("keep")
    def templates(self) -> Any:
        """The names of category libraries that are in use, to start from."""
        return self.render("libraries/templates.html", groups=starting_points())

    @expose("/add", methods=["GET", "POST"])
    @guarded("keep")
    def add(self) -> Any:
        extra: list[str] = []
        left: list[str] = []
        if request.method == "GET":
            values, left = _start()
            form = LibraryForm(data=values) if values else LibraryForm()
        else:
            form = LibraryForm()
        form.offer_kinds(joint=False)
        if request.form.get("act") == "count":
            return self._form(form, extra, None, left)
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
        return self._form(form, extra, None, left)

    @expose("/<int:library_id>/edit", methods=["GET", "POST"])
    @guarded("keep")
    def edit(self, library_id: int) -> Any:
        library = queries.get_library(db.session(), library_id)
        only_keepers(library)
        if library.subject == LibrarySubject.INSPECTORS:
            return redirect(url_for("LibraryView.edit_people", library_id=library.id))
        values = {
            **stored(library.rule),
            "name": library.name,
            "kind": library.kind,
            "version": library.version,
        }
        form = LibraryForm() if request.method == "POST" else LibraryForm(data=values)
        form.offer_kinds(joint=library.kind == LibraryKind.JOINT)
        extra: list[str] = []
        if request.form.get("act") == "count":
            return self._form(form, extra, library, [])
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.change_library(
                        unit,
                        library_id,
                        form.name.data or "",
                        form.kind.data,
                        form.rule(),
                        number_of(form.version.data),
                    )
                flash(_("The library is saved."), "success")
                return redirect(url_for("LibraryView.show", library_id=library_id))
            except DomainError as error:
                extra = mark(form, error)
                library = queries.get_library(db.session(), library_id)
                form.version.data = str(library.version)
        return self._form(form, extra, library, [])

    @expose("/count", methods=["POST"])
    @guarded("keep")
    @changes_nothing
    def count(self) -> Any:
        """The piece of the page that a script swaps while somebody composes a rule."""
        return self.render("libraries/_count.html", found=_preview(LibraryForm()))

    def _form(self, form: LibraryForm, extra: list[str], library: Library | None, left: list[str]) -> Any:
        offer_choices(db.session(), form)
        status = 422 if request.method == "POST" and request.form.get("act") != "count" else 200
        page = self.render(
            "libraries/form.html",
            form=form,
            extra=extra,
            library=library,
            left=[_label(key) for key in left],
            found=_preview(form),
        )
        return page, status


def _preview(form: LibraryForm) -> Preview:
    try:
        return preview(db.session(), form.rule())
    except Invalid as error:
        return Preview(0, 0, 0, (), tuple(explain_fault(fault) for fault in error.faults))


def _start() -> tuple[dict[str, Any], list[str]]:
    """What the form begins with: a template, or the filters of the list; and what no rule can say of them."""
    number = number_of(request.args.get("template"))
    for group in starting_points():
        for point in group.points:
            if point.no == number:
                return {**stored(point.rule), "name": point.name, "kind": LibraryKind.CATEGORY.value}, []
    seen = my_listing(LIST)
    if not request.args:
        return {}, []
    state = state_of(db.session(), seen, request.args)
    values, left = from_filters(state.filters)
    if state.q:
        left.insert(0, "q")
    if "status" not in values:
        values["status"] = ["active"]
    return values, left


def _label(key: str) -> str:
    if key == "q":
        return _("Search")
    found = my_listing(LIST).filter(key)
    return str(found.label) if found else key
