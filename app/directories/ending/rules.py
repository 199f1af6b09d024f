"""When somebody is told that something ends. Pure."""

from __future__ import annotations

from datetime import date

from app.regulation import implements

WARNED_DAYS = 60
"""So many days before its end something counts as ending soon."""
WARN_AHEAD = (WARNED_DAYS, 15)
"""So many days before its end somebody is told."""
ENDED = 0
STILL_TOLD = 15
"""Days after its end within which it is still said to have ended."""


@implements("R-15.1")
def warning_of(until: date, day: date) -> int | None:
    """The threshold that has been reached: 60 or 15 days ahead, 0 when it has ended lately, else None.

    The nearest one counts: what is entered ten days before its end is told once, not twice.
    """
    left = (until - day).days
    if left < 0:
        return ENDED if left >= -STILL_TOLD else None
    return min((ahead for ahead in WARN_AHEAD if left <= ahead), default=None)
