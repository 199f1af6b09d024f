"""Pages of national systems: tasks, results with their review, and what a person decides."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.directories.listing.acts import BulkAct, bulk_acts
from app.inspections.national import registered
from app.inspections.national.views.conflicts import NationalConflictView
from app.inspections.national.views.results import NationalResultView
from app.inspections.national.views.tasks import NationalTaskView
from app.security.menu import MenuItem, add_menu

MENU = MenuItem(
    "carry_out",
    _l("Results of national systems"),
    "NationalResultView.list",
    "database",
    ("can_list", "NationalResultView"),
    order=85,
)


def register(appbuilder: Any) -> None:
    for view in (NationalTaskView, NationalResultView, NationalConflictView):
        appbuilder.add_view_no_menu(view)
    add_menu(MENU)
    registered.register()
    bulk_acts("national_results").add(
        BulkAct(
            "approve",
            _l("Approve"),
            "checks",
            "NationalResultView.approve_many",
            ("can_review", "NationalResultView"),
        )
    )
