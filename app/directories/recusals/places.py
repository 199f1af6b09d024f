"""What domains above know of pairs: who was where, and what an agency has to do when a pair must not meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from app.directories.inspectors.places import OpenVisit
from app.directories.recusals.making import Meeting
from app.kernel.places import Place

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

meetings: Place[Callable[[Session, int, date], Iterable[Meeting]]] = Place("meetings")
"""(session, agency id, first day): visits that are done, with the agency's people in them."""

to_replace: Place[Callable[[Session, int, int], list[OpenVisit]]] = Place("visits to replace")
"""(session, inspector id, target id): open visits of the two; `link` leads to the replacement by the drawn order."""
