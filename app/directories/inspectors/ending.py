"""Certificates that end soon, of both sorts: the enforcement certificate and those beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.orm import Session

from app.directories.ending.rules import STILL_TOLD, WARN_AHEAD
from app.directories.inspectors.models import Certificate, Inspector
from app.security.scoping import scoped_select

ENFORCEMENT = ""
"""Kind of the enforcement certificate."""

_I = Inspector.__table__.c
_C = Certificate.__table__.c


@dataclass(frozen=True)
class Ending:
    """One certificate with its last day; `kind` empty for the enforcement certificate."""

    inspector_id: int
    name: str
    agency_id: int
    user_id: int | None
    kind: str
    number: str
    until: date


def endings(
    session: Session, day: date, *, agency_ids: Sequence[int] | None = None, limit: int | None = None
) -> list[Ending]:
    """Certificates of inspectors on duty that end within 60 days or ended within the last 15, the nearest end first.

    One query; within the session's scope.
    """
    first, last = day - timedelta(days=STILL_TOLD), day + timedelta(days=max(WARN_AHEAD))
    kind, number = literal(ENFORCEMENT).label("kind"), _I.certificate_no.label("number")
    head = (_I.id, _I.name, _I.agency_id, _I.user_id)
    main = scoped_select(session, Inspector, *head, kind, number, _I.certificate_until.label("until")).where(
        _I.active, _I.certified, _I.certificate_until.between(first, last)
    )
    further = (
        scoped_select(session, Inspector, *head, _C.kind, _C.number, _C.valid_until)
        .join(Certificate.__table__, _C.inspector_id == _I.id)
        .where(_I.active, _C.valid_until.between(first, last))
    )
    both = union_all(_of(main, agency_ids), _of(further, agency_ids)).subquery()
    query = select(both).order_by(both.c.until, both.c.id, both.c.kind)
    return [Ending(*row) for row in session.execute(query.limit(limit))]


def endings_of(session: Session, user_id: int, day: date) -> list[Ending]:
    """Those of the inspector behind an account."""
    return [found for found in endings(session, day) if found.user_id == user_id]


def _of(query: Select[tuple[object, ...]], agency_ids: Sequence[int] | None) -> Select[tuple[object, ...]]:
    return query if agency_ids is None else query.where(_I.agency_id.in_(agency_ids))
