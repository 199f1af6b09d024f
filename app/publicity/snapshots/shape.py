"""The value that becomes a public record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.kernel.clock import SHANGHAI


@dataclass(frozen=True)
class Snapshot:
    """`title` is what the search finds; `target_code` only where a page of the target may answer to it."""

    title: str
    agency_name: str
    region_code: str
    year: int
    payload: dict[str, Any]
    target_code: str | None = None


def moment(at: datetime | None) -> str:
    """ISO 8601 with the offset of Asia/Shanghai, to the second; empty for none."""
    return at.astimezone(SHANGHAI).replace(microsecond=0).isoformat() if at else ""
