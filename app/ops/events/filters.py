"""The filters of the event browser, as they stand in an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from app.kernel.clock import SHANGHAI

LONGEST = 120
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
    "recusal": _l("Recusals"),
    "risk": _l("Risk"),
    "list": _l("Own lists"),
    "import": _l("Imports"),
    "account": _l("Accounts"),
    "role": _l("Roles"),
}
"""By the first word of a tag."""


@dataclass(frozen=True)
class EventFilter:
    """Empty fields do not filter. `tag`: one tag, or an area followed by a full stop; days are both included."""

    subject: str = ""
    tag: str = ""
    actor: str = ""
    agency: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> EventFilter:
        kept = {name: str(values.get(name) or "").strip()[:LONGEST] for name in cls.__dataclass_fields__}
        for name in ("since", "until"):
            kept[name] = kept[name] if _day(kept[name]) else ""
        return cls(**kept)

    def as_data(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def begins(self) -> datetime | None:
        day = _day(self.since)
        return datetime.combine(day, time(), SHANGHAI) if day else None

    @property
    def ends(self) -> datetime | None:
        day = _day(self.until)
        return datetime.combine(day + timedelta(days=1), time(), SHANGHAI) if day and day < date.max else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
