"""`/security-log/`: the audit administrator reads, filters and exports; nobody changes anything."""

from __future__ import annotations

import io
from typing import Any, ClassVar

from flask import flash, redirect, request, send_file, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.db import db
from app.jobs.files import CSV, KEPT
from app.kernel.clock import SHANGHAI
from app.kernel.workbook import XLSX
from app.ops.models import LogExport
from app.ops.security_log import queries, services
from app.ops.security_log.actions import ACTIONS, OUTCOMES, action_name, outcome_name
from app.ops.security_log.filters import LogFilter
from app.security.access import guarded
from app.security.acts import perform
from app.security.context import current_clock, request_unit
from app.security.login.fresh import fresh
from app.security.models import Agency
from app.security.requests import primary_key
from app.security.rules import RoleName
from app.security.views import Grants, PortalView

TYPES = {"csv": CSV, "xlsx": XLSX}


class SecurityLogView(PortalView):
    """Who, when, from where, what, on what, with what result."""

    route_base = "/security-log"
    grants: ClassVar[Grants] = {
        "can_list": frozenset({RoleName.AUDIT_ADMIN}),
        "can_export": frozenset({RoleName.AUDIT_ADMIN}),
    }

    @expose("/")
    @guarded("list")
    def list(self) -> str:
        session = db.session()
        asked = LogFilter.read(request.args)
        before = request.args.get("before")
        page = queries.page(session, asked, primary_key(before) if before else None)
        kept = asked.as_data()
        return self.render(
            "ops/security_log.html",
            lines=page.lines,
            names=queries.names(session, page.lines),
            asked=asked,
            kept=kept,
            chips=_chips(asked, session),
            actions=ACTIONS,
            outcomes=OUTCOMES,
            action_name=action_name,
            outcome_name=outcome_name,
            next_url=url_for(".list", **kept, before=page.after) if page.after else "",
            first_url=url_for(".list", **kept) if before else "",
            exports=services.recent(session),
            kept_for=KEPT,
            now=current_clock().now(),
        )

    @expose("/export", methods=["POST"])
    @guarded("export")
    @fresh
    def export(self) -> Response:
        asked, kind = LogFilter.read(request.form), request.form.get("format", "csv")
        act = perform(lambda unit: services.take_out(unit, kind, asked))
        if not act.done or act.value is None:
            for sentence in act.sentences:
                flash(sentence, "danger")
            return redirect(url_for(".list", **asked.as_data()))
        if isinstance(act.value, LogExport):
            flash(_("The export is being written. It appears above the list when it is ready."), "success")
            return redirect(url_for("JobPage.show", pk=act.value.outbox_id))
        moment = current_clock().now().astimezone(SHANGHAI).strftime("%Y%m%d-%H%M")
        name = f"security-log-{moment}.{kind}"
        return send_file(io.BytesIO(act.value), TYPES[kind], as_attachment=True, download_name=name)

    @expose("/exports/<pk>")
    @guarded("export")
    def download(self, pk: str) -> Response:
        with request_unit() as unit:
            export, path = services.file_of(unit, primary_key(pk))
            name = f"security-log-{export.id}.{export.format}"
            return send_file(path, TYPES[export.format], as_attachment=True, download_name=name)


def _chips(asked: LogFilter, session: Any) -> list[dict[str, str]]:
    """The active filters, each with the address of the list without it."""
    kept = asked.as_data()
    labels = {
        "person": _("Person"),
        "action": _("What was done"),
        "outcome": _("Outcome"),
        "address": _("From address"),
        "agency": _("Agency"),
        "since": _("From day"),
        "until": _("To day"),
        "text": _("Subject"),
    }
    shown = dict(kept)
    if "action" in shown:
        shown["action"] = action_name(shown["action"])
    if "outcome" in shown:
        shown["outcome"] = outcome_name(shown["outcome"])
    if asked.agency.isdecimal() and len(asked.agency) < 18:
        name = session.scalar(select(Agency.name).where(Agency.id == int(asked.agency)))
        shown["agency"] = name or asked.agency
    return [
        {
            "label": labels[name],
            "value": value,
            "remove_url": url_for(".list", **{k: v for k, v in kept.items() if k != name}),
        }
        for name, value in shown.items()
    ]
