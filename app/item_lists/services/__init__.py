"""Verbs of item lists: the life of a list, and its items while it is a draft."""

from app.item_lists.services.importing import import_items
from app.item_lists.services.items import (
    add_item,
    add_joint_item,
    change_item,
    change_joint_item,
    remove_item,
    remove_joint_item,
)
from app.item_lists.services.lists import approve_list, create_list, publish_list, return_list, submit_list

__all__ = [
    "add_item",
    "add_joint_item",
    "approve_list",
    "change_item",
    "change_joint_item",
    "create_list",
    "import_items",
    "publish_list",
    "remove_item",
    "remove_joint_item",
    "return_list",
    "submit_list",
]
