"""What the domain of item lists tells: the items of an agency that could be marked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.kernel.places import Place

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.security.models import Agency


@dataclass(frozen=True)
class Items:
    """`choices(session, agency)`: items of the agency's line in published lists, (id, label)."""

    choices: Callable[[Session, Agency], list[tuple[int, str]]]


items: Place[Items] = Place("outside items")
"""Registered once, by the domain of item lists."""
