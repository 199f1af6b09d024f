"""国家系统检查: what an agency inspected in a system of its ministry, taken into the portal (R-6.2).

Tasks and results come in by `/api/v1/sync/tasks`, `/api/v1/sync/results` and by spreadsheet, through one intake. They
count as visits of the target and its inspectors, and become public once a reviewer of the agency approves them.

`after_approval(unit, result)`: in the transaction of the act, a result is to be published.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.kernel.places import Place

after_approval: Place[Callable[[Any, Any], None]] = Place("national.after_approval")
