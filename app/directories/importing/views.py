"""A spreadsheet on its way into a directory: hand over, say what the columns mean, look at the difference, take over,
undo.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.db import db
from app.directories.forms import mark
from app.directories.importing import asking, preview, services
from app.directories.importing.checking import options_of
from app.directories.importing.files import bad_rows_of, bad_sheet, template
from app.directories.importing.forms import MODES, ChoiceForm, ImportForm, UndoImportForm
from app.directories.importing.kinds import ImportKind, import_kinds
from app.directories.importing.models import ImportRun
from app.directories.importing.reports import errors_csv
from app.directories.importing.undoing import undo_import
from app.directories.rules import ImportMode
from app.jobs.queries import job_view
from app.kernel.errors import DomainError, NotFound
from app.kernel.spreadsheet import MOST_BYTES
from app.kernel.workbook import XLSX
from app.security.access import guarded
from app.security.context import current_actor, request_unit
from app.security.rules import RoleName
from app.security.views import PortalView

SHOWN_RUNS = 50
# Of the form around the file.
_AROUND = 1024 * 1024

STATES = {
    "choosing": (_l("Columns to be named"), "warn"),
    "waiting": (_l("Being checked"), "info"),
    "checked": (_l("Checked"), "info"),
    "committing": (_l("Being taken over"), "info"),
    "committed": (_l("Taken over"), "ok"),
    "undoing": (_l("Being undone"), "warn"),
    "undone": (_l("Undone"), "mute"),
    "failed": (_l("Not readable"), "bad"),
}


class ImportView(PortalView):
    route_base = "/imports"
    default_view = "runs"
    grants = {"can_import": frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN})}

    @expose("/")
    @guarded("import")
    def runs(self) -> str:
        """The files that one has handed over, so that a page that was left is found again."""
        mine = select(ImportRun).order_by(ImportRun.id.desc()).limit(SHOWN_RUNS)
        kinds = [kind for kind in import_kinds.values() if kind.roles & current_actor().roles]
        return self.render(
            "imports/runs.html",
            runs=db.session.scalars(mine).all(),
            states=STATES,
            kinds=kinds,
            all=import_kinds,
        )

    @expose("/<kind>/new", methods=["GET", "POST"])
    @guarded("import")
    def upload(self, kind: str) -> Any:
        known = _kind(kind)
        form = ImportForm()
        form.offer(known.modes)
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
                        agency_id=known.own_rows(unit.actor.roles, unit.actor.agency_id),
                    )
                return redirect(url_for(_next(run), run_id=run.id))
            except DomainError as error:
                extra = mark(form, error)
        status = 422 if request.method == "POST" else 200
        return self.render("imports/upload.html", form=form, extra=extra, kind=known), status

    @expose("/<kind>/template.xlsx")
    @guarded("import")
    def template(self, kind: str) -> Response:
        """The columns of a kind, with the office's own words to choose from."""
        known = _kind(kind)
        with request_unit() as unit:
            agency_id = known.own_rows(unit.actor.roles, unit.actor.agency_id)
            known.permission(unit, agency_id)
            body = template(known, known.template(unit, agency_id), str(known.title))
        return _download(body, XLSX, f"{kind}-template.xlsx")

    @expose("/<int:run_id>")
    @guarded("import")
    def show(self, run_id: int) -> Any:
        run = _run(run_id)
        if run.state == "choosing":
            return redirect(url_for("ImportView.columns", run_id=run_id))
        tab, number = request.args.get("tab", ""), request.args.get("page", "1")
        counts = {name: run.report.get(name) or 0 for name in preview.TABS}
        if tab not in preview.TABS:
            tab = next((name for name in ("bad", *preview.TABS) if counts[name]), "new")
        page = None
        if not run.is_busy and run.state != "failed":
            with request_unit() as unit:
                page = preview.page_of(
                    unit, run, tab, int(number) if number.isdecimal() and len(number) < 10 else 1
                )
        return self.render(
            "imports/show.html",
            run=run, kind=_kind(run.kind), tab=tab, page=page, counts=counts, words=_words(run), job=_job(run),
        )  # fmt: skip

    @expose("/<int:run_id>/part")
    @guarded("import")
    def part(self, run_id: int) -> str:
        run = _run(run_id)
        return self.render("imports/part.html", run=run, job=_job(run))

    @expose("/<int:run_id>/columns", methods=["GET", "POST"])
    @guarded("import")
    def columns(self, run_id: int) -> Any:
        """Which sheets, where their headings stand, what each column means, what happens with known rows."""
        run = _run(run_id)
        kind = _kind(run.kind)
        form = ChoiceForm(data={"key": options_of(run).key, "mode": run.mode})
        form.key.choices = [(name, label) for name, label in kind.key_choices]
        form.mode.choices = [(mode.value, MODES[mode]) for mode in kind.modes]
        extra: list[str] = []
        faults: dict[str, str] = {}
        if request.method == "POST":
            try:
                with request_unit() as unit:
                    if "again" in request.form:
                        services.look_again(unit, run_id, asking.headings(unit, run_id, request.form))
                        return redirect(url_for("ImportView.columns", run_id=run_id))
                    run = services.choose(unit, run_id, asking.choice(unit, kind, run, request.form))
                return redirect(url_for(_next(run), run_id=run_id))
            except DomainError as error:
                faults = asking.faults_by_field(error)
                extra = asking.sentences(kind, error)
        elif run.state == "choosing":
            extra = [line["message"] for line in run.report.get("faults", [])]
        with request_unit() as unit:
            asked = asking.question(unit, kind, run, request.form if request.method == "POST" else None)
        status = 422 if request.method == "POST" else 200
        return self.render(
            "imports/columns.html", run=run, kind=kind, form=form, extra=extra, faults=faults, asked=asked
        ), status

    @expose("/<int:run_id>/check", methods=["POST"])
    @guarded("import")
    def check(self, run_id: int) -> Response:
        return _act(run_id, lambda unit: services.check_again(unit, run_id))

    @expose("/<int:run_id>/commit", methods=["POST"])
    @guarded("import")
    def commit(self, run_id: int) -> Response:
        skip_bad = request.form.get("skip_bad") == "yes"
        return _act(
            run_id,
            lambda unit: services.take_over(unit, run_id, skip_bad=skip_bad),
            _("The file is taken over."),
        )

    @expose("/<int:run_id>/undo", methods=["GET", "POST"])
    @guarded("import")
    def undo(self, run_id: int) -> Any:
        run = _run(run_id)
        form = UndoImportForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    undo_import(unit, run_id, form.reason.data or "")
                return redirect(url_for("ImportView.show", run_id=run_id))
            except DomainError as error:
                extra = mark(form, error)
        status = 422 if request.method == "POST" else 200
        return self.render("imports/undo.html", run=run, kind=_kind(run.kind), form=form, extra=extra), status

    @expose("/<int:run_id>/faults.csv")
    @guarded("import")
    def faults(self, run_id: int) -> Response:
        """Every fault with its place, one a line."""
        headings = [_("Sheet"), _("Row"), _("Column"), _("Value"), _("Code"), _("What is wrong")]
        body = errors_csv(_run(run_id).report.get("errors", []), headings)
        return _download(body, "text/csv", f"faults-{run_id}.csv")

    @expose("/<int:run_id>/bad-rows")
    @guarded("import")
    def bad_rows(self, run_id: int) -> Response:
        """The rows with faults as the same sheet with the reasons, to be corrected and handed over again."""
        run = _run(run_id)
        body, ending = bad_sheet(run, bad_rows_of(db.session(), run))
        return _download(body, XLSX if ending == "xlsx" else "text/csv", f"bad-rows-{run_id}.{ending}")


