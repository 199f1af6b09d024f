"""Pages that put a library away, take it out again, and carry a joint one to the next year."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.directories.forms import mark
from app.directories.libraries import queries, services
from app.directories.libraries.forms import ArchiveForm, CarryForm
from app.directories.libraries.models import Library
from app.directories.libraries.views.common import number_of, only_keepers
from app.directories.libraries.views.joint import offer_items
from app.kernel.clock import today
from app.kernel.errors import DomainError
from app.security.access import guarded
from app.security.context import current_clock, request_unit
from app.security.views import PortalView


class RestingPages(PortalView):
    """Mixed into `LibraryView`."""

    @expose("/<int:library_id>/archive", methods=["GET", "POST"])
    @guarded("keep")
    def archive(self, library_id: int) -> Any:
        library = self._own(library_id)
        form, extra = ArchiveForm(), []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.archive_library(unit, library_id, form.reason.data or "")
                flash(_("The library is put away."), "success")
                return redirect(url_for("LibraryView.show", library_id=library_id))
            except DomainError as error:
                extra = mark(form, error)
                library = self._own(library_id)
        with request_unit() as unit:
            uses = services.uses_of(unit, library)
        status = 422 if request.method == "POST" else 200
        page = self.render("libraries/archive.html", library=library, form=form, extra=extra, uses=uses)
        return page, status

    @expose("/<int:library_id>/restore", methods=["POST"])
    @guarded("keep")
    def restore(self, library_id: int) -> Any:
        self._own(library_id)
        try:
            with request_unit() as unit:
                services.restore_library(unit, library_id)
            flash(_("The library is in use again."), "success")
        except DomainError as error:
            flash(" ".join(mark(ArchiveForm(formdata=None), error)), "danger")
        return redirect(url_for("LibraryView.show", library_id=library_id))

    @expose("/<int:library_id>/carry", methods=["GET", "POST"])
    @guarded("keep")
    def carry(self, library_id: int) -> Any:
        library = self._own(library_id)
        if library.joint_item_id is None:
            abort(404)
        year = today(current_clock()).year + 1
        form = CarryForm(data={"name": f"{library.name} {year}"}) if request.method == "GET" else CarryForm()
        offer_items(form, but=library.joint_item_id)
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    done = services.carry_library(
                        unit, library_id, number_of(form.joint_item.data), form.name.data or ""
                    )
                flash(
                    _("The joint library is carried on, with %(n)s additions and exclusions.", n=done.picks),
                    "success",
                )
                if done.left:
                    flash(
                        _(
                            "%(n)s of inspectors whose agency takes no part any more were left out.",
                            n=done.left,
                        ),
                        "warning",
                    )
                return redirect(url_for("LibraryView.show", library_id=done.library.id))
            except DomainError as error:
                extra = mark(form, error)
                library = self._own(library_id)
        status = 422 if request.method == "POST" else 200
        return self.render("libraries/carry.html", library=library, form=form, extra=extra), status

    def _own(self, library_id: int) -> Library:
        library = queries.get_library(db.session(), library_id)
        only_keepers(library)
        return library
