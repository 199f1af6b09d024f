"""What the rows of one agency are read with, once per batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.sources.models import SourceSystem
from app.inspections.queries import choices, dispositions
from app.inspections.rules import Choice, publication_deadline
from app.kernel.clock import today
from app.regulation.calendar import WorkCalendar
from app.security.models import Agency
from app.security.queries import work_calendar


@dataclass
class Words:
    """`results` and `dispositions`: what may be chosen, by code and by text."""

    agency_id: int
    systems: dict[str, int]
    results: dict[str, int]
    result_choices: dict[int, Choice]
    result_texts: dict[int, str]
    dispositions: dict[str, str]
    disposition_choices: dict[str, Choice]
    disposition_texts: dict[str, str]
    day: date
    calendar: WorkCalendar

    @cached_property
    def _due(self) -> dict[str, datetime]:
        return {}

    def due_at(self, checked_on: str) -> datetime:
        """Until when the result of an inspection of this day is public (R-27.1)."""
        if checked_on not in self._due:
            self._due[checked_on] = publication_deadline(date.fromisoformat(checked_on), self.calendar).due_at
        return self._due[checked_on]


def words_of(unit: Unit, agency_id: int) -> Words:
    session = unit.session
    agency = session.get_one(Agency, agency_id)
    found = choices(session, agency.line_code)
    after = dispositions(session)
    return Words(
        agency_id=agency_id,
        systems=systems_of(session, agency_id),
        results={word: row.id for row in reversed(found) for word in (row.text, row.code)},
        result_choices={row.id: Choice(row.kind, row.is_problem, row.needs_follow_up) for row in found},
        result_texts={row.id: row.text for row in found},
        dispositions={word: row.code for row in after for word in (row.text, row.code)},
        disposition_choices={
            row.code: Choice(row.kind, row.is_problem, row.needs_follow_up, row.needs_text) for row in after
        },
        disposition_texts={row.code: row.text for row in after},
        day=today(unit.clock),
        calendar=work_calendar(session),
    )


def systems_of(session: Session, agency_id: int) -> dict[str, int]:
    """Systems of the agency that may bring something, by code."""
    query = select(SourceSystem.code, SourceSystem.id).where(
        SourceSystem.agency_id == agency_id, SourceSystem.active
    )
    return dict(session.execute(query.order_by(SourceSystem.code)).all())
