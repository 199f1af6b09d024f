"""联合检查: visits, check forms, results, follow-up (R-26.1, R-27.1, R-28.1, N-4, N-5, N-6).

Others use `queries`, `services` and `rules.may_close`. Called in the transaction of the act:

- `after_approval(unit, form)`: a result has been approved and is to be published
- `after_settled(unit, task_id)`: every form of the task is published or exempted
- `after_follow_up(unit, follow_up)`: a case has been closed
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.kernel.places import Place

after_approval: Place[Callable[[Any, Any], None]] = Place("inspections.after_approval")
after_settled: Place[Callable[[Any, int], None]] = Place("inspections.after_settled")
after_follow_up: Place[Callable[[Any, Any], None]] = Place("inspections.after_follow_up")
