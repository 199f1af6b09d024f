"""Pairs that rules make follow the calendar and the visits, day by day."""

from __future__ import annotations

from datetime import date

from app.db import Unit
from app.directories.recusals.services.applying import agencies_with_rules, apply_rules
from app.jobs.registry import periodic


@periodic("recusals.rules", every="day", at="00:40", missed="latest")
def rules(unit: Unit, period: str) -> None:
    for agency_id in agencies_with_rules(unit.session):
        apply_rules(unit, agency_id, date.fromisoformat(period))
