"""`flask --app run import items FILE`."""

from __future__ import annotations

from typing import Any

from app.directories.commands import import_group, import_options, run_import
from app.item_lists.services.importing import import_items


@import_group.command("items")
@import_options
def items(**arguments: Any) -> None:
    """Items from FILE (XLSX or CSV) into the draft list of this year. Without --agency: by the line of
    each row.
    """
    run_import(import_items, **arguments)


GROUPS: list[Any] = []
