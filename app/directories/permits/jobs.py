"""What happens to permits by itself, day by day."""

from __future__ import annotations

from datetime import date

from app.db import Unit
from app.directories.permits.warning import tell_of_permits
from app.jobs.registry import periodic


@periodic("permits.ending", every="day", at="06:45", missed="latest")
def ending(unit: Unit, period: str) -> None:
    tell_of_permits(unit, date.fromisoformat(period))
