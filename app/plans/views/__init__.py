"""Pages of plans."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.notifications.due import due_lines
from app.plans import importing, libraries
from app.plans.due import lines
from app.plans.views.entries import PlanEntryView
from app.plans.views.plans import PlanView
from app.security.menu import MenuItem, add_menu

MENU = MenuItem("prepare", _l("Plans"), "PlanView.index", "calendar-event", ("can_read", "PlanView"), 20)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(PlanView)
    appbuilder.add_view_no_menu(PlanEntryView)
    add_menu(MENU)
    due_lines.add(lines)
    importing.register()
    libraries.register()
