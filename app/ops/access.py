"""Who gets into the console. For everybody else it is not there."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import abort, request
from flask_admin import BaseView
from flask_admin.contrib.sqla import ModelView

from app.security.access import ask_log_in
from app.security.context import person
from app.security.rules import RoleName

MOST_PAGES = 10_000


class Doorkeeper:
    """Mixin, first in the bases: `roles` of the membership in use open the view."""

    roles: ClassVar[frozenset[str]] = frozenset({RoleName.SYSTEM_ADMIN})
    access_rule: ClassVar[str] = "console role"

    def is_accessible(self) -> bool:
        who = person()
        return who is not None and bool(who.actor.roles & self.roles)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        return ask_log_in() if person() is None else abort(404)


class ConsolePage(Doorkeeper, BaseView):
    """A page of its own in the console."""

    def is_visible(self) -> bool:
        return True


class ConsoleList(Doorkeeper, ModelView):
    """A list to look at: no forms, no details, no total, no deep pages."""

    can_create = can_edit = can_delete = can_view_details = can_export = False
    can_set_page_size = False
    simple_list_pager = True
    page_size = 50
    column_display_actions = False
    form_columns: ClassVar[tuple[str, ...]] = ()

    def handle_action(self, return_view: str | None = None) -> Any:
        """Back to the list as it was seen. Flask-Admin would write an address with line breaks into the header."""
        if any(character < " " for character in request.values.get("url", "")):
            return_view = "index_view"
        return super().handle_action(return_view)

    def scaffold_form(self) -> type[Any]:
        """Nothing is entered here."""
        return self.form_base_class

    def _get_list_extra_args(self) -> Any:
        found = super()._get_list_extra_args()
        found.page = min(max(found.page or 0, 0), MOST_PAGES)
        return found