def _kind(name: str) -> ImportKind:
    """The kind, for whoever has a role that imports it; to others it is not there."""
    known = import_kinds.get(name)
    if known is None or not known.roles & current_actor().roles:
        abort(404)
    return known


def _run(run_id: int) -> ImportRun:
    run = db.session.scalars(select(ImportRun).where(ImportRun.id == run_id)).first()
    if run is None:
        raise NotFound("not_in_scope", kind="import")
    return run


def _next(run: ImportRun) -> str:
    return "ImportView.columns" if run.state == "choosing" else "ImportView.show"


def _act(run_id: int, act: Any, done: str = "") -> Response:
    _run(run_id)
    try:
        with request_unit() as unit:
            run = act(unit)
        if done and run.state == "committed":
            flash(done, "success")
    except DomainError as error:
        flash(" ".join(mark(ChoiceForm(formdata=None), error)), "danger")
    return redirect(url_for("ImportView.show", run_id=run_id))


def _words(run: ImportRun) -> dict[str, Any]:
    key = dict(import_kinds[run.kind].key_choices).get(options_of(run).key, "")
    label, tone = STATES[run.state]
    return {"mode": MODES[ImportMode(run.mode)], "key": key, "state": label, "tone": tone}


def _job(run: ImportRun) -> Any:
    if not run.is_busy or run.job_id is None:
        return None
    membership = current_actor().membership_id
    return job_view(db.session(), run.job_id, frozenset({membership} if membership else ()))


def _download(body: bytes, mimetype: str, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(body, mimetype=mimetype, headers=headers)


def _room_for_files(endpoint: str | None, values: Any) -> None:
    """A directory of a million rows is bigger than any other form."""
    if endpoint == "ImportView.upload" and request.method == "POST":
        request.max_content_length = MOST_BYTES + _AROUND


def install(app: Flask) -> None:
    app.url_value_preprocessor(_room_for_files)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(ImportView)
    install(appbuilder.app if hasattr(appbuilder, "app") else appbuilder.get_app)
