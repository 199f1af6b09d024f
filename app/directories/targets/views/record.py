"""The page of one target: everything about it, its history with the differences, its earlier versions."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.db import db
from app.directories import targets
from app.directories.forms import mark
from app.directories.targets import queries, services
from app.directories.targets.changes import ChangeLine, Part, change_lines
from app.directories.targets.forms import RestoreForm
from app.directories.targets.models import Target
from app.directories.targets.restoring import FIELDS, Version, differences, version_at
from app.directories.targets.rules import CodeKind, Source, TargetStatus
from app.directories.targets.views.shared import SUBJECT, is_own, may
from app.kernel.errors import DomainError, NotFound
from app.security.access import guarded
from app.security.context import request_unit
from app.security.protection.rules import Kind
from app.security.protection.showing import i_see, personal_fields
from app.security.requests import primary_key
from app.security.views import PortalView

PAGE = 20


class RecordPages(PortalView):
    @expose("/<int:target_id>")
    @guarded("show")
    def show(self, target_id: int) -> Any:
        session = db.session()
        try:
            target = queries.get_target(session, target_id)
        except NotFound:
            return _go_instead(session, target_id)
        extra = [(panel.title, panel.render(session, target)) for panel in targets.panels]
        return self.render(
            "targets/show.html",
            target=target,
            status=TargetStatus(target.status),
            source=Source(target.source),
            code_kind=CodeKind(target.code_kind),
            panels=[(title, Markup(html)) for title, html in extra if html],
            personal=personal_fields(SUBJECT, target),
            notes=targets.notes_of(session, target),
            sees_class=i_see(Kind.RISK_CLASS),
            may_keep=may("keep") and is_own(target),
            may_merge=bool(current_app.appbuilder.sm.has_access("can_merge", "MergeView")),
        )

    @expose("/<int:target_id>/history")
    @guarded("show")
    def history(self, target_id: int) -> Any:
        """Every change, newest first, both sides of each field beside each other."""
        session = db.session()
        target = queries.get_target(session, target_id)
        after = request.args.get("after")
        start = primary_key(after) if after else None
        rows = queries.history(session, target.id, PAGE + 1, start)
        lines: list[ChangeLine] = change_lines(session, rows[:PAGE], _unseen())
        more = len(rows) > PAGE
        return self.render(
            "targets/history.html",
            target=target,
            history=lines,
            newest=lines[0].id if lines and start is None else 0,
            first=start is None,
            following=url_for(".history", target_id=target.id, after=rows[PAGE - 1].id) if more else None,
            may_keep=may("keep") and is_own(target),
        )

    @expose("/<int:target_id>/versions/<int:history_id>", methods=["GET", "POST"])
    @guarded("keep")
    def restore(self, target_id: int, history_id: int) -> Any:
        """What restoring an earlier version would change; nothing has changed before it is sent."""
        session = db.session()
        target = queries.get_target(session, target_id)
        version = version_at(session, target, history_id)
        form, extra = RestoreForm(), []
        picked = request.form.getlist("fields") if request.method == "POST" else list(FIELDS)
        if form.validate_on_submit():
            try:
                with request_unit() as unit:
                    services.restore_target(
                        unit, target_id, history_id, picked, form.reason.data or "", form.shown_version()
                    )
                flash(_("The earlier values stand again."), "success")
                return redirect(url_for(".show", target_id=target_id))
            except DomainError as error:
                extra = mark(form, error)
                target = queries.get_target(session, target_id)
        form.version.data = str(target.version)
        parts = differences(session, target, version)
        return self.render(
            "targets/restore.html",
            target=target,
            version=version,
            parts=[_with_refusal(part, target, version) for part in parts],
            picked=picked,
            form=form,
            extra=extra,
        ), 422 if request.method == "POST" else 200


def _with_refusal(part: Part, target: Target, version: Version) -> dict[str, Any]:
    """A difference as the table shows it; a code that was replaced does not come back."""
    refused = ""
    if part.name == "code":
        refused = _(
            "The code was replaced by %(code)s and does not come back; it still finds this target.",
            code=target.code,
        )
    return {
        "name": part.name,
        "label": part.label,
        "left": part.left,
        "right": part.right,
        "refused": refused,
    }


def _go_instead(session: Session, target_id: int) -> Any:
    """To the target into which this one went, as far as it is within reach.

    :raises NotFound: there is none
    """
    for find in targets.instead:
        found = find(session, target_id)
        if found is not None:
            flash(_("This target was merged into the one shown here."), "success")
            return redirect(url_for("TargetView.show", target_id=found))
    raise NotFound("not_in_scope", kind="target")


def _unseen() -> set[str]:
    """Fields that are not there for this person, in the history neither."""
    kinds = {"risk_class": Kind.RISK_CLASS, "risk_score": Kind.RISK_CLASS}
    kinds |= {field: kind for field, (kind, _label) in SUBJECT.fields.items()}
    return {field for field, kind in kinds.items() if not i_see(kind)}
