"""Pages of the people of an area."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.people import due
from app.people.services.accepting import note_own_password
from app.people.telling import tell_owner
from app.people.views.accepting import InvitationView
from app.people.views.dissolving import DissolveView
from app.people.views.importing import PeopleImportView
from app.people.views.inviting import InviteView
from app.people.views.listing import PeopleView
from app.people.views.locking import LockingView
from app.people.views.moving import MoveView
from app.people.views.one import SUBJECT, PersonView
from app.people.views.places import PlacesView
from app.security.menu import MenuItem, add_menu
from app.security.places import after_security_note
from app.security.protection.subjects import subjects

VIEWS = (
    PeopleView,
    PersonView,
    PlacesView,
    LockingView,
    InviteView,
    MoveView,
    DissolveView,
    PeopleImportView,
    InvitationView,
)
MENU = MenuItem("settings", _l("People"), "PeopleView.list", "users", ("can_keep", "PeopleView"), order=10)


def register(appbuilder: Any) -> None:
    for view in VIEWS:
        appbuilder.add_view_no_menu(view)
    add_menu(MENU)
    subjects.add(SUBJECT)
    after_security_note.add(note_own_password)
    after_security_note.add(tell_owner)
    due.register()
