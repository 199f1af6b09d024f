"""Acts on the members: one target by hand, many from the list, the own inspectors of a joint library."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.db import db
from app.directories.forms import mark
from app.directories.libraries import queries, services
from app.directories.libraries.forms import IntoForm, PersonForm, PickForm
from app.directories.libraries.models import Library
from app.directories.libraries.rules import LibrarySubject
from app.directories.libraries.views.common import is_kept_here, number_of, only_keepers
from app.directories.listing import queries as lists
from app.directories.listing.shown import my_listing, state_of
from app.directories.targets.models import Target
from app.kernel.errors import DomainError
from app.security.access import guarded
from app.security.context import request_unit
from app.security.views import PortalView

LIST = "targets"
EXAMPLES = 8
MOST_TICKED = 1000


class PickingPages(PortalView):
    """Mixed into `LibraryView`."""

    @expose("/<int:library_id>/picks", methods=["POST"])
    @guarded("keep")
    def pick(self, library_id: int) -> Any:
        only_keepers(queries.get_library(db.session(), library_id))
        form = PickForm()
        wanted = form.target.data or ""
        try:
            with request_unit() as unit:
                services.pick_target(
                    unit,
                    library_id,
                    number_of(wanted),
                    included=form.included.data == "yes",
                    reason=form.reason.data or "",
                )
            flash(_("Saved."), "success")
            return redirect(url_for("LibraryView.show", library_id=library_id))
        except DomainError as error:
            extra = mark(form, error)
        form.target.choices = [(wanted, wanted)]
        return self.page_of(queries.get_library(db.session(), library_id), form, extra), 422

    @expose("/<int:library_id>/picks/<int:target_id>/drop", methods=["POST"])
    @guarded("keep")
    def drop(self, library_id: int, target_id: int) -> Any:
        only_keepers(queries.get_library(db.session(), library_id))
        with request_unit() as unit:
            services.drop_pick(unit, library_id, target_id)
        flash(_("The rule alone decides about this target again."), "success")
        return redirect(url_for("LibraryView.show", library_id=library_id))

    @expose("/into", methods=["GET", "POST"])
    @guarded("keep")
    def into(self) -> Any:
        """Ticked rows of the list, or all that its filters leave, into a library by hand."""
        session, listing = db.session(), my_listing(LIST)
        state = state_of(session, listing, request.values)
        everything = request.values.get("all") == "1"
        ids = None if everything else _ticked()
        form = IntoForm()
        extra: list[str] = []
        refused = False
        if request.form.get("act") == "save":
            try:
                with request_unit() as unit:
                    number = services.pick_targets(
                        unit,
                        number_of(form.library.data),
                        lists.chosen(unit.session, listing, state, ids),
                        included=form.included.data == "yes",
                        reason=form.reason.data or "",
                    )
                flash(_("%(n)s targets are noted in the library.", n=f"{number:,}"), "success")
                return redirect(url_for("LibraryView.picks", library_id=number_of(form.library.data)))
            except DomainError as error:
                refused, extra = True, mark(form, error)
        chosen = lists.chosen(session, listing, state, ids)
        number = session.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
        table = Target.__table__.c
        named = lists.chosen(session, listing, state, ids, table.id, table.name, table.code)
        examples = session.execute(named.limit(EXAMPLES)).all()
        form.library.choices = [("", "—"), *((str(one.id), one.name) for one in _mine())]
        pairs = [("ids", str(number)) for number in ids] if ids is not None else [("all", "1")]
        page = self.render(
            "libraries/into.html",
            form=form,
            extra=extra,
            number=number,
            examples=examples,
            pairs=[*pairs, *state.pairs()],
            filters_url=url_for("LibraryView.add", **state.to_args(paging=False)) if everything else None,
        )
        return (page, 422) if refused else page

    @expose("/<int:library_id>/people", methods=["POST"])
    @guarded("keep")
    def pick_person(self, library_id: int) -> Any:
        library = queries.get_library(db.session(), library_id)
        only_keepers(library)
        _only_people(library)
        form = PersonForm()
        wanted = form.inspector.data or ""
        try:
            with request_unit() as unit:
                services.pick_person(
                    unit,
                    library_id,
                    number_of(wanted),
                    included=form.included.data == "yes",
                    reason=form.reason.data or "",
                )
            flash(_("Saved."), "success")
            return redirect(url_for("LibraryView.show", library_id=library_id))
        except DomainError as error:
            extra = mark(form, error)
        form.inspector.choices = [(wanted, wanted)]
        return self.page_of(queries.get_library(db.session(), library_id), form, extra), 422

    @expose("/<int:library_id>/people/<int:inspector_id>/drop", methods=["POST"])
    @guarded("keep")
    def drop_person(self, library_id: int, inspector_id: int) -> Any:
        library = queries.get_library(db.session(), library_id)
        only_keepers(library)
        _only_people(library)
        with request_unit() as unit:
            services.drop_person(unit, library_id, inspector_id)
        flash(_("The rule alone decides about this inspector again."), "success")
        return redirect(url_for("LibraryView.show", library_id=library_id))


def _only_people(library: Library) -> None:
    if library.subject != LibrarySubject.INSPECTORS:
        abort(404)


def _ticked() -> list[int]:
    found = [number_of(text) for text in request.values.getlist("ids")[:MOST_TICKED]]
    return [number for number in dict.fromkeys(found) if number]


def _mine() -> list[Library]:
    """Libraries of targets that the own agency keeps."""
    known = queries.libraries(db.session(), subject=LibrarySubject.TARGETS.value)
    return [library for library in known if is_kept_here(library)]
