"""Pages about roles."""

from __future__ import annotations

from typing import Any

from app.security.menu import add_menu
from app.security.roles.views.composing import ComposeView
from app.security.roles.views.explaining import ExplainView
from app.security.roles.views.roles import MENU, RolesView
from app.security.roles.views.seeing import WhoCanSeeView
from app.security.roles.views.setting_up import SetUpView


def register(appbuilder: Any) -> None:
    for view in (RolesView, ComposeView, ExplainView, WhoCanSeeView, SetUpView):
        appbuilder.add_view_no_menu(view)
    add_menu(*MENU)
