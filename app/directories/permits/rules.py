"""Rules of permits. Pure."""

from __future__ import annotations

from datetime import date, timedelta

from app.directories.ending.rules import WARNED_DAYS
from app.kernel.states import StateEnum


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
