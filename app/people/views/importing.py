"""Many people from a spreadsheet: template, dry run, invitations, slips."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.db import db
from app.kernel.workbook import XLSX, xlsx_bytes
from app.people import area
from app.people.forms import BatchForm
from app.people.models import InviteBatch
from app.people.queries.waiting import get_batch, slips_waiting
from app.people.services import batch as services
from app.people.sheet import COLUMNS, Checked
from app.people.views.around import slips_page
from app.people.views.shared import Answer, PeopleBase, me, offered_roles, watermark
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import request_unit
from app.security.explain import explain_fault
from app.security.login.fresh import fresh

SHOWN_FAULTS = 200


class PeopleImportView(PeopleBase):
    route_base = "/people/import"

    @expose("/", methods=["GET", "POST"])
    @guarded("keep")
    @fresh
    def upload(self) -> Answer:
        form = BatchForm()
        sentences: list[str] = []
        if form.validate_on_submit():
            upload = form.file.data
            done = perform(
                lambda unit: services.receive(
                    unit, upload.read(), upload.filename or "people", form.reason.data or ""
                ),
                form,
            )
            if done.done and done.value is not None:
                return redirect(url_for("PeopleImportView.show", batch_id=done.value.id))
            sentences = done.sentences
        page = self.render("people/import.html", form=form, extra=sentences)
        return (page, 422) if sentences or form.errors else page

    @expose("/template.xlsx")
    @guarded("keep")
    def template(self) -> Response:
        """The headings, and one row as an example."""
        agencies = area.agencies(db.session(), me())
        own = next((a for a in agencies if a.id == me().agency_id), agencies[0] if agencies else None)
        roles = [_(str(role.label)) for role in offered_roles()]
        row = ["", own.name if own else "", "", roles[0] if roles else "", "", "", ""]
        return _workbook("people-template.xlsx", [c.headings[0] for c in COLUMNS], [row], "")

    @expose("/<int:batch_id>")
    @guarded("keep")
    def show(self, batch_id: int) -> Answer:
        batch = get_batch(db.session(), batch_id)
        checked = _checked(batch) if batch.state == "checked" else None
        faults = checked.faults if checked is not None else []
        return self.render(
            "people/batch.html",
            batch=batch,
            checked=checked,
            faults=[(fault, explain_fault(fault)) for fault in faults[:SHOWN_FAULTS]],
            faults_in_all=len(faults),
            slips=len(slips_waiting(db.session(), batch.id, services.MOST_SLIPS + 1)),
            most_slips=services.MOST_SLIPS,
            kept=batch.content is not None,
        )

    @expose("/<int:batch_id>/part")
    @guarded("keep")
    def part(self, batch_id: int) -> str:
        return self.render("people/batch_part.html", batch=get_batch(db.session(), batch_id))

    @expose("/<int:batch_id>/commit", methods=["POST"])
    @guarded("keep")
    @fresh
    def commit(self, batch_id: int) -> Answer:
        skip = request.form.get("skip_bad") == "yes"
        done = perform(lambda unit: services.take_over(unit, batch_id, skip_bad=skip))
        if not done.done:
            flash(" ".join(done.sentences), "danger")
        elif done.value is not None and done.value.state == "committed":
            flash(_("Invited: %(n)s.", n=done.value.report["invited"]), "success")
        return redirect(url_for("PeopleImportView.show", batch_id=batch_id))

    @expose("/<int:batch_id>/slips", methods=["POST"])
    @guarded("keep")
    @fresh
    def slips(self, batch_id: int) -> Answer:
        done = perform(lambda unit: services.slips_of(unit, batch_id))
        if done.done and done.value:
            return slips_page(self, done.value, url_for("PeopleImportView.show", batch_id=batch_id))
        flash(" ".join(done.sentences) or _("Nobody of this file waits for a slip."), "info")
        return redirect(url_for("PeopleImportView.show", batch_id=batch_id))

    @expose("/<int:batch_id>/faults.xlsx")
    @guarded("keep")
    def faults(self, batch_id: int) -> Response:
        """The bad rows as they were handed in, each with its reasons, to be corrected and handed in again."""
        batch = get_batch(db.session(), batch_id)
        checked = _checked(batch)
        rows = checked.bad_rows if checked is not None else []
        reasons: dict[tuple[str | None, int | None], list[str]] = {}
        for fault in checked.faults if checked is not None else []:
            reasons.setdefault((fault.sheet, fault.row), []).append(f"{fault.column}: {explain_fault(fault)}")
        body = [
            [
                *(row.cells.get(column.name, "") for column in COLUMNS),
                str(row.row),
                "；".join(reasons[row.sheet, row.row]),
            ]
            for row in rows
        ]
        headings = [*(c.headings[0] for c in COLUMNS), _("Row in the file"), _("What is wrong")]
        return _workbook(f"people-faults-{batch_id}.xlsx", headings, body, watermark())


def _checked(batch: InviteBatch) -> Checked | None:
    with request_unit() as unit:
        return services.check_again(unit, batch)


def _workbook(name: str, headings: list[str], rows: list[list[str]], mark: str) -> Response:
    return Response(
        xlsx_bytes(headings, rows, mark),
        mimetype=XLSX,
        headers={"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"},
    )
