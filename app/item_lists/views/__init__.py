"""Pages of item lists."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from app.item_lists import importing, joint_libraries, outside
from app.item_lists.views.items import ItemView
from app.item_lists.views.lists import ItemListView
from app.security.menu import MenuItem, add_menu

MENU = MenuItem(
    "prepare", _l("Item lists"), "ItemListView.index", "list-details", ("can_read", "ItemListView"), 10
)


def register(appbuilder: Any) -> None:
    appbuilder.add_view_no_menu(ItemListView)
    appbuilder.add_view_no_menu(ItemView)
    add_menu(MENU)
    joint_libraries.register()
    outside.register()
    importing.register()
