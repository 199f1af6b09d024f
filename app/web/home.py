"""The workbench, the site search and the manual."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import abort, redirect, request, session
from flask_appbuilder import IndexView, expose
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.audit.models import Event
from app.db import db
from app.kernel.clock import SHANGHAI, today
from app.notifications.due import DueLine, lines_for
from app.ops.subjects import subjects_of
from app.security.access import public_route, signed_in
from app.security.context import current_clock, person
from app.security.menu import MenuItem, add_menu
from app.security.queries import work_calendar
from app.security.requests import own_path
from app.security.views import PortalView
from app.web.legal_days import legal_days, next_legal_day
from app.web.manual import read_manual
from app.web.search import search_everywhere

STRIP_DAYS = 28
EVENTS = 12


class HomeView(IndexView):
    """`/`: the workbench of whoever is signed in."""

    route_base = ""

    @expose("/")
    @signed_in
    def index(self) -> str:
        who = person()
        assert who is not None
        clock = current_clock()
        lines = lines_for(db.session(), who.actor, clock)
        now = clock.now()
        calendar = work_calendar(db.session())
        shown = [_shown(line, calendar, now) for line in lines]
        events = _events()
        return self.render_template(
            "web/workbench.html",
            person=who,
            lines=shown,
            counts=_counts(shown),
            strip=_strip(shown, calendar, today(clock)),
            legal=legal_days(today(clock), STRIP_DAYS),
            next_legal=next_legal_day(today(clock) + timedelta(days=STRIP_DAYS)),
            events=events,
            subjects=subjects_of(db.session(), {event.subject for event in events}),
            today=today(clock),
        )


def _shown(line: DueLine, calendar: Any, now: Any) -> dict[str, Any]:
    left = None
    if line.due_at is not None:
        last_day = (line.due_at - timedelta(seconds=1)).astimezone(SHANGHAI).date()
        left = calendar.working_days_between(now.astimezone(SHANGHAI).date(), last_day)
        if now >= line.due_at:
            left = min(left, -1)
        return {"line": line, "left": left, "day": last_day, "late": now >= line.due_at}
    return {"line": line, "left": None, "day": None, "late": False}


def _counts(shown: list[dict[str, Any]]) -> dict[str, int]:
    return {
        "late": sum(1 for s in shown if s["late"]),
        "soon": sum(1 for s in shown if not s["late"] and s["left"] is not None and s["left"] <= 3),
        "other": sum(1 for s in shown if s["left"] is None or s["left"] > 3),
    }


def _strip(shown: list[dict[str, Any]], calendar: Any, first: Any) -> list[dict[str, Any]]:
    """The statutory calendar from today on, with the number of lines that end on each day."""
    days = []
    for offset in range(STRIP_DAYS):
        day = first + timedelta(days=offset)
        due = [s for s in shown if s["day"] == day or (offset == 0 and s["late"])]
        days.append(
            {
                "day": day,
                "today": offset == 0,
                "off": not calendar.is_working_day(day),
                "count": len(due),
                "late": any(s["late"] for s in due),
                "title": "；".join(s["line"].title for s in due[:3]),
            }
        )
    return days


def _events() -> list[Event]:
    return list(db.session.scalars(select(Event).order_by(Event.id.desc()).limit(EVENTS)))


class AccountView(PortalView):
    """The manual, the search, the language."""

    route_base = ""

    @expose("/me/language/<locale>", methods=["POST"])
    @public_route
    def language(self, locale: str) -> Response:
        if locale not in {"zh_CN", "en"}:
            abort(404)
        session["locale"] = locale
        return redirect(own_path(request.referrer))

    @expose("/search")
    @signed_in
    def search(self) -> str:
        text = request.args.get("q", "").strip()[:80]
        return self.render(
            "web/search.html", text=text, found=search_everywhere(db.session(), text) if text else []
        )

    @expose("/help/<page>")
    @public_route
    def manual(self, page: str) -> str:
        found = read_manual(page)
        if found is None:
            abort(404)
        return self.render(
            "web/manual.html", title=found.title, sections=found.sections, pages=found.pages, page=page
        )


MENU = MenuItem("work", _l("Workbench"), "HomeView.index", "layout-dashboard", ("signed_in", ""), order=0)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(AccountView)
    add_menu(MENU)
