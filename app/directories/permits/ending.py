"""Permits of an agency that end soon: those that it keeps, and those that it has issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.directories.ending.rules import STILL_TOLD, WARN_AHEAD, WARNED_DAYS
from app.directories.permits.models import Permit
from app.directories.permits.rules import PermitStatus
from app.security.models import Agency
from app.security.scoping import scoped_select

_P = Permit.__table__.c


@dataclass(frozen=True)
class Ending:
    """So many permits of an agency end on a day."""

    agency_id: int
    until: date
    number: int


def of_agency(agency: Agency) -> ColumnElement[bool]:
    return or_(_P.agency_id == agency.id, _P.authority == agency.name)


def endings(session: Session, agency: Agency, day: date) -> list[Ending]:
    """Days of the next 60 on which permits in force of one agency end, the nearest first; in the session's scope."""
    query = scoped_select(session, Permit, _P.valid_until, func.count()).where(
        of_agency(agency), *_in_force(day, day + timedelta(days=WARNED_DAYS))
    )
    rows = session.execute(query.group_by(_P.valid_until).order_by(_P.valid_until))
    return [Ending(agency.id, until, number) for until, number in rows]


def all_endings(session: Session, day: date) -> list[Ending]:
    """The same for all agencies that there are, with the days of the last fortnight. For the system. One query."""
    agency = Agency.__table__.c
    keeper = func.coalesce(_P.agency_id, agency.id).label("keeper")
    query = (
        select(keeper, _P.valid_until, func.count())
        .select_from(Permit.__table__.outerjoin(Agency.__table__, agency.name == _P.authority))
        .where(
            *_in_force(day - timedelta(days=STILL_TOLD), day + timedelta(days=max(WARN_AHEAD))),
            keeper.is_not(None),
        )
        .group_by(keeper, _P.valid_until)
        .order_by(_P.valid_until, keeper)
    )
    return [Ending(*row) for row in session.execute(query)]


def _in_force(first: date, last: date) -> tuple[Any, ...]:
    return (_P.status == PermitStatus.VALID.value, _P.valid_until.between(first, last))
