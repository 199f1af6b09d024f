"""Systems: who may push, the last batches, their figures and faults."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import db
from app.directories.forms import mark
from app.directories.sources import queries
from app.directories.sources.forms import ChangeSystemForm, SystemForm
from app.directories.sources.models import SourcePush
from app.directories.sources.services import registering
from app.kernel.errors import DomainError, NotFound
from app.security.access import guarded, only_at_home
from app.security.context import current_scope, request_unit
from app.security.models import Agency
from app.security.rules import RoleName
from app.security.views import PortalView

READERS = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN, RoleName.AUDITOR})
KEEPERS = frozenset({RoleName.OFFICE_ADMIN})
FIGURES = ("rows", "new", "changed", "unchanged", "conflict", "bad")


class SourceView(PortalView):
    route_base = "/sources"
    default_view = "list"
    grants = {"can_list": READERS, "can_keep": KEEPERS}

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        session = db.session()
        found = queries.systems(session)
        return self.render(
            "sources/list.html",
            systems=found,
            standings=queries.standings(session, found),
            may_keep=_may_keep(),
        )

    @expose("/<int:system_id>")
    @guarded("list")
    def show(self, system_id: int) -> Any:
        session = db.session()
        system = queries.get_system(session, system_id)
        return self.render(
            "sources/show.html",
            system=system,
            pushes=queries.pushes_of(session, system.id),
            waiting=queries.count_open(session, queries.ConflictFilter(source=system.code)),
            figures=FIGURES,
            may_keep=_may_keep() and system.office_id in current_scope().agency_ids,
        )

    @expose("/pushes/<int:push_id>")
    @guarded("list")
    def push(self, push_id: int) -> Any:
        found = db.session.scalars(select(SourcePush).where(SourcePush.id == push_id)).first()
        if found is None:
            raise NotFound("not_in_scope", kind="source_push")
        return self.render(
            "sources/push.html", push=found, system=found.system, figures=FIGURES, errors=found.errors
        )

    @expose("/add", methods=["GET", "POST"])
    @guarded("keep")
    def add(self) -> Any:
        form = SystemForm()
        form.agency.choices = [("", _("The base directory")), *_agencies(db.session())]
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    system = registering.register_system(
                        unit,
                        code=form.code.data or "",
                        name=form.name.data or "",
                        agency_id=_number(form.agency.data),
                        note=form.note.data or "",
                    )
                flash(_("%(name)s may push now.", name=system.name), "success")
                return redirect(url_for("SourceView.show", system_id=system.id))
            except DomainError as error:
                extra = mark(form, error)
        return self.render("sources/form.html", form=form, extra=extra, system=None), _status()

    @expose("/<int:system_id>/edit", methods=["GET", "POST"])
    @guarded("keep")
    def edit(self, system_id: int) -> Any:
        system = queries.get_system(db.session(), system_id)
        only_at_home(system.office_id)
        form = ChangeSystemForm(obj=system)
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    registering.change_system(
                        unit,
                        system_id,
                        name=form.name.data or "",
                        note=form.note.data or "",
                        active=bool(form.active.data),
                        version=_number(form.version.data) or 0,
                    )
                flash(_("Saved."), "success")
                return redirect(url_for("SourceView.show", system_id=system_id))
            except DomainError as error:
                extra = mark(form, error)
                system = queries.get_system(db.session(), system_id)
                form.version.data = str(system.version)
        return self.render("sources/form.html", form=form, extra=extra, system=system), _status()


def _agencies(session: Session) -> list[tuple[str, str]]:
    query = select(Agency).where(
        Agency.region_id.in_(current_scope().region_ids), Agency.active, ~Agency.is_office
    )
    return [(str(agency.id), agency.name) for agency in session.scalars(query.order_by(Agency.code))]


def _may_keep() -> bool:
    return bool(current_app.appbuilder.sm.has_access("can_keep", "SourceView"))


def _number(text: Any) -> int | None:
    found = str(text or "")
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 10 else None


def _status() -> int:
    return 422 if request.method == "POST" else 200
