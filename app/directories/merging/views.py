"""Pages of mergers: likely twins, the comparison, the merger's record, the parting."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.db import db
from app.directories import targets
from app.directories.children.services import KEEPERS
from app.directories.children.views import number
from app.directories.forms import mark
from app.directories.merging import queries, services
from app.directories.merging.comparing import decided_lines, lines, usual_choice
from app.directories.merging.forms import MergeForm, OtherForm, PartForm
from app.directories.merging.models import Merge
from app.directories.merging.rules import CHOICES
from app.directories.targets.changes import LABELS
from app.directories.targets.models import Target
from app.directories.targets.queries import get_target
from app.kernel.errors import DomainError
from app.security.access import guarded
from app.security.context import request_unit
from app.security.menu import MenuItem, add_menu
from app.security.protection.rules import Kind
from app.security.protection.showing import i_see
from app.security.requests import primary_key
from app.security.rules import BUSINESS
from app.security.views import PortalView

Page = Response | str | tuple[str, int]


class MergeView(PortalView):
    route_base = "/merging"
    default_view = "list"
    grants = {"can_show": BUSINESS, "can_merge": KEEPERS}

    @expose("/")
    @guarded("show")
    def list(self) -> Page:
        after = request.args.get("after")
        rows = queries.merges(db.session(), primary_key(after) if after else None)
        shown = rows[: queries.PAGE]
        more = len(rows) > queries.PAGE
        return self.render(
            "merging/list.html",
            rows=shown,
            following=url_for(".list", after=shown[-1].id) if more else None,
            may_merge=may_merge(),
        )

    @expose("/twins")
    @guarded("merge")
    def twins(self) -> Page:
        after = request.args.get("after", "")[:200].replace("\x00", "")
        rows = queries.same_names(db.session(), after)
        shown = rows[: queries.PAGE]
        more = len(rows) > queries.PAGE
        return self.render(
            "merging/twins.html",
            rows=shown,
            first=not after,
            following=url_for(".twins", after=shown[-1].name) if more else None,
        )

    @expose("/<int:merge_id>")
    @guarded("show")
    def show(self, merge_id: int) -> Page:
        merge = queries.get_merge(db.session(), merge_id)
        return self.render(
            "merging/show.html",
            merge=merge,
            moved=services.figures(merge),
            tables=TABLES,
            labels=_labels(merge),
            may_part=may_merge() and merge.undone_at is None,
        )

    @expose("/target/<int:target_id>")
    @guarded("merge")
    def choose(self, target_id: int) -> Page:
        """Likely twins of one target, and any other by search."""
        session = db.session()
        target = get_target(session, target_id)
        other = number(request.args.get("other"))
        if other and other != target_id:
            return redirect(url_for(".compare", kept_id=target_id, gone_id=other))
        form = OtherForm(formdata=None)
        form.other.choices = [("", "")]
        found = queries.twins_of(session, target, phones=i_see(Kind.PHONE))
        return self.render("merging/choose.html", target=target, twins=found, form=form)

    @expose("/<int:kept_id>/with/<int:gone_id>", methods=["GET", "POST"])
    @guarded("merge")
    def compare(self, kept_id: int, gone_id: int) -> Page:
        """Side by side, field by field; nothing has changed before it is sent."""
        session = db.session()
        kept, gone = get_target(session, kept_id), get_target(session, gone_id)
        form, extra = MergeForm(), []
        take = usual_choice(kept, gone)
        if request.method == "POST":
            take = {name for name in CHOICES if request.form.get(f"take-{name}") == "gone"}
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    done = services.merge(
                        unit, kept_id, gone_id, form.reason.data or "", take, _versions(form.versions.data)
                    )
                flash(_("The two are one target now; both codes find it."), "success")
                return redirect(url_for(".show", merge_id=done.id))
            except DomainError as error:
                extra = mark(form, error)
                kept, gone = get_target(session, kept_id), get_target(session, gone_id)
        form.versions.data = f"{kept.version}-{gone.version}"
        seen = {n for n, kind in (("phone", Kind.PHONE), ("home_address", Kind.HOME_ADDRESS)) if i_see(kind)}
        return self.render(
            "merging/compare.html",
            kept=kept,
            gone=gone,
            form=form,
            extra=extra,
            lines=lines(session, kept, gone, take, seen),
            decided=decided_lines(session, kept, gone, i_see(Kind.RISK_CLASS)),
        ), 422 if request.method == "POST" else 200

    @expose("/<int:merge_id>/part", methods=["GET", "POST"])
    @guarded("merge")
    def part(self, merge_id: int) -> Page:
        merge = queries.get_merge(db.session(), merge_id)
        form, extra = PartForm(), []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.unmerge(unit, merge_id, form.reason.data or "")
                flash(_("Both targets stand again."), "success")
                return redirect(url_for(".show", merge_id=merge_id))
            except DomainError as error:
                extra = mark(form, error)
                merge = queries.get_merge(db.session(), merge_id)
        status = 422 if request.method == "POST" else 200
        values = {"moved": services.figures(merge), "tables": TABLES}
        return self.render("merging/part.html", merge=merge, form=form, extra=extra, **values), status


TABLES = {
    "drawn_target": _l("Places in draws"),
    "visit": _l("Visits"),
    "follow_up": _l("Follow-ups"),
    "library_pick": _l("Hand-picks of libraries"),
    "recusal": _l("Recusals"),
    "recusal_request": _l("Requests for recusal"),
    "inspector_tie": _l("Ties of inspectors"),
    "permit": _l("Permits"),
    "premises": _l("Premises"),
    "past_visits": _l("Past visits"),
    "source_row": _l("Rows of other systems"),
    "source_conflict": _l("Conflicts of sources"),
    "target_code": _l("Former codes"),
    "outside_mark": _l("Places outside random selection"),
    "merge": _l("Earlier mergers"),
}


def _labels(merge: Merge) -> list[str]:
    """The fields whose value came from the gone target, or by the rules."""
    return [str(LABELS[name]) for name in merge.taken if name in LABELS]


def _versions(text: str | None) -> tuple[int, int] | None:
    one, _dash, other = (text or "").partition("-")
    return (number(one), number(other)) if number(one) and number(other) else None


def may_merge() -> bool:
    return bool(current_app.appbuilder.sm.has_access("can_merge", "MergeView"))


def _panel(session: Session, target: Target) -> str | None:
    rows = queries.former_codes(session, target.id)
    return render_template("merging/panel.html", rows=rows) if rows else None


PANEL = targets.Panel(_l("Former codes"), _panel)
MENU = MenuItem(
    "prepare", _l("Mergers"), "MergeView.list", "switch-horizontal", ("can_show", "MergeView"), order=34
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(MergeView)
    add_menu(MENU)
    targets.panels.add(PANEL, 40)
    targets.instead.add(queries.kept_instead)
