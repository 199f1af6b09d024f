"""Pages of the own account, and of the policy."""

from __future__ import annotations

from typing import Any

from app.security.login.views.own import OwnPages
from app.security.login.views.policy import MENU, PolicyView
from app.security.menu import add_menu


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(OwnPages)
    appbuilder.add_view_no_menu(PolicyView)
    add_menu(MENU)
