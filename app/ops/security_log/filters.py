"""The filters of the security log, as they stand in an address and in an export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from app.kernel.clock import SHANGHAI

LONGEST = 80
_NAMES = ("person", "action", "outcome", "address", "agency", "since", "until", "text")


@dataclass(frozen=True)
class LogFilter:
    """Empty fields do not filter. `person`: account number or name; `since`, `until`: days, both included."""

    person: str = ""
    action: str = ""
    outcome: str = ""
    address: str = ""
    agency: str = ""
    since: str = ""
    until: str = ""
    text: str = ""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> LogFilter:
        """From an address or a stored export; what is no day filters nothing."""
        kept = {name: str(values.get(name) or "").strip()[:LONGEST] for name in _NAMES}
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
        """The first moment that no longer belongs to it."""
        day = _day(self.until)
        return datetime.combine(day + timedelta(days=1), time(), SHANGHAI) if day and day < date.max else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
