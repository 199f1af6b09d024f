"""Pages that all directories share: look-ups of selects, imports, the vocabularies' screens."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, jsonify, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.db import db
from app.directories import services, vocabularies
from app.directories.forms import ImportForm, mark
from app.directories.inspectors.models import Inspector
from app.directories.models import ImportRun
from app.directories.regions import move_rows
from app.directories.reports import errors_csv
from app.directories.rules import ImportMode
from app.directories.targets import queries as targets
from app.directories.targets.models import Industry
from app.directories.targets.search import like_pattern
from app.kernel.errors import DomainError, NotFound
from app.people.places import after_region_merged
from app.security.access import guarded, signed_in
from app.security.context import current_scope, request_unit
from app.security.models import Agency, Region
from app.security.rules import RoleName
from app.security.views import PortalView

MOST_FOUND = 20
LONGEST_QUERY = 60
SHOWN_ERRORS = 200

Hit = dict[str, Any]


class LookupView(PortalView):
    """`/lookup/<kind>?q=`: at most twenty choices for a select, within the scope."""

    route_base = "/lookup"

    @expose("/<kind>")
    @signed_in
    def find(self, kind: str) -> Response:
        finder = FINDERS.get(kind)
        if finder is None:
            abort(404)
        text = request.args.get("q", "").strip()[:LONGEST_QUERY]
        return jsonify(finder(db.session(), text))


def _targets(session: Session, text: str) -> list[Hit]:
    rows = targets.search(session, text, limit=MOST_FOUND)
    return [{"id": row.id, "label": row.name, "note": f"{row.code} · {row.region_name}"} for row in rows]


def _inspectors(session: Session, text: str) -> list[Hit]:
    pattern = f"%{like_pattern(text)}%"
    rows = session.scalars(
        select(Inspector)
        .where(
            Inspector.active,
            or_(
                Inspector.name.like(pattern, escape="\\"), Inspector.certificate_no.like(pattern, escape="\\")
            ),
        )
        .order_by(Inspector.certificate_no)
        .limit(MOST_FOUND)
    )
    return [{"id": row.id, "label": row.name, "note": f"{row.certificate_no} · {row.unit}"} for row in rows]


def _industries(session: Session, text: str) -> list[Hit]:
    rows = session.scalars(_by_code_or_name(Industry, text).order_by(Industry.code).limit(MOST_FOUND))
    return [{"id": row.code, "label": str(row), "note": ""} for row in rows]


def _regions(session: Session, text: str) -> list[Hit]:
    scope = current_scope()
    rows = session.scalars(
        _by_code_or_name(Region, text)
        .where(Region.id.in_(scope.region_ids))
        .order_by(Region.path)
        .limit(MOST_FOUND)
    )
    return [{"id": row.code, "label": row.name, "note": row.code} for row in rows]


def _agencies(session: Session, text: str) -> list[Hit]:
    scope = current_scope()
    rows = session.scalars(
        _by_code_or_name(Agency, text)
        .where(
            or_(Agency.region_id.in_(scope.region_ids), Agency.id.in_(scope.readable_agency_ids)),
            Agency.active,
        )
        .order_by(Agency.code)
        .limit(MOST_FOUND)
    )
    return [{"id": row.code, "label": row.name, "note": row.code} for row in rows]


def _by_code_or_name(model: Any, text: str) -> Any:
    pattern = like_pattern(text)
    return select(model).where(
        or_(model.code.like(f"{pattern}%", escape="\\"), model.name.like(f"%{pattern}%", escape="\\"))
    )


FINDERS = {
    "targets": _targets,
    "inspectors": _inspectors,
    "industries": _industries,
    "regions": _regions,
    "agencies": _agencies,
}


class ImportView(PortalView):
    """A spreadsheet on its way into a directory: hand over, look at the result, take over."""

    route_base = "/imports"
    default_view = "upload"
    grants = {"can_import": frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN})}

    @expose("/<kind>/new", methods=["GET", "POST"])
    @guarded("import")
    def upload(self, kind: str) -> Any:
        if kind not in TITLES:
            abort(404)
        form = ImportForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    run = services.receive(
                        unit,
                        kind,
                        form.file.data.read(),
                        form.file.data.filename or "",
                        mode=ImportMode(form.mode.data),
                        agency_id=_own_rows(unit.actor.roles, unit.actor.agency_id, kind),
                    )
                return redirect(url_for("ImportView.show", run_id=run.id))
            except DomainError as error:
                extra = mark(form, error)
        status = 422 if request.method == "POST" else 200
        return self.render(
            "imports/upload.html", form=form, extra=extra, kind=kind, title=TITLES[kind]
        ), status

    @expose("/<int:run_id>")
    @guarded("import")
    def show(self, run_id: int) -> Any:
        run = _run(run_id)
        errors = run.report.get("errors", [])[:SHOWN_ERRORS]
        return self.render(
            "imports/show.html", run=run, errors=errors, title=TITLES[run.kind], back=BACK[run.kind]
        )

    @expose("/<int:run_id>/part")
    @guarded("import")
    def part(self, run_id: int) -> str:
        return self.render("imports/part.html", run=_run(run_id))

    @expose("/<int:run_id>/commit", methods=["POST"])
    @guarded("import")
    def commit(self, run_id: int) -> Any:
        _run(run_id)
        try:
            with request_unit() as unit:
                run = services.take_over(unit, run_id, skip_bad=request.form.get("skip_bad") == "yes")
            if run.state == "committed":
                flash(_("The file is taken over."), "success")
        except DomainError as error:
            flash(" ".join(mark(ImportForm(formdata=None), error)), "danger")
        return redirect(url_for("ImportView.show", run_id=run_id))

    @expose("/<int:run_id>/faults.csv")
    @guarded("import")
    def faults(self, run_id: int) -> Response:
        """The bad rows with the reasons, to be corrected in a spreadsheet."""
        headings = [_("Sheet"), _("Row"), _("Column"), _("Value"), _("Code"), _("What is wrong")]
        body = errors_csv(_run(run_id).report.get("errors", []), headings)
        disposition = {"Content-Disposition": f"attachment; filename=faults-{run_id}.csv"}
        return Response(body, mimetype="text/csv", headers=disposition)


TITLES = {"targets": _l("Import targets"), "inspectors": _l("Import inspectors")}
BACK = {"targets": "TargetView.list", "inspectors": "InspectorView.list"}


def _own_rows(roles: frozenset[str], agency_id: int | None, kind: str) -> int | None:
    """An office's targets go into the base directory, everything else into the own agency's rows."""
    return None if kind == "targets" and RoleName.OFFICE_ADMIN in roles else agency_id


def _run(run_id: int) -> ImportRun:
    run = db.session.scalars(select(ImportRun).where(ImportRun.id == run_id)).first()
    if run is None:
        raise NotFound("not_in_scope", kind="import")
    return run


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(LookupView)
    appbuilder.add_view_no_menu(ImportView)
    vocabularies.register(appbuilder)
    after_region_merged.add(move_rows)
