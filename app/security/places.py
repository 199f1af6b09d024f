"""Who hears of a line of the security log, in the transaction that writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.db import Unit
from app.kernel.places import Place


@dataclass(frozen=True)
class SecurityNote:
    """A line of the security log that has just been written."""

    id: int
    at: datetime
    user_id: int | None
    action: str
    outcome: str
    subject: str = ""

    @property
    def person_id(self) -> int | None:
        """The account that the line is about, else whoever acted."""
        kind, _, number = self.subject.partition(":")
        return int(number) if kind == "account" and number.isdecimal() else self.user_id


after_security_note: Place[Callable[[Unit, SecurityNote], None]] = Place("after a line of the security log")
