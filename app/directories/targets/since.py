"""Since when a target has not been checked: a day, or so long before the day on which somebody asks. Pure.

What is relative is stored as it was said (`6m`, `1y`, `2y`, `never`) and becomes a day at each use.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from app.kernel.states import StateEnum


class Since(StateEnum):
    HALF_YEAR = "6m", "For half a year"
    YEAR = "1y", "For one year"
    TWO_YEARS = "2y", "For two years"
    NEVER = "never", "Never checked"


_MONTHS = {Since.HALF_YEAR: 6, Since.YEAR: 12, Since.TWO_YEARS: 24}


def is_since(text: str) -> bool:
    """Whether this says since when: a relative word, or a day in ISO 8601."""
    if text in set(Since):
        return True
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def checked_before(value: str, day: date) -> date | None:
    """The last check lies before this day, seen from `day`; None: there was none at all.

    :raises ValueError: the value says neither
    """
    if value == Since.NEVER:
        return None
    if value in set(Since):
        return months_before(day, _MONTHS[Since(value)])
    return date.fromisoformat(value)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last one of its month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def widest(values: Sequence[str], day: date) -> str | None:
    """Of several the one that leaves most targets; what is none is passed over."""
    known = [value for value in values if is_since(value)]
    return max(known, key=lambda value: checked_before(value, day) or date.min, default=None)
