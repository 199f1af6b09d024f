"""Who else knows of visits that the portal did not set up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sqlalchemy.orm import Session

from app.kernel.places import Place

outside_visits: Place[Callable[[Session, Collection[int], int], Mapping[int, int]]] = Place("outside visits")
"""(session, target ids, year) -> id -> visits of that year."""
