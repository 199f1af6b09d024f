"""How many visits an inspector has this year: kept by the matching, read by the next one."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select

from app.db import Unit
from app.directories.inspectors.models import Inspector


def change_load(unit: Unit, more: Counter[int], fewer: Counter[int] | None = None) -> None:
    """Add and take away visits by inspector id; rows are locked in one order."""
    less = fewer or Counter()
    query = select(Inspector).where(Inspector.id.in_({*more, *less})).order_by(Inspector.id).with_for_update()
    for person in unit.session.scalars(query.execution_options(populate_existing=True)):
        person.load = max(0, person.load + more[person.id] - less[person.id])
    unit.session.flush()
