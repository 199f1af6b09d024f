"""What happens to inspectors by itself, day by day."""

from __future__ import annotations

from datetime import date

from app.db import Unit
from app.directories.inspectors.services import carry_out_due, tell_of_ends
from app.jobs.registry import periodic


@periodic("inspectors.certificates", every="day", at="06:40", missed="latest")
def certificates(unit: Unit, period: str) -> None:
    tell_of_ends(unit, date.fromisoformat(period))


@periodic("inspectors.transfers", every="day", at="00:10", missed="latest")
def transfers(unit: Unit, period: str) -> None:
    carry_out_due(unit, date.fromisoformat(period))
