"""`/undos/`: what became of an undo, and what it left as it is."""

from __future__ import annotations

import tempfile
from typing import Any

from flask import request, send_file
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.directories.undoing import queries
from app.directories.undoing.rules import UndoState
from app.jobs.files import CSV
from app.jobs.queries import JobView, job_view
from app.kernel.workbook import XLSX, Watermark, write_sheet
from app.security.access import guarded
from app.security.context import current_actor, current_clock, person
from app.security.rules import RoleName
from app.security.views import PortalView

SHOWN = 200


class UndoView(PortalView):
    route_base = "/undos"
    default_view = "show"
    grants = {"can_see": frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN})}

    @expose("/<int:pk>")
    @guarded("see")
    def show(self, pk: int) -> Any:
        return self.render("undoing/show.html", **_shown(pk))

    @expose("/<int:pk>/part")
    @guarded("see")
    def part(self, pk: int) -> Any:
        return self.render("undoing/part.html", **_shown(pk))

    @expose("/<int:pk>/conflicts")
    @guarded("see")
    def conflicts(self, pk: int) -> Any:
        """What was left as it is, as a spreadsheet."""
        kind = "csv" if request.args.get("as") == "csv" else "xlsx"
        run = queries.get_run(db.session(), pk)
        lines = (
            [line.name, line.field, line.wanted, line.found, line.why]
            for line in queries.conflict_lines(db.session(), run.id)
        )
        headings = [_("Name"), _("Field"), _("Before"), _("Stands there now"), _("Reason")]
        title, who = _("Left as they are"), current_actor().label
        mark = Watermark(f"{title}, {who}", who, "", current_clock().now())
        target = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the answer
        write_sheet(kind, target, headings, lines, mark, title=title)  # type: ignore[arg-type]
        target.seek(0)
        types = {"csv": CSV, "xlsx": XLSX}
        return send_file(target, types[kind], as_attachment=True, download_name=f"undo-{run.id}.{kind}")


def _shown(pk: int) -> dict[str, Any]:
    session = db.session()
    run = queries.get_run(session, pk)
    who = person()
    mine = frozenset(m.id for m in who.memberships) if who else frozenset()
    job: JobView | None = job_view(session, run.outbox_id, mine) if run.outbox_id else None
    return {
        "run": run,
        "state": UndoState(run.state),
        "job": job,
        "conflicts": list(queries.conflict_lines(session, pk, SHOWN)) if run.conflicts else [],
    }


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(UndoView)
