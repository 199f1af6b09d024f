"""What higher domains tell the libraries: the joint items and who takes part, and the lists that draws froze."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from app.kernel.places import Place

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.directories.libraries.models import Library
    from app.security.models import Agency


@dataclass(frozen=True)
class Parties:
    """A joint item in a region: `initiator_id` and `agency_ids` (the initiator's among them)."""

    joint_item_id: int
    label: str
    initiator_id: int
    agency_ids: tuple[int, ...]


@dataclass(frozen=True)
class JointItems:
    """`choices(session, agency)`: joint items in which the agency takes part, (id, label);
    `parties(session, joint_item_id, agency)`: who takes part in its region, None where it is not one of them;
    `label(session, joint_item_id)`: its name, as whoever asks may read it.
    """

    choices: Callable[[Session, Agency], list[tuple[int, str]]]
    parties: Callable[[Session, int, Agency], Parties | None]
    label: Callable[[Session, int], str]


@dataclass(frozen=True)
class FrozenList:
    """The list that a draw froze: code and risk class of every row, `classes` figures of it."""

    draw_no: str
    url: str
    frozen_at: datetime
    rows: Callable[[], Iterator[tuple[str, str]]]


@dataclass(frozen=True)
class Use:
    """A plan or a task that draws from a library; without `url` where whoever asks may not open it."""

    label: str
    url: str = ""


joint_items: Place[JointItems] = Place("library joint items")
"""Registered once, by the domain of item lists."""
frozen_lists: Place[Callable[[Session, Library], FrozenList | None]] = Place("library frozen lists")
"""The list of the last draw that used a library, as far as whoever asks may see it."""
library_uses: Place[Callable[[Session, Library, date], list[Use]]] = Place("library uses")
"""`(session, library, day)`: what draws from it and is not over on that day, wherever it lies."""
