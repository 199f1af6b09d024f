"""What can be done with many rows at once. Whoever offers an act registers it here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.kernel.places import Place


@dataclass(frozen=True)
class BulkAct:
    """An act on the ticked rows, or on all that the filter leaves.

    The bar posts `ids` (repeated) or `all=1`, and the whole state of the list, to `endpoint`: the page of the act,
    which shows what would happen; nothing has changed yet. `permission`: ("can_...", "View").
    """

    key: str
    label: Any
    icon: str
    endpoint: str
    permission: tuple[str, str]


_places: dict[str, Place[BulkAct]] = {}


def bulk_acts(listing_key: str) -> Place[BulkAct]:
    """The acts of one list, in their order."""
    return _places.setdefault(listing_key, Place(f"{listing_key}.bulk_acts"))
