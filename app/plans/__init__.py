"""年度抽查工作计划: agency plans, the joint plan, their entries (R-18.x, R-19.1).

Others use `queries.published_entries_for`, `queries.expected_draw`, `rules.read_selection` and
`services.note_progress`; `after_publication` is called with the unit and the plan in the transaction in which
a plan becomes public.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.kernel.places import Place

after_publication: Place[Callable[[Any, Any], None]] = Place("plans.after_publication")
