"""The filters of the event browser, as they stand in an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l

from app.ops.periods import PeriodFilter

AREAS: dict[str, Any] = {
    "item_list": _l("Item lists"),
    "plan": _l("Plans"),
    "task": _l("Tasks"),
    "draw": _l("Draws"),
    "matching": _l("Matching"),
    "visits": _l("Approval of visits"),
    "visit": _l("Visits"),
    "form": _l("Check forms"),
    "follow_up": _l("Follow-ups"),
    "publication": _l("Publications"),
    "dossier": _l("Dossiers"),
    "bundle": _l("Bundles"),
    "target": _l("Targets"),
    "inspector": _l("Inspectors"),
    "library": _l("Libraries"),
    "outside": _l("Outside random selection"),
    "recusal": _l("Recusals"),
    "risk": _l("Risk"),
    "list": _l("Own lists"),
    "import": _l("Imports"),
    "account": _l("Accounts"),
    "role": _l("Roles"),
}
"""By the first word of a tag."""


@dataclass(frozen=True, kw_only=True)
class EventFilter(PeriodFilter):
    """`tag`: one tag, or an area followed by a full stop."""

    longest: ClassVar[int] = 120
    subject: str = ""
    tag: str = ""
    actor: str = ""
    agency: str = ""
