"""`/events/`: events within the scope, the history of a record, of a task, of a person."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, ClassVar

from flask import request, send_file, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.audit.names import event_name
from app.db import db
from app.kernel.clock import SHANGHAI
from app.kernel.errors import NotFound
from app.kernel.workbook import csv_bytes
from app.ops.events import history, queries
from app.ops.events.filters import AREAS, EventFilter
from app.ops.events.queries import Line
from app.ops.subjects import Subject, page_of, subjects_of
from app.security.access import guarded
from app.security.context import current_clock, person, request_unit
from app.security.login.fresh import fresh
from app.security.requests import primary_key
from app.security.rules import RoleName
from app.security.services import note_security
from app.security.views import Grants, PortalView
from app.tasks.models import Task
from app.tasks.places import event_subjects

MOST_SUBJECTS = 400


class EventsView(PortalView):
    """Events of the agencies within reach, the newest first, with their place in the sealed log."""

    route_base = "/events"
    READERS = frozenset({RoleName.AUDITOR, RoleName.OFFICE_ADMIN})
    grants: ClassVar[Grants] = {"can_list": READERS, "can_export": READERS}

    @expose("/")
    @guarded("list")
    def list(self) -> str:
        session, asked = db.session(), EventFilter.read(request.args)
        before = request.args.get("before")
        found = queries.lines(session, asked, primary_key(before) if before else None)
        rows, kept = found[: queries.PAGE], asked.as_data()
        actors = {line.event.actor for line in rows} | {asked.actor}
        known = subjects_of(session, queries.subjects_in(rows), actors)
        return self.render(
            "ops/events.html",
            rows=rows,
            subjects=known,
            asked=asked,
            kept=kept,
            chips=_chips(asked, known),
            areas=AREAS,
            next_url=url_for(".list", **kept, before=rows[-1].event.id) if len(found) > len(rows) else "",
            first_url=url_for(".list", **kept) if before else "",
        )

    @expose("/record")
    @guarded("list")
    def record(self) -> str:
        """What happened to one record: its events, or what changed in its rows."""
        session = db.session()
        subject = request.args.get("subject", "").strip()[:120]
        show = "changes" if request.args.get("show") == "changes" else "events"
        given = request.args.get("before")
        before = primary_key(given) if given else None
        kind, _sep, key = subject.partition(":")
        about = subjects_of(session, [subject]).get(subject)
        with_parts = kind == "task" and about is not None
        lines, changes = [], []
        if about is not None and show == "changes":
            changes = history.changes(session, kind, key, before)
        elif about is not None:
            lines = queries.lines_about(session, _subjects(session, subject), before)
        else:
            lines = queries.lines_within_reach(session, subject, before)
            if not lines and before is None:
                raise NotFound("not_in_scope", kind="event")
        rows: Any = changes[: history.PAGE] if changes else lines[: queries.PAGE]
        more = len(changes or lines) > len(rows)
        last = (rows[-1].id if changes else rows[-1].event.id) if rows else None
        codes = history.actors_in(changes) | {line.event.actor for line in lines}
        return self.render(
            "ops/record.html",
            subject=subject,
            title=about.text if about else subject,
            page_url=page_of(kind, key) if about else "",
            show=show,
            known=about is not None,
            with_parts=with_parts,
            lines=rows if not changes else [],
            changes=rows if changes else [],
            subjects=subjects_of(session, queries.subjects_in(lines) if with_parts else (), codes),
            column_name=history.column_name,
            table_name=history.table_name,
            next_url=url_for(".record", subject=subject, show=show, before=last) if more else "",
            first_url=url_for(".record", subject=subject, show=show) if before else "",
        )

    @expose("/export", methods=["POST"])
    @guarded("export")
    @fresh
    def export(self) -> Response:
        """The newest events that fit, at most 5,000, as CSV."""
        session, asked = db.session(), EventFilter.read(request.form)
        found = queries.lines(session, asked, limit=queries.MOST_EXPORTED)[: queries.MOST_EXPORTED]
        who, now = person(), current_clock().now().astimezone(SHANGHAI)
        assert who is not None, "behind a permission"
        filters = "; ".join(f"{name}={value}" for name, value in asked.as_data().items()) or "-"
        mark = _(
            "Events, exported by %(who)s at %(at)s. Filters: %(filters)s",
            who=who.actor.label,
            at=now.strftime("%Y-%m-%d %H:%M"),
            filters=filters,
        )
        content = csv_bytes(_headings(), list(_cells(found)), mark)
        with request_unit() as unit:
            note_security(unit, "exported", "ok", subject="events", detail=f"{len(found)} csv {filters}")
        name = f"events-{now.strftime('%Y%m%d-%H%M')}.csv"
        return send_file(
            io.BytesIO(content), "text/csv; charset=utf-8", as_attachment=True, download_name=name
        )


def _subjects(session: Any, subject: str) -> list[str]:
    """The subject; of a task also its draws, visits, forms and whatever else belongs to it."""
    kind, _sep, key = subject.partition(":")
    if kind != "task":
        return [subject]
    task = session.get(Task, int(key))
    if task is None:
        return [subject]
    return [subject, *(s for name in event_subjects for s in name(session, task))][:MOST_SUBJECTS]


def _headings() -> list[str]:
    return [
        _("Number"), _("Time"), _("Event"), _("Code"), _("Subject"), _("Name"), _("Actor"), _("Name"),
        _("Sealed entry"),
    ]  # fmt: skip


def _cells(found: list[Line]) -> list[list[Any]]:
    session = db.session()
    subjects = subjects_of(session, queries.subjects_in(found), {line.event.actor for line in found})
    rows = []
    for event, index, _sealed in found:
        about = subjects.get(event.subject)
        at = event.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        row = [event.id, at, event_name(event.tag), event.tag, event.subject, about.text if about else ""]
        who = subjects.get(event.actor)
        rows.append([*row, event.actor, who.text if who else "", "" if index is None else index])
    return rows


def _chips(asked: EventFilter, known: Mapping[str, Subject]) -> list[dict[str, str]]:
    kept = asked.as_data()
    labels = {
        "subject": _("Subject"),
        "tag": _("Event"),
        "actor": _("Person"),
        "agency": _("Agency"),
        "since": _("From day"),
        "until": _("To day"),
    }
    shown = dict(kept)
    if "tag" in shown:
        area = AREAS.get(asked.tag.rstrip("."))
        shown["tag"] = str(area) if area is not None and asked.tag.endswith(".") else event_name(asked.tag)
    if asked.actor:
        shown["actor"] = known[asked.actor].text if asked.actor in known else asked.actor
    return [
        {
            "label": labels[name],
            "value": value,
            "remove_url": url_for(".list", **{k: v for k, v in kept.items() if k != name}),
        }
        for name, value in shown.items()
    ]
