"""The filters of the security log, as they stand in an address and in an export."""

from __future__ import annotations

from dataclasses import dataclass

from app.ops.periods import PeriodFilter


@dataclass(frozen=True, kw_only=True)
class LogFilter(PeriodFilter):
    """`person`: account number or name."""

    person: str = ""
    action: str = ""
    outcome: str = ""
    address: str = ""
    agency: str = ""
    text: str = ""
