"""Fields of tasks and results of national systems as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

LABELS: Mapping[str, Any] = {
    "source": _l("Source system"),
    "system_id": _l("Source system"),
    "source_id": _l("What the system calls it"),
    "name": _l("Name of the task"),
    "items": _l("Items"),
    "random": _l("Drawn by lot"),
    "period_from": _l("From"),
    "period_to": _l("Until"),
    "drawn_on": _l("Drawn on"),
    "task": _l("Task"),
    "task_id": _l("Task"),
    "target": _l("Target"),
    "target_id": _l("Target"),
    "inspectors": _l("Inspectors"),
    "inspector_ids": _l("Inspectors"),
    "checked_on": _l("Inspected on"),
    "result": _l("Result of the check"),
    "result_id": _l("Result of the check"),
    "problem_text": _l("Problem found"),
    "disposition": _l("Disposition"),
    "disposition_code": _l("Disposition"),
    "disposition_text": _l("Explanation of the disposition"),
    "corrected_on": _l("Corrected on"),
    "asks": _l("To be decided"),
}
