"""The ways into the console, the security log, its alerts and the event browser."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import current_app, redirect, url_for
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.ops import due, watching
from app.ops.alerts.views import SecurityLogAlertView, open_alerts
from app.ops.events.links import history_url
from app.ops.events.views import EventsView
from app.ops.security_log.details import log_detail
from app.ops.security_log.views import SecurityLogView
from app.security.access import guarded
from app.security.menu import MenuItem, add_menu
from app.security.rules import RoleName
from app.security.views import Grants, PortalView

MENU = (
    MenuItem(
        "settings", _l("System console"), "ConsoleDoor.open", "settings", ("can_open", "ConsoleDoor"), 900
    ),
    MenuItem(
        "settings",
        _l("Security log"),
        "SecurityLogView.list",
        "shield-lock",
        ("can_list", "SecurityLogView"),
        910,
    ),
    MenuItem(
        "settings",
        _l("Security alerts"),
        "SecurityLogAlertView.list",
        "bell",
        ("can_list", "SecurityLogAlertView"),
        920,
        counted=open_alerts,
        alarming=True,
    ),
    MenuItem("sum_up", _l("Events"), "EventsView.list", "list-details", ("can_list", "EventsView"), 900),
)


class ConsoleDoor(PortalView):
    """Leads the system administrator from the menu into the console."""

    route_base = "/console"
    grants: ClassVar[Grants] = {"can_open": frozenset({RoleName.SYSTEM_ADMIN})}

    @expose("/")
    @guarded("open")
    def open(self) -> Response:
        return redirect(url_for("ops.index"))


def register(appbuilder: Any) -> None:
    for view in (ConsoleDoor, SecurityLogView, SecurityLogAlertView, EventsView):
        appbuilder.add_view_no_menu(view)
    add_menu(*MENU)
    due.register()
    watching.install(current_app)
    current_app.add_template_global(history_url)
    current_app.add_template_filter(log_detail)
