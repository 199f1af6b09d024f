"""Whom the matching tells what happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.kernel.places import Place

if TYPE_CHECKING:
    from app.db import Unit
    from app.draws.models import Draw
    from app.matching.models import Assignment

after_confirm: Place[Callable[[Unit, Draw], None]] = Place("matching after confirm")
"""Told within the unit: all assignments of the draw are confirmed; the visits can be set up."""
after_change: Place[Callable[[Unit, Assignment, Assignment], None]] = Place("matching after change")
"""Told within the unit: a confirmed assignment was replaced by another one."""
