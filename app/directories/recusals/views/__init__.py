"""Pages of recusal."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.directories.inspectors.places import after_moving
from app.directories.recusals import due, importing, services
from app.directories.recusals.services.applying import ADMINISTRATORS
from app.directories.recusals.services.following import follow_moving
from app.directories.recusals.views.declaring import DeclarationPages
from app.directories.recusals.views.list import ListPages
from app.directories.recusals.views.requests import SUBJECT, RequestPages
from app.directories.recusals.views.ruling import RulePages
from app.directories.recusals.views.shared import READERS
from app.security.menu import MenuItem, add_menu
from app.security.protection.subjects import subjects


class RecusalView(ListPages, DeclarationPages, RequestPages, RulePages):
    route_base = "/recusals"
    default_view = "list"
    grants = {
        "can_list": READERS,
        "can_declare": services.DECLARERS,
        "can_withdraw": services.KEEPERS,
        "can_rules": ADMINISTRATORS,
    }


MENU = MenuItem(
    "prepare", _l("Recusals"), "RecusalView.list", "user-x", ("can_list", "RecusalView"), order=60
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(RecusalView)
    subjects.add(SUBJECT)
    add_menu(MENU)
    due.register()
    importing.register()
    after_moving.add(follow_moving)
