"""Pages of the directory of inspectors, and the generated screens of experts."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.directories.inspectors import due, offering, services, sheets, workload
from app.directories.inspectors.services.following import follow_joining, follow_leaving
from app.directories.inspectors.views.absences import AbsencePages
from app.directories.inspectors.views.accounts import AccountPages
from app.directories.inspectors.views.experts import ExpertView
from app.directories.inspectors.views.list import ListPages
from app.directories.inspectors.views.record import RecordPages
from app.directories.inspectors.views.shared import EXPERT, READERS, SUBJECT
from app.directories.inspectors.views.transfers import TransferPages
from app.people.places import after_joining, after_leaving
from app.security.menu import MenuItem, add_menu
from app.security.protection.subjects import subjects


class InspectorView(ListPages, RecordPages, AbsencePages, AccountPages, TransferPages):
    route_base = "/inspectors"
    default_view = "list"
    grants = {
        "can_list": READERS,
        "can_show": READERS,
        "can_keep": services.KEEPERS,
        "can_export": services.KEEPERS,
    }


MENU = (
    MenuItem(
        "prepare",
        _l("Directory of inspectors"),
        "InspectorView.list",
        "users",
        ("can_list", "InspectorView"),
        order=40,
    ),
    MenuItem("prepare", _l("Experts"), "ExpertView.list", "user-check", ("can_list", "ExpertView"), order=45),
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(InspectorView)
    appbuilder.add_view_no_menu(ExpertView)
    subjects.add(SUBJECT)
    subjects.add(EXPERT)
    add_menu(*MENU)
    after_leaving.add(follow_leaving)
    after_joining.add(follow_joining)
    due.register()
    offering.register()
    sheets.register()
    workload.register()
