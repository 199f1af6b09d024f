"""Pages of the libraries: list, figures, rule editor, picks, joint libraries; the filter `library` of the list."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.directories.libraries import importing, panel, services
from app.directories.libraries.queries import in_libraries, libraries
from app.directories.libraries.rules import LibrarySubject
from app.directories.libraries.views.common import READERS, number_of
from app.directories.libraries.views.editing import EditingPages
from app.directories.libraries.views.joint import JointPages
from app.directories.libraries.views.picking import PickingPages
from app.directories.libraries.views.reading import ReadingPages
from app.directories.libraries.views.resting import RestingPages
from app.directories.listing.acts import BulkAct, bulk_acts
from app.directories.listing.filters import Filter
from app.directories.listing.listing import add_filter
from app.security.menu import MenuItem, add_menu

LIST = "targets"


class LibraryView(ReadingPages, EditingPages, PickingPages, JointPages, RestingPages):
    route_base = "/libraries"
    default_view = "list"
    grants = {"can_list": READERS, "can_show": READERS, "can_keep": services.KEEPERS}


def _choices(session: Session) -> list[tuple[str, Any]]:
    known = libraries(session, subject=LibrarySubject.TARGETS.value)
    return [(str(library.id), library.name) for library in known]


def _criterion(session: Session, values: tuple[str, ...]) -> ColumnElement[bool]:
    """Members of the libraries that whoever asks may read; others find nobody."""
    readable = {value for value, _ in _choices(session)}
    return in_libraries(session, [number_of(value) for value in values if value in readable])


FILTER = Filter("library", _l("Library"), "choices", _choices, _criterion)
INTO = BulkAct(
    "library", _l("Into a library"), "folder-plus", "LibraryView.into", ("can_keep", "LibraryView")
)
MENU = MenuItem(
    "prepare", _l("Libraries"), "LibraryView.list", "folder", ("can_list", "LibraryView"), order=50
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(LibraryView)
    add_menu(MENU)
    add_filter(LIST, FILTER)
    bulk_acts(LIST).add(INTO, 40)
    panel.register()
    importing.register()
