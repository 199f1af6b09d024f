"""The left-hand menu, by the life of an inspection. Domains register their lines; nobody sees a line without the right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

from app.kernel.places import Place
from app.security.context import Person

GROUPS = ("work", "prepare", "carry_out", "publish", "sum_up", "settings")


@dataclass(frozen=True)
class MenuItem:
    """`permission` is the pair (permission, view name) that shows the line.

    `counted`: the rows whose number stands beside it, not more than so many; None for a person who has none. All
    lines are counted in one query.
    """

    group: str
    label: Any
    endpoint: str
    icon: str
    permission: tuple[str, str]
    order: int = 100
    counted: Callable[[Person], Select[Any] | None] | None = None
    alarming: bool = False


menu: Place[MenuItem] = Place("menu")


def add_menu(*items: MenuItem) -> None:
    """Register lines; an endpoint has one line, however often the application is put together."""
    for item in items:
        if any(known.endpoint == item.endpoint for known in menu):
            continue
        menu.add(item, GROUPS.index(item.group) * 1000 + item.order)
