"""The column of the list of targets that says how often each was visited this year."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from app.directories.listing.columns import Column
from app.directories.listing.listing import add_column
from app.directories.past.queries import visits_before
from app.inspections.models import CheckForm, Visit
from app.inspections.of_inspectors import ENTERED
from app.kernel.clock import today
from app.security.context import current_clock


def visits_in(session: Session, target_ids: Collection[int], year: int) -> dict[int, int]:
    """Target id -> visits of that year within reach, whichever agencies took part in one, and those that were made
    before the portal or outside it; targets without any are left out. Two queries and those of other systems.
    """
    if not target_ids:
        return {}
    day = func.coalesce(CheckForm.visit_ended_on, CheckForm.visit_started_on)
    query = (
        select(Visit.target_id, func.count(Visit.id.distinct()))
        .join(CheckForm, CheckForm.visit_id == Visit.id)
        .where(Visit.target_id.in_(target_ids), CheckForm.state.in_(ENTERED), extract("year", day) == year)
        .group_by(Visit.target_id)
    )
    found = visits_before(session, target_ids, year)
    for target_id, number in session.execute(query):
        found[target_id] = found.get(target_id, 0) + int(number)
    return found


def _this_year(session: Session, ids: Sequence[int]) -> dict[int, int]:
    found = visits_in(session, ids, today(current_clock()).year)
    return {number: found.get(number, 0) for number in ids}


COLUMN = Column(
    "visits_this_year", _l("Visits this year"), None, kind="number", shown=False, computed=_this_year
)


def register() -> None:
    add_column("targets", COLUMN)
