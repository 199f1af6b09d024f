"""Pages of draws: list, ceremony, freeze, contribution, draw, void, drawn targets, bundle."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.draws import due, hand_over, libraries, task_page
from app.draws.views.acts import DrawActs
from app.draws.views.contribution import ContributionPages
from app.draws.views.pages import DrawPages
from app.people.places import open_work
from app.security.menu import MenuItem, add_menu


def register(appbuilder: Any) -> None:
    for view in (DrawPages, DrawActs, ContributionPages):
        appbuilder.add_view_no_menu(view)
    add_menu(MenuItem("carry_out", _l("Draws"), "DrawPages.list", "dice-5", ("can_read", "Draws"), order=30))
    due.register()
    open_work.add(hand_over.PROVIDER, 50)
    task_page.register()
    libraries.register()
