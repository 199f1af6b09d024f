"""`/bulk-edits/`: change many rows, look first; what was done before, and its undo."""

from __future__ import annotations

import tempfile
from secrets import token_hex
from typing import Any

from flask import abort, flash, redirect, request, send_file, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.db import Unit, db
from app.directories.bulk_edits import inspectors, queries, services, targets
from app.directories.bulk_edits.forms import BulkForm, bulk_form, place_faults
from app.directories.bulk_edits.kinds import BulkKind, bulk_kinds
from app.directories.bulk_edits.models import BulkEdit
from app.directories.bulk_edits.previewing import preview
from app.directories.bulk_edits.rules import AT_ONCE, BulkState, reason_faults
from app.directories.exporting.services import watermark
from app.directories.exporting.views import TYPES
from app.directories.forms import ReasonForm, mark
from app.directories.listing.acts import BulkAct, bulk_acts
from app.directories.listing.chosen import Chosen
from app.directories.listing.listing import Listing, listings
from app.directories.listing.shown import may, my_listing
from app.directories.undoing.places import after_undo
from app.directories.undoing.rules import undoable_until
from app.jobs.queries import JobView, job_view
from app.kernel.errors import Invalid
from app.kernel.workbook import write_sheet
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import current_actor, current_clock, person, request_unit
from app.security.menu import MenuItem, add_menu
from app.security.requests import primary_key
from app.security.views import PortalView

STEPS = ("form", "preview", "apply")


class BulkEditView(PortalView):
    route_base = "/bulk-edits"
    default_view = "list"
    grants = {"can_use": services.KEEPERS}

    @expose("/")
    @guarded("use")
    def list(self) -> Any:
        listing = request.args.get("listing", "")
        before = request.args.get("before")
        edits, after = queries.past_edits(
            db.session(), listing if listing in bulk_kinds else "", primary_key(before) if before else None
        )
        return self.render(
            "bulk_edits/list.html",
            edits=edits,
            titles={key: found.title for key, found in listings.items()},
            states=BulkState,
            next_url=url_for(".list", before=after, **_kept(listing)) if after else "",
            first_url=url_for(".list", **_kept(listing)) if before else "",
        )

    @expose("/<listing>/edit", methods=["GET", "POST"])
    @guarded("use")
    def edit(self, listing: str) -> Any:
        """The form, then what it would do, then the act; each step is sent with all entries."""
        return self._act(listing, "")

    @expose("/<listing>/tag", methods=["GET", "POST"])
    @guarded("use")
    def tag(self, listing: str) -> Any:
        """The short act: tags added and taken away, without a preview."""
        return self._act(listing, _kind(listing).tags)

    def _act(self, key: str, only: str) -> Any:
        kind, listing = _kind(key), my_listing(key)
        args = request.form if request.method == "POST" else request.args
        try:
            chosen = Chosen.from_request(db.session(), listing, args)
        except Invalid:
            flash(_("Please pick rows first, or all that the filters leave."), "warning")
            return redirect(url_for(listing.endpoint))
        step = args.get("step", "")
        form = bulk_form(db.session(), kind, args if step in STEPS else None, only=only)
        if step not in ("preview", "apply"):
            return self._form(kind, listing, chosen, form, only, [])
        wanted, faults = form.wanted()
        faults += reason_faults(form.reason.data or "")
        if not form.validate() or faults:
            mark(form, Invalid(faults=faults))
            return self._form(kind, listing, chosen, form, only, []), 422
        if step == "preview":
            return self._preview(kind, listing, chosen, wanted, form)
        reason, token = form.reason.data or "", args.get("token", "")[:40]
        act = perform(lambda unit: _edit(unit, kind, listing, chosen, wanted, reason, token, form), form)
        if not act.done or act.value is None:
            return self._form(kind, listing, chosen, form, only, act.sentences), 422
        return redirect(url_for("BulkEditView.show", pk=act.value))

    def _form(
        self, kind: BulkKind, listing: Listing, chosen: Chosen, form: BulkForm, only: str, extra: list[str]
    ) -> str:
        return self.render(
            "bulk_edits/tag.html" if only else "bulk_edits/form.html",
            kind=kind,
            listing=listing,
            form=form,
            extra=extra,
            pairs=chosen.pairs(),
            count=chosen.count(db.session(), listing),
            at_once=AT_ONCE,
            token=token_hex(16),
            back_url=_back(listing, chosen),
        )

    def _preview(
        self, kind: BulkKind, listing: Listing, chosen: Chosen, wanted: dict[str, Any], form: BulkForm
    ) -> Any:
        act = perform(lambda unit: preview(unit, kind, listing, chosen, wanted), form)
        if not act.done:
            return self._form(kind, listing, chosen, form, "", act.sentences), 422
        left_out = {"csrf_token", "step", "token"}
        return self.render(
            "bulk_edits/preview.html",
            kind=kind,
            listing=listing,
            found=act.value,
            wanted=queries.wanted_words(db.session(), kind.listing, wanted),
            reason=form.reason.data,
            pairs=[(k, v) for k, v in request.form.items(multi=True) if k not in left_out],
            token=token_hex(16),
            at_once=AT_ONCE,
            back_url=_back(listing, chosen),
        )

    @expose("/<int:pk>")
    @guarded("use")
    def show(self, pk: int) -> Any:
        return self.render("bulk_edits/show.html", **_shown(pk))

    @expose("/<int:pk>/part")
    @guarded("use")
    def part(self, pk: int) -> Any:
        return self.render("bulk_edits/part.html", **_shown(pk))

    @expose("/<int:pk>/failed")
    @guarded("use")
    def failed(self, pk: int) -> Any:
        """The rows that could not be changed with the reasons, as a spreadsheet."""
        kind = "csv" if request.args.get("as") == "csv" else "xlsx"
        with request_unit() as unit:
            edit = queries.get_edit(unit.session, pk)
            title = _("Not changed")
            lines = (
                [row.number, row.name, "；".join(row.sentences)]
                for row in queries.failed_rows(unit.session, edit.id)
            )
            target = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the answer
            mark = watermark(unit, title, unit.clock.now())
            write_sheet(kind, target, [_("Number"), _("Name"), _("Reason")], lines, mark, title=title)  # type: ignore[arg-type]
            target.seek(0)
        return send_file(target, TYPES[kind], as_attachment=True, download_name=f"not-changed-{pk}.{kind}")

    @expose("/<int:pk>/undo", methods=["GET", "POST"])
    @guarded("use")
    def undo(self, pk: int) -> Any:
        edit = queries.get_edit(db.session(), pk)
        if not _may_undo(edit):
            abort(404)
        form = ReasonForm()
        extra: list[str] = []
        if form.validate_on_submit():
            act = perform(lambda unit: services.undo_edit(unit, pk, form.reason.data or "").id, form)
            if act.done:
                return redirect(url_for("UndoView.show", pk=act.value))
            extra = act.sentences
        status = 422 if request.method == "POST" else 200
        page = self.render(
            "bulk_edits/undo.html", form=form, extra=extra, edit=edit, listing=listings[edit.listing]
        )
        return page, status


