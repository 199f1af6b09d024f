"""Pages of past visits: what was taken over, by target and by inspector; a panel on the page of a target."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.db import db
from app.directories import targets
from app.directories.inspectors.places import past_loads
from app.directories.inspectors.services import KEEPERS
from app.directories.past import importing, queries
from app.directories.targets.models import Target
from app.security.access import guarded
from app.security.context import person
from app.security.menu import MenuItem, add_menu
from app.security.requests import primary_key
from app.security.rules import BUSINESS, RoleName
from app.security.views import PortalView

READERS = BUSINESS - {RoleName.AUDITOR, RoleName.INSPECTOR}


class PastView(PortalView):
    """Corrected by importing the rows again: the same target and year stand once."""

    route_base = "/past"
    default_view = "visits"
    grants = {"can_list": READERS}

    @expose("/visits")
    @guarded("list")
    def visits(self) -> str:
        return self._list("visits", queries.visits)

    @expose("/loads")
    @guarded("list")
    def loads(self) -> str:
        return self._list("loads", queries.loads)

    def _list(self, which: str, read: Any) -> str:
        after, who = request.args.get("after"), person()
        rows = read(db.session(), after=primary_key(after) if after else None)
        shown = rows[: queries.PAGE]
        more = len(rows) > queries.PAGE
        endpoint = f"PastView.{which}"
        return self.render(
            "past/list.html",
            rows=shown,
            which=which,
            tabs=[
                {"label": _("Targets"), "url": url_for("PastView.visits"), "current": which == "visits"},
                {"label": _("Inspectors"), "url": url_for("PastView.loads"), "current": which == "loads"},
            ],
            kind="past_visits" if which == "visits" else "past_loads",
            following=url_for(endpoint, after=shown[-1].id) if more else None,
            may_import=bool(who and who.actor.roles & KEEPERS),
        )


def target_panel(session: Session, target: Target) -> str | None:
    rows = queries.of_target(session, target.id)
    return render_template("past/panel.html", rows=rows) if rows else None


_panel = targets.Panel(_l("Visits before the portal"), target_panel)
MENU = MenuItem(
    "prepare", _l("Past visits"), "PastView.visits", "history", ("can_list", "PastView"), order=65
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(PastView)
    add_menu(MENU)
    importing.register()
    targets.panels.add(_panel, 65)
    past_loads.add(queries.load_before)
