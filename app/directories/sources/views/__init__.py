"""Pages of sources: systems and their batches, whose word counts, and what contradicts the directory."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.directories.listing.listing import add_filter
from app.directories.sources.panel import PANEL, field_notes
from app.directories.sources.views.conflicts import ConflictView
from app.directories.sources.views.filters import CONFLICTS
from app.directories.sources.views.orders import SourceOrderView
from app.directories.sources.views.systems import SourceView
from app.directories.targets import notes, panels
from app.security.menu import MenuItem, add_menu

MENU = (
    MenuItem(
        "prepare", _l("Conflicts of sources"), "ConflictView.list", "versions", ("can_list", "ConflictView"),
        order=34,
    ),
    MenuItem(
        "settings", _l("Sources and synchronisation"), "SourceView.list", "database",
        ("can_list", "SourceView"), order=190,
    ),
)  # fmt: skip


def register(appbuilder: Any) -> None:
    for view in (SourceView, SourceOrderView, ConflictView):
        appbuilder.add_view_no_menu(view)
    add_filter("targets", CONFLICTS)
    panels.add(PANEL, 10)
    notes.add(field_notes, 10)
    add_menu(*MENU)
