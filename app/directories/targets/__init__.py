"""检查对象: whoever may be inspected (R-4.1, R-11.x).

`panels` is the place on a target's page in which higher domains show what they know of it; `instead` says which
target stands for one that is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.kernel.places import Place


@dataclass(frozen=True)
class Panel:
    """`render(session, target)` gives safe HTML for a card, or nothing; it reads through the scope."""

    title: Any
    render: Callable[[Any, Any], str | None]


panels: Place[Panel] = Place("target panels")
instead: Place[Callable[[Any, int], int | None]] = Place("targets that stand for gone ones")
"""`(session, target_id) -> id of the target to show instead`, or nothing; it reads through the scope."""
