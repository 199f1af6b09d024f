"""What the search in the top bar can find; domains register a finder each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.kernel.places import Place


@dataclass(frozen=True)
class Found:
    title: str
    detail: str
    url: str


@dataclass(frozen=True)
class Finder:
    """`find(session, text, most)` reads through the scope, by index, and returns at most `most` hits."""

    label: Any
    find: Callable[[Session, str, int], list[Found]]


finders: Place[Finder] = Place("finders")
