"""Rules of permits. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from app.kernel.states import StateEnum

WARNED_DAYS = 60
"""So many days before its end a permit counts as expiring soon."""
WARN_AHEAD = (WARNED_DAYS, 15)
"""So many days before its end the agency is told of it."""
ENDED = 0
STILL_TOLD = 15
"""Days after its end within which a permit is still said to have ended."""


def warning_of(until: date, day: date) -> int | None:
    """The threshold that a permit has reached: 60 or 15 days ahead, 0 when it has ended lately, else None."""
    left = (until - day).days
    if left < 0:
        return ENDED if left >= -STILL_TOLD else None
    return min((ahead for ahead in WARN_AHEAD if left <= ahead), default=None)


class PermitStatus(StateEnum):
    VALID = "valid", "In force", "ok"
    SUSPENDED = "suspended", "On hold", "warn"
    CANCELLED = "cancelled", "Surrendered", "mute"
    REVOKED = "revoked", "Revoked", "bad"


class Standing(StateEnum):
    """How a permit stands on a day: its status, and for one in force its dates."""

    HOLDS = "holds", "In force", "ok"
    ENDS_SOON = "ends_soon", "Expiring soon", "warn"
    NOT_YET = "not_yet", "Not yet valid", "info"
    ENDED = "ended", "Expired", "bad"
    SUSPENDED = "suspended", "On hold", "warn"
    CANCELLED = "cancelled", "Surrendered", "mute"
    REVOKED = "revoked", "Revoked", "bad"


def standing(status: str, valid_from: date | None, valid_until: date | None, day: date) -> Standing:
    """:param valid_until: the last day of validity; None: for an indefinite time"""
    if status != PermitStatus.VALID:
        return Standing(status)
    if valid_from is not None and day < valid_from:
        return Standing.NOT_YET
    if valid_until is None:
        return Standing.HOLDS
    if day > valid_until:
        return Standing.ENDED
    return Standing.ENDS_SOON if valid_until <= day + timedelta(days=WARNED_DAYS) else Standing.HOLDS


def holds(status: str, valid_from: date | None, valid_until: date | None, day: date) -> bool:
    """Whether the permit gives its right on that day."""
    return standing(status, valid_from, valid_until, day) in (Standing.HOLDS, Standing.ENDS_SOON)
