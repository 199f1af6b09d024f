"""Search from the top bar: domains register what can be found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.security.finders import Found, finders

MOST = 10


@dataclass(frozen=True)
class Group:
    label: Any
    hits: list[Found]


def search_everywhere(session: Session, text: str) -> list[Group]:
    """Hits per kind, at most ten each, within the session's scope."""
    groups = [Group(finder.label, finder.find(session, text, MOST)) for finder in finders]
    return [group for group in groups if group.hits]
