"""Where a source contradicts the directory: a person takes one value or keeps the other, one by one or in bulk."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import ngettext

from app.db import db
from app.directories.forms import mark
from app.directories.sources import queries
from app.directories.sources.forms import AllForm, DecisionForm
from app.directories.sources.queries import ConflictFilter
from app.directories.sources.rules import ConflictState
from app.directories.sources.services.deciding import MOST_AT_ONCE, decide, decide_all, is_mine
from app.directories.sources.views.words import field_choices, lines, source_words
from app.kernel.errors import DomainError
from app.security.access import guarded
from app.security.context import current_actor, request_unit
from app.security.rules import RoleName
from app.security.views import PortalView

READERS = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN, RoleName.AUDITOR})
DECIDERS = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN})
SHOWN = 20


class ConflictView(PortalView):
    route_base = "/sources/conflicts"
    default_view = "list"
    grants = {"can_list": READERS, "can_decide": DECIDERS}

    @expose("/")
    @guarded("list")
    def list(self) -> Any:
        session = db.session()
        wanted, after = _wanted(), _number(request.args.get("after"))
        found, following = queries.open_conflicts(session, wanted, after=after)
        waiting = queries.open_by_source(session)
        total = queries.count_open(session, wanted)
        return self.render(
            "sources/conflicts.html",
            lines=lines(session, found),
            wanted=wanted,
            sources=sorted(source_words(session, waiting).items()),
            waiting=waiting,
            fields=field_choices(),
            total=min(total, queries.COUNTED_UP_TO),
            capped=total > queries.COUNTED_UP_TO,
            following=url_for("ConflictView.list", **wanted.kept, after=following) if following else None,
            mine={one.id: _is_mine(one.target) for one in found},
        )

    @expose("/<int:conflict_id>", methods=["GET", "POST"])
    @guarded("list")
    def show(self, conflict_id: int) -> Any:
        session = db.session()
        if request.method == "POST" and not current_app.appbuilder.sm.has_access(
            "can_decide", "ConflictView"
        ):
            abort(404)
        conflict = queries.get_conflict(session, conflict_id)
        form = DecisionForm()
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    decide(
                        unit, conflict_id, take=form.decision.data == "take", reason=form.reason.data or ""
                    )
                flash(_("Decided; the reason is kept."), "success")
                return redirect(url_for("ConflictView.list"))
            except DomainError as error:
                extra = mark(form, error)
                conflict = queries.get_conflict(session, conflict_id)
        status = 422 if request.method == "POST" else 200
        return self.render(
            "sources/conflict.html",
            line=lines(session, [conflict])[0],
            state=ConflictState(conflict.state),
            form=form,
            extra=extra,
            mine=conflict.state == ConflictState.OPEN and _is_mine(conflict.target),
        ), status

    @expose("/all", methods=["GET", "POST"])
    @guarded("decide")
    def all(self) -> Any:
        session = db.session()
        form = AllForm()
        if request.method == "GET":
            form.source.data, form.field.data = request.args.get("source", ""), request.args.get("field", "")
        wanted = ConflictFilter((form.source.data or "")[:60], (form.field.data or "")[:30])
        extra: list[str] = []
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    done = decide_all(
                        unit,
                        wanted.source,
                        field=wanted.field,
                        take=form.decision.data == "take",
                        reason=form.reason.data or "",
                    )
                flash(ngettext("%(num)s conflict decided.", "%(num)s conflicts decided.", done), "success")
                return redirect(url_for("ConflictView.list"))
            except DomainError as error:
                extra = mark(form, error)
        found, _more = queries.open_conflicts(session, wanted, limit=SHOWN)
        total = queries.count_open(session, wanted) if wanted.source else 0
        status = 422 if request.method == "POST" else 200
        return self.render(
            "sources/all.html",
            form=form,
            extra=extra,
            lines=lines(session, [one for one in found if _is_mine(one.target)]) if wanted.source else [],
            total=min(total, queries.COUNTED_UP_TO),
            capped=total > queries.COUNTED_UP_TO,
            most=MOST_AT_ONCE,
            source=source_words(session, [wanted.source])[wanted.source],
            field=dict(field_choices()).get(wanted.field, ""),
        ), status


def _wanted() -> ConflictFilter:
    return ConflictFilter(
        request.args.get("source", "").strip()[:60], request.args.get("field", "").strip()[:30]
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 18 else 0


def _is_mine(target: Any) -> bool:
    actor = current_actor()
    return is_mine(actor.roles, actor.agency_id, target)