def _kept(listing: str) -> dict[str, str]:
    return {"listing": listing} if listing else {}


def _kind(key: str) -> BulkKind:
    kind = bulk_kinds.get(key)
    if kind is None or not may(kind.permission):
        abort(404)
    return kind


def _back(listing: Listing, chosen: Chosen) -> str:
    return url_for(listing.endpoint, **chosen.state.to_args(paging=False))


def _edit(
    unit: Unit,
    kind: BulkKind,
    listing: Listing,
    chosen: Chosen,
    wanted: dict[str, Any],
    reason: str,
    token: str,
    form: BulkForm,
) -> int:
    try:
        return services.edit(unit, kind, listing, chosen, wanted, reason, token or None).id
    except Invalid as error:
        raise Invalid(error.code, place_faults(form, error.faults)) from error


def _may_undo(edit: BulkEdit) -> bool:
    mine = edit.agency_id == current_actor().agency_id
    return mine and edit.state == BulkState.DONE and edit.changed > 0 and edit.undo_id is None


def _shown(pk: int) -> dict[str, Any]:
    session = db.session()
    edit = queries.get_edit(session, pk)
    who = person()
    mine = frozenset(m.id for m in who.memberships) if who else frozenset()
    job: JobView | None = job_view(session, edit.outbox_id, mine) if edit.outbox_id else None
    until = undoable_until(edit.done_at) if edit.done_at else None
    record = listings[edit.listing].record
    return {
        "edit": edit,
        "state": BulkState(edit.state),
        "job": job,
        "listing": listings[edit.listing],
        "wanted": queries.wanted_words(session, edit.listing, edit.wanted),
        "failed": list(queries.failed_rows(session, pk, queries.SHOWN_FAULTS)) if edit.failed else [],
        "record_url": lambda row_id: url_for(record[0], **{record[1]: row_id}) if record else "",
        "until": until,
        "may_undo": _may_undo(edit) and until is not None and current_clock().now() <= until,
    }


MENU = MenuItem(
    "prepare", _l("Past bulk edits"), "BulkEditView.list", "edit", ("can_use", "BulkEditView"), order=39
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(BulkEditView)
    for kind in (targets.KIND, inspectors.KIND):
        acts = bulk_acts(kind.listing)
        acts.add(_acts[kind.listing][0], 10)
        acts.add(_acts[kind.listing][1], 20)
    after_undo.add(services.note_undone)
    add_menu(MENU)


_acts = {
    kind.listing: (
        BulkAct("edit", _l("Edit"), "edit", "BulkEditView.edit", kind.permission),
        BulkAct("tag", _l("Tag"), "tag", "BulkEditView.tag", kind.permission),
    )
    for kind in (targets.KIND, inspectors.KIND)
}
