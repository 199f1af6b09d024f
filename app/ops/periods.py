"""What the filters of both logs share: texts of an address, and a period of days in Asia/Shanghai."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar, Self

from app.kernel.clock import SHANGHAI


@dataclass(frozen=True, kw_only=True)
class PeriodFilter:
    """Empty fields do not filter; `since` and `until` are days, both included."""

    longest: ClassVar[int] = 80
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Self:
        """From an address or a stored export; what is no day filters nothing."""
        kept = {name: str(values.get(name) or "").strip()[: cls.longest] for name in cls.__dataclass_fields__}
        kept.pop("longest", None)
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
