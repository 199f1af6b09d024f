"""The way into the console from the menu, and the list of events for those who supervise."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.audit.models import Event, SealedEntry
from app.audit.queries import latest_head
from app.db import db
from app.ops.subjects import subjects_of
from app.security.access import guarded
from app.security.context import person
from app.security.menu import MenuItem, add_menu
from app.security.requests import primary_key
from app.security.rules import RoleName
from app.security.views import PortalView
from app.tasks.queries import names_of

PAGE = 50
LONGEST_SUBJECT = 120
MENU = (
    MenuItem(
        "settings", _l("System console"), "ConsoleDoor.open", "settings", ("can_open", "ConsoleDoor"), 900
    ),
    MenuItem("sum_up", _l("Events"), "EventsView.list", "list-details", ("can_list", "EventsView"), 900),
)


class ConsoleDoor(PortalView):
    """Leads each administrator to the first page of the console that is open to the own role."""

    route_base = "/console"
    grants = {"can_open": frozenset({RoleName.SYSTEM_ADMIN, RoleName.AUDIT_ADMIN})}

    @expose("/")
    @guarded("open")
    def open(self) -> Response:
        who = person()
        system = who is not None and RoleName.SYSTEM_ADMIN in who.actor.roles
        return redirect(url_for("ops.index" if system else "ops_security_log.index_view"))


class EventsView(PortalView):
    """Events of the agencies within reach, the newest first, with their place in the sealed log."""

    route_base = "/events"
    grants = {"can_list": frozenset({RoleName.AUDITOR, RoleName.OFFICE_ADMIN})}

    @expose("/")
    @guarded("list")
    def list(self) -> str:
        subject = request.args.get("subject", "").strip()[:LONGEST_SUBJECT]
        given = request.args.get("before")
        rows = _events(db.session(), subject, primary_key(given) if given is not None else None)
        more = rows[PAGE - 1][0].id if len(rows) > PAGE else None
        return self.render(
            "ops/events.html",
            rows=rows[:PAGE],
            subjects=subjects_of(db.session(), {event.subject for event, _index in rows[:PAGE]}),
            names=names_of(db.session(), {event.actor for event, _index in rows[:PAGE]}),
            next_before=more,
            subject=subject,
            head=latest_head(db.session()),
        )


def _events(session: Session, subject: str, before: int | None) -> list[tuple[Event, int | None]]:
    query = select(Event, SealedEntry.index).outerjoin(SealedEntry, SealedEntry.event_id == Event.id)
    if subject:
        query = query.where(Event.subject == subject)
    if before is not None:
        query = query.where(Event.id < before)
    return [
        (event, index) for event, index in session.execute(query.order_by(Event.id.desc()).limit(PAGE + 1))
    ]


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(ConsoleDoor)
    appbuilder.add_view_no_menu(EventsView)
    add_menu(*MENU)
