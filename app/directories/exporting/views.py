"""`/exports/`: take a list out, follow the work, fetch the file."""

from __future__ import annotations

import io
from typing import Any

from flask import flash, redirect, request, send_file, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.db import db
from app.directories.exporting import services
from app.directories.exporting.cells import columns_of, covered_kinds
from app.directories.exporting.forms import ExportForm
from app.directories.exporting.models import DirectoryExport
from app.directories.listing.acts import BulkAct, bulk_acts
from app.directories.listing.chosen import Chosen
from app.directories.listing.listing import Listing, listings
from app.directories.listing.shown import my_listing
from app.jobs.files import CSV, KEPT
from app.jobs.queries import JobView, job_view
from app.kernel.clock import SHANGHAI
from app.kernel.errors import Invalid
from app.kernel.workbook import XLSX
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import current_actor, current_clock, person, request_unit
from app.security.login.fresh import fresh
from app.security.rules import BUSINESS
from app.security.views import PortalView

TYPES = {"csv": CSV, "xlsx": XLSX}


class ExportView(PortalView):
    route_base = "/exports"
    default_view = "list"
    grants = {"can_export": BUSINESS}

    @expose("/")
    @guarded("export")
    def list(self) -> Any:
        exports = services.recent(db.session(), current_actor().user_id)
        return self.render(
            "exporting/list.html",
            exports=exports,
            titles={key: listing.title for key, listing in listings.items()},
            now=current_clock().now(),
            kept_for=KEPT,
        )

    @expose("/<listing>/new", methods=["GET", "POST"])
    @guarded("export")
    def new(self, listing: str) -> Any:
        """What would be taken out; the bar of the list leads here with the rows that were picked."""
        found = my_listing(listing)
        args = request.form if request.method == "POST" else _everything(request.args)
        try:
            chosen = Chosen.from_request(db.session(), found, args)
        except Invalid:
            flash(_("Please pick rows first, or all that the filters leave."), "warning")
            return redirect(url_for(found.endpoint))
        return self._page(found, chosen, ExportForm(formdata=None), [])

    @expose("/<listing>/take", methods=["POST"])
    @guarded("export")
    @fresh
    def take(self, listing: str) -> Any:
        found = my_listing(listing)
        chosen = Chosen.from_request(db.session(), found, request.form)
        form = ExportForm()
        if not form.validate():
            return self._page(found, chosen, form, []), 422
        kind, clear, reason = form.format.data, bool(form.clear.data), form.reason.data or ""
        act = perform(
            lambda unit: services.take_out(unit, found, chosen, kind, clear=clear, reason=reason), form
        )
        if not act.done or act.value is None:
            return self._page(found, chosen, form, act.sentences), 422
        if isinstance(act.value, DirectoryExport):
            return redirect(url_for("ExportView.show", pk=act.value.id))
        return _sent(io.BytesIO(act.value), found.key, kind)

    @expose("/<int:pk>")
    @guarded("export")
    def show(self, pk: int) -> Any:
        return self.render("exporting/show.html", **_export(pk))

    @expose("/<int:pk>/part")
    @guarded("export")
    def part(self, pk: int) -> Any:
        return self.render("exporting/part.html", **_export(pk))

    @expose("/<int:pk>/file")
    @guarded("export")
    def file(self, pk: int) -> Any:
        with request_unit() as unit:
            export, path = services.file_of(unit, pk)
            return _sent(path, export.listing, export.format)

    def _page(self, listing: Listing, chosen: Chosen, form: ExportForm, extra: list[str]) -> str:
        columns = columns_of(listing, chosen, clear=False)
        count = chosen.count(db.session(), listing, services.AT_ONCE)
        return self.render(
            "exporting/new.html",
            listing=listing,
            form=form,
            extra=extra,
            columns=columns,
            pairs=chosen.pairs(),
            count=count,
            at_once=services.AT_ONCE,
            covered=covered_kinds(columns, current_actor().roles),
            back_url=url_for(listing.endpoint, **chosen.state.to_args(paging=False)),
        )


def _everything(args: Any) -> Any:
    """A link without picked rows means all that its state leaves."""
    found = MultiDict(args)
    if not found.getlist("ids"):
        found["all"] = "1"
    return found


def _export(pk: int) -> dict[str, Any]:
    export = services.own_export(db.session(), pk, current_actor().user_id)
    who = person()
    mine = frozenset(m.id for m in who.memberships) if who else frozenset()
    job: JobView | None = job_view(db.session(), export.outbox_id, mine) if export.outbox_id else None
    now = current_clock().now()
    listing = listings.get(export.listing)
    return {
        "export": export,
        "job": job,
        "listing": listing,
        "until": export.done_at + KEPT if export.done_at else None,
        "kept": bool(export.done_at and export.done_at + KEPT >= now),
    }


def _sent(body: Any, listing: str, kind: str) -> Any:
    moment = current_clock().now().astimezone(SHANGHAI).strftime("%Y%m%d-%H%M")
    answer = send_file(body, TYPES[kind], as_attachment=True, download_name=f"{listing}-{moment}.{kind}")
    answer.headers["Cache-Control"] = "no-store"
    return answer


ACT = BulkAct("export", _l("Export"), "file-export", "ExportView.new", ("can_export", "ExportView"))
LAST = 900


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(ExportView)
    for key in ("targets", "inspectors", *listings):
        bulk_acts(key).add(ACT, LAST)
