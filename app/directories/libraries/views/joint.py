"""Pages of joint libraries: founded on a joint item, of targets or of inspectors (R-13.1, R-17.1)."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.directories.forms import mark
from app.directories.libraries import queries, services
from app.directories.libraries.forms import JointLibraryForm, PeopleForm
from app.directories.libraries.places import joint_items
from app.directories.libraries.preview import preview
from app.directories.libraries.rules import LibraryKind, LibrarySubject
from app.directories.libraries.views.common import number_of, only_keepers
from app.directories.libraries.views.words import offer_choices
from app.directories.targets.queries import specialty_names
from app.kernel.errors import DomainError, Invalid
from app.security.access import guarded
from app.security.context import person, request_unit
from app.security.models import Agency
from app.security.views import PortalView


class JointPages(PortalView):
    """Mixed into `LibraryView`."""

    @expose("/joint/add", methods=["GET", "POST"])
    @guarded("keep")
    def add_joint(self) -> Any:
        form = JointLibraryForm()
        offer_items(form)
        extra: list[str] = []
        if request.form.get("act") != "count" and form.validate_on_submit():
            done, extra = self._found(form, LibrarySubject.TARGETS)
            if done is not None:
                return done
        offer_choices(db.session(), form)
        found = None
        if request.method == "POST":
            try:
                found = preview(db.session(), form.rule())
            except Invalid as error:
                extra = [*extra, *mark(form, error)]
        status = 422 if request.method == "POST" and request.form.get("act") != "count" else 200
        return self.render("libraries/joint.html", form=form, extra=extra, found=found), status

    @expose("/joint/people/add", methods=["GET", "POST"])
    @guarded("keep")
    def add_people(self) -> Any:
        form = PeopleForm()
        offer_items(form)
        form.specialties.choices = [(name, name) for name in specialty_names(db.session())]
        extra: list[str] = []
        if form.validate_on_submit():
            done, extra = self._found(form, LibrarySubject.INSPECTORS)
            if done is not None:
                return done
        status = 422 if request.method == "POST" else 200
        page = self.render("libraries/people_form.html", form=form, extra=extra, library=None)
        return page, status

    def _found(self, form: Any, subject: LibrarySubject) -> tuple[Any, list[str]]:
        try:
            with request_unit() as unit:
                made = services.found_joint_library(
                    unit,
                    number_of(form.joint_item.data),
                    form.name.data or "",
                    form.rule(),
                    subject.value,
                )
            flash(_("The joint library is founded; all agencies of the item keep it."), "success")
            return redirect(url_for("LibraryView.show", library_id=made.id)), []
        except DomainError as error:
            return None, mark(form, error)

    @expose("/<int:library_id>/people/edit", methods=["GET", "POST"])
    @guarded("keep")
    def edit_people(self, library_id: int) -> Any:
        library = queries.get_library(db.session(), library_id)
        only_keepers(library)
        if library.subject != LibrarySubject.INSPECTORS:
            abort(404)
        values = {
            "name": library.name,
            "version": library.version,
            "specialties": library.rule.get("specialties", []),
        }
        form = PeopleForm() if request.method == "POST" else PeopleForm(data=values)
        del form.joint_item
        form.specialties.choices = [(name, name) for name in specialty_names(db.session())]
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.change_library(
                        unit,
                        library_id,
                        form.name.data or "",
                        LibraryKind.JOINT.value,
                        form.rule(),
                        number_of(form.version.data),
                    )
                flash(_("The library is saved."), "success")
                return redirect(url_for("LibraryView.show", library_id=library_id))
            except DomainError as error:
                extra = mark(form, error)
                library = queries.get_library(db.session(), library_id)
                form.version.data = str(library.version)
        status = 422 if request.method == "POST" else 200
        return self.render("libraries/people_form.html", form=form, extra=extra, library=library), status


def offer_items(form: Any, but: int | None = None) -> None:
    """The joint items in which the own agency takes part, without one."""
    who, session = person(), db.session()
    agency = session.get(Agency, who.actor.agency_id) if who and who.actor.agency_id else None
    known = [pair for place in joint_items for pair in place.choices(session, agency)] if agency else []
    form.joint_item.choices = [("", "—"), *((str(number), label) for number, label in known if number != but)]
