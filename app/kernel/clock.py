"""Time as an argument: rules and services never ask the machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
UTC = timezone.utc

_OFFSET = re.compile(r"^([+-])(\d+)([dhms])$")
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...


def today(clock: Clock) -> date:
    """The calendar day in Asia/Shanghai, which is the day that every deadline is counted in."""
    return clock.now().astimezone(SHANGHAI).date()


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock, moved by `offset`."""

    offset: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


def machine_time(clock: Clock) -> datetime:
    """The time without the offset of `PORTAL_CLOCK`: for codes and tokens that other machines make by their own
    clocks.
    """
    return clock.now() - clock.offset if isinstance(clock, SystemClock) else clock.now()


@dataclass
class FixedClock:
    """A clock that stands still until it is moved; for tests and scripted journeys."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def advance(self, **parts: float) -> None:
        self.at += timedelta(**parts)


def parse_clock(text: str | None, machine_now: datetime | None = None) -> Clock:
    """Read `PORTAL_CLOCK`: nothing, an offset (`+3d`, `-2h`) or an absolute time that then runs on.

    :raises ValueError: with a sentence that names the two accepted shapes
    """
    if not text:
        return SystemClock()
    match = _OFFSET.match(text.strip())
    if match:
        sign, number, unit = match.groups()
        seconds = int(number) * _UNITS[unit]
        return SystemClock(timedelta(seconds=seconds if sign == "+" else -seconds))
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            f"PORTAL_CLOCK must be an offset such as +3d or a time such as 2027-01-04T09:00:00+08:00, not {text!r}"
        ) from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=SHANGHAI)
    return SystemClock(at - (machine_now or datetime.now(UTC)))
