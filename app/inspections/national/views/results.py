"""`/national/results`: results of national systems, and their review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from app.db import Unit, db
from app.directories.forms import ReasonForm
from app.directories.listing.chosen import Chosen
from app.directories.listing.pages import list_page
from app.directories.listing.shown import my_listing
from app.inspections.national import queries, services
from app.inspections.national.models import NationalResult
from app.inspections.national.rules import ResultState
from app.inspections.national.services.reviewing import AT_ONCE
from app.inspections.national.views.shared import READERS, may, tabs
from app.inspections.rules import ResultKind
from app.kernel.errors import Invalid
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import current_actor
from app.security.names import names_of
from app.security.rules import RoleName
from app.security.views import Grants, PortalView

_R = NationalResult.__table__.c


class NationalResultView(PortalView):
    route_base = "/national/results"
    default_view = "list"
    grants: ClassVar[Grants] = {
        "can_list": READERS,
        "can_show": READERS,
        "can_review": frozenset({RoleName.REVIEWER}),
    }

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        return list_page(
            self,
            "national_results",
            "national/list.html",
            tabs=tabs("NationalResultView.list"),
            kind="national_results",
            may_import=may("can_push", "NationalSyncApi"),
        )

    @expose("/<int:result_id>")
    @guarded("show")
    def show(self, result_id: int) -> Any:
        return self._page(result_id, ReasonForm(formdata=None), [])

    @expose("/<int:result_id>/approve", methods=["POST"])
    @guarded("review")
    def approve(self, result_id: int) -> Any:
        return self._decide(
            result_id,
            lambda unit: services.approve(unit, result_id, _version()),
            _("Approved. The result goes to publication."),
        )

    @expose("/<int:result_id>/return", methods=["POST"])
    @guarded("review")
    def send_back(self, result_id: int) -> Any:
        remark = request.form.get("remark", "")
        return self._decide(
            result_id,
            lambda unit: services.send_back(unit, result_id, remark, _version()),
            _("Sent back. It counts again once the system, or a file, says it anew."),
        )

    @expose("/approve", methods=["GET", "POST"])
    @guarded("review")
    def approve_many(self) -> Any:
        """What would be approved, then the act."""
        session, listing = db.session(), my_listing("national_results")
        args = request.form if request.method == "POST" else request.args
        try:
            chosen = Chosen.from_request(session, listing, args)
        except Invalid:
            flash(_("Please pick rows first, or all that the filters leave."), "warning")
            return redirect(url_for(listing.endpoint))
        mine = (
            chosen.select(session, listing, _R.id)
            .where(_R.state == ResultState.RECEIVED.value, _R.received_by != current_actor().code)
            .order_by(_R.id)
        )
        sentences: list[str] = []
        if request.method == "POST" and args.get("step") == "apply":
            ids = tuple(session.scalars(mine.limit(AT_ONCE)))
            act = perform(lambda unit: services.approve_all(unit, ids))
            if act.done and act.value is not None:
                flash(ngettext("%(num)s result approved.", "%(num)s results approved.", act.value), "success")
                return redirect(url_for(listing.endpoint))
            sentences = act.sentences
        waiting = session.scalar(select(func.count()).select_from(mine.limit(AT_ONCE + 1).subquery())) or 0
        page = self.render(
            "national/approve.html",
            pairs=chosen.pairs(),
            count=chosen.count(session, listing, AT_ONCE),
            waiting=waiting,
            at_once=AT_ONCE,
            sentences=sentences,
            back_url=url_for(listing.endpoint, **chosen.state.to_args()),
        )
        return page, 422 if sentences else 200

    def _decide(self, result_id: int, act: Callable[[Unit], Any], done: str) -> Any:
        form = ReasonForm(formdata=None)
        outcome = perform(act)
        if not outcome.done:
            return self._page(result_id, form, outcome.sentences), 422
        flash(done, "success")
        return redirect(url_for(".show", result_id=result_id))

    def _page(self, result_id: int, form: ReasonForm, sentences: Any) -> str:
        session = db.session()
        result = queries.get_result(session, result_id)
        state = ResultState(result.state)
        return self.render(
            "national/result.html",
            result=result,
            state=state,
            kind=ResultKind(result.result.kind),
            people=queries.names_of_inspectors(session, result.inspector_ids),
            names=names_of(session, [code for code in (result.received_by, result.approved_by) if code]),
            conflict_id=queries.open_conflict_of(session, result),
            may_review=state is ResultState.RECEIVED
            and may("can_review", "NationalResultView")
            and result.received_by != current_actor().code,
            remark=request.form.get("remark", ""),
            sentences=sentences,
        )


def _version() -> int | None:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
