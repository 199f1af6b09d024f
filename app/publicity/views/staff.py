"""Staff: what was published through which channel, what is late or failed, and the two acts on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import Select
from werkzeug.wrappers import Response

from app.db import db
from app.kernel.clock import SHANGHAI
from app.kernel.errors import DomainError
from app.publicity import services
from app.publicity.models import Publication
from app.publicity.queries import PAGE, get_publication, needing_attention, publications
from app.publicity.rules import PublicationAct, PublicationState, PublicKind, after, is_late
from app.publicity.views.common import before_of
from app.security.access import guarded
from app.security.context import Person, current_clock, person, request_unit
from app.security.explain import explain
from app.security.requests import primary_key
from app.security.rules import RoleName
from app.security.views import Grants, PortalView

READERS = frozenset(
    {RoleName.CLERK, RoleName.AGENCY_ADMIN, RoleName.REVIEWER, RoleName.OFFICE_ADMIN, RoleName.AUDITOR}
)


def attention(who: Person) -> Select[Any]:
    """Failed or late publications of the own agency: the number in the menu."""
    return needing_attention(list(who.scope.agency_ids), current_clock().now())


class PublicationView(PortalView):
    """Keyset list, one page per publication."""

    route_base = "/publications"
    grants: ClassVar[Grants] = {
        "can_list": READERS,
        "can_show": READERS,
        "can_withdraw": services.CLERKS,
        "can_try_again": services.CLERKS,
    }

    @expose("/")
    @guarded()
    def list(self) -> str:
        state, kind = request.args.get("state", ""), request.args.get("kind", "")
        if state not in {"", *PublicationState} or kind not in {"", *PublicKind}:
            abort(404)
        rows = publications(db.session(), state=state, kind=kind, before=before_of())
        more = rows[PAGE - 1].id if len(rows) > PAGE else None
        kept = {name: value for name, value in (("state", state), ("kind", kind)) if value}
        return self.render(
            "publicity/list.html",
            rows=[_row(row) for row in rows[:PAGE]],
            state=state,
            states=list(PublicationState),
            next_url=url_for("PublicationView.list", before=more, **kept) if more else None,
        )

    @expose("/<pk>")
    @guarded()
    def show(self, pk: str) -> str:
        return self._page(pk, [])

    @expose("/<pk>/withdraw", methods=["POST"])
    @guarded()
    def withdraw(self, pk: str) -> Response | str:
        try:
            with request_unit() as unit:
                services.withdraw(unit, primary_key(pk), request.form.get("reason", ""))
        except DomainError as error:
            return self._page(pk, [explain(error)], request.form.get("reason", ""))
        flash(_("Withdrawn. The public page no longer shows it."), "success")
        return redirect(url_for("PublicationView.show", pk=pk))

    @expose("/<pk>/again", methods=["POST"])
    @guarded()
    def try_again(self, pk: str) -> Response | str:
        try:
            with request_unit() as unit:
                services.try_again(unit, primary_key(pk))
        except DomainError as error:
            return self._page(pk, [explain(error)])
        flash(_("Queued again. It is delivered in a moment."), "success")
        return redirect(url_for("PublicationView.show", pk=pk))

    def _page(self, pk: str, errors: list[str], reason: str = "") -> str:
        found = get_publication(db.session(), primary_key(pk))
        if found is None:
            abort(404)
        who = person()
        mine = (
            who is not None
            and who.actor.agency_id == found.agency_id
            and bool(who.actor.roles & services.CLERKS)
        )
        may_end = found.kind != PublicKind.DRAW and after(found.state, PublicationAct.WITHDRAW) is not None
        return self.render(
            "publicity/show.html",
            row=_row(found),
            errors=errors,
            reason=reason,
            may_withdraw=mine and may_end,
            may_try_again=mine and found.state in {PublicationState.FAILED, PublicationState.WITHDRAWN},
        )


def _row(found: Publication) -> dict[str, Any]:
    state = PublicationState(found.state)
    last = (found.due_at - timedelta(seconds=1)).astimezone(SHANGHAI).date() if found.due_at else None
    return {
        "publication": found,
        "state": state,
        "kind": PublicKind(found.kind),
        "late": is_late(state, found.due_at, current_clock().now()),
        "due_on": last,
        "public_url": public_url(found),
    }


def public_url(found: Publication) -> str:
    """Where it stands on the public pages; a result on the list of results, found by its number."""
    if found.state not in {PublicationState.DELIVERED, PublicationState.QUEUED} or not found.delivered_at:
        return ""
    if found.kind == PublicKind.RESULT:
        return url_for("PublicPages.results", q=found.subject_key)
    page = {"list": "item_list", "plan": "plan"}.get(found.kind)
    if page is not None:
        return url_for(f"PublicPages.{page}", key=found.subject_key)
    return url_for("PublicPages.draw", no=found.subject_key)
