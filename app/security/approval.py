"""Where an approval goes: to the agency's own reviewers, or, where there are fewer than two, to the office
above.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.security.models import Agency
from app.security.queries import office_above, office_of, people
from app.security.rules import RoleName

LEAST_REVIEWERS = 2


def approving_agency(session: Session, agency: Agency, day: date) -> Agency:
    """The agency whose reviewers approve on a day what `agency` submits; at the top of the tree the office itself."""
    current = agency
    while len(people(session, current.id, {RoleName.REVIEWER}, day)) < LEAST_REVIEWERS:
        above = office_above(session, current) if current.is_office else office_of(session, current.region_id)
        if above is None:
            return current
        current = above
    return current
