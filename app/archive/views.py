"""Dossiers: list, page with contents and digests, download, and the act of closing a task."""

from __future__ import annotations

from io import BytesIO
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.archive import queries, services
from app.archive.rules import may_build
from app.db import db
from app.inspections.queries import settlement
from app.kernel.errors import DomainError
from app.security.access import guarded
from app.security.context import person, request_unit
from app.security.explain import explain
from app.security.menu import MenuItem, add_menu
from app.security.requests import primary_key
from app.security.rules import RoleName
from app.security.scoping import unscoped
from app.security.views import Grants, PortalView
from app.tasks.queries import get_task

READERS = frozenset(
    {RoleName.CLERK, RoleName.AGENCY_ADMIN, RoleName.REVIEWER, RoleName.OFFICE_ADMIN, RoleName.AUDITOR}
)


class DossierView(PortalView):
    """Keyset list; every download leaves an event."""

    route_base = "/dossiers"
    grants: ClassVar[Grants] = {
        "can_list": READERS,
        "can_show": READERS,
        "can_download": READERS,
        "can_close": services.CLERKS,
        "can_build": services.CLERKS,
    }

    @expose("/")
    @guarded()
    def list(self) -> str:
        given = request.args.get("before")
        rows = queries.dossiers(db.session(), before=primary_key(given) if given is not None else None)
        more = rows[queries.PAGE - 1].id if len(rows) > queries.PAGE else None
        next_url = url_for("DossierView.list", before=more) if more else None
        return self.render("archive/list.html", rows=rows[: queries.PAGE], next_url=next_url)

    @expose("/<pk>")
    @guarded()
    def show(self, pk: str) -> str:
        return self.render("archive/show.html", dossier=queries.get_dossier(db.session(), primary_key(pk)))

    @expose("/<pk>/download")
    @guarded()
    def download(self, pk: str) -> Response:
        with request_unit() as unit:
            dossier, content = services.note_download(unit, primary_key(pk))
        name = f"{dossier.no}.zip"
        return send_file(BytesIO(content), "application/zip", as_attachment=True, download_name=name)

    @expose("/close/<pk>", methods=["GET", "POST"])
    @guarded()
    def close(self, pk: str) -> Response | str:
        errors: list[str] = []
        if request.method == "POST":
            try:
                with request_unit() as unit:
                    task = services.close_task(unit, primary_key(pk))
                flash(_("The task is closed. Its dossiers are being built."), "success")
                return redirect(url_for("TaskPages.show", pk=task.id))
            except DomainError as error:
                errors = [explain(error)]
        return self._close_page(pk, errors)

    @expose("/build/<pk>", methods=["POST"])
    @guarded()
    def build(self, pk: str) -> Response | str:
        try:
            with request_unit() as unit:
                job = services.start_building(unit, primary_key(pk))
        except DomainError as error:
            return self._close_page(pk, [explain(error)])
        return redirect(url_for("JobPage.show", pk=job))

    def _close_page(self, pk: str, errors: list[str]) -> str:
        session = db.session()
        task = get_task(session, primary_key(pk))
        who = person()
        if who is None or who.actor.agency_id != task.initiator_id:
            abort(404)
        with unscoped(session, "the forms of all agencies of the own task, counted"):
            found = settlement(session, task.id)
            open_cases = queries.open_follow_ups(session, task.id)
        rows = queries.dossiers_of_task(session, task.id)
        return self.render(
            "archive/close.html",
            task=task,
            found=found,
            open_cases=open_cases,
            rows=rows,
            is_closed=bool(may_build(task.state)),
            errors=errors,
        )


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(DossierView)
    add_menu(
        MenuItem(
            group="sum_up",
            label=_l("Dossiers"),
            endpoint="DossierView.list",
            icon="archive",
            permission=("can_list", "DossierView"),
        )
    )
