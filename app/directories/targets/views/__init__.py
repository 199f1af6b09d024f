"""Pages of the directory of targets: list, one target, and one page per act."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.directories.targets import queries
from app.directories.targets.views.acts import ActPages
from app.directories.targets.views.list import ListPages
from app.directories.targets.views.record import RecordPages
from app.directories.targets.views.shared import KEEPERS, SUBJECT
from app.security.finders import Finder, Found, finders
from app.security.menu import MenuItem, add_menu
from app.security.protection.rules import Kind
from app.security.protection.showing import i_see
from app.security.protection.subjects import subjects
from app.security.rules import BUSINESS


class TargetView(ListPages, RecordPages, ActPages):
    route_base = "/targets"
    default_view = "list"
    grants = {
        "can_list": BUSINESS,
        "can_show": BUSINESS,
        "can_keep": KEEPERS,
    }


def _find(session: Session, text: str, most: int) -> list[Found]:
    rows = queries.search(session, text, limit=most, phones=i_see(Kind.PHONE))
    return [
        Found(row.name, f"{row.code} · {row.region_name}", url_for("TargetView.show", target_id=row.id))
        for row in rows
    ]


FINDER = Finder(_l("Targets"), _find)
MENU = MenuItem(
    "prepare",
    _l("Directory of targets"),
    "TargetView.list",
    "building-store",
    ("can_list", "TargetView"),
    order=30,
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(TargetView)
    finders.add(FINDER)
    subjects.add(SUBJECT)
    add_menu(MENU)
