"""What was done before the portal took over. Within the session's scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from app.directories.past.models import PastLoad, PastVisits
from app.directories.past.places import outside_visits
from app.directories.targets.models import Target
from app.security.models import Agency

PAGE = 50


def visits_before(session: Session, target_ids: Collection[int], year: int) -> dict[int, int]:
    """Target id -> visits of that year by all agencies within reach, from before the portal and in other systems;
    targets without any are left out.
    """
    if not target_ids:
        return {}
    query = (
        select(PastVisits.target_id, func.sum(PastVisits.visits))
        .where(PastVisits.target_id.in_(target_ids), PastVisits.year == year, PastVisits.visits > 0)
        .group_by(PastVisits.target_id)
    )
    found = {target_id: int(visits) for target_id, visits in session.execute(query)}
    for outside in outside_visits:
        for target_id, number in outside(session, target_ids, year).items():
            found[target_id] = found.get(target_id, 0) + number
    return found


def load_before(session: Session, inspector_ids: Collection[int], year: int) -> dict[int, int]:
    """Inspector id -> visits of that year; inspectors without any are left out."""
    if not inspector_ids:
        return {}
    query = select(PastLoad.inspector_id, PastLoad.visits).where(
        PastLoad.inspector_id.in_(inspector_ids), PastLoad.year == year, PastLoad.visits > 0
    )
    return dict(session.execute(query).all())


def visits(session: Session, *, after: int | None = None, limit: int = PAGE) -> Sequence[PastVisits]:
    """Past visits of targets, the latest entry first; one row more than `limit` says that there are more."""
    query = select(PastVisits).options(
        joinedload(PastVisits.target).load_only(Target.id, Target.code, Target.name),
        joinedload(PastVisits.agency),
    )
    if after is not None:
        query = query.where(PastVisits.id < after)
    return session.scalars(query.order_by(PastVisits.id.desc()).limit(limit + 1)).unique().all()


def loads(session: Session, *, after: int | None = None, limit: int = PAGE) -> Sequence[PastLoad]:
    """Past visits of inspectors, the latest entry first; one row more than `limit` says that there are more."""
    query = select(PastLoad).options(joinedload(PastLoad.inspector), joinedload(PastLoad.agency))
    if after is not None:
        query = query.where(PastLoad.id < after)
    return session.scalars(query.order_by(PastLoad.id.desc()).limit(limit + 1)).unique().all()


def of_target(session: Session, target_id: int) -> list[tuple[int, str, int, date | None]]:
    """Year, agency, visits and the last day, the latest year first."""
    query = (
        select(PastVisits.year, Agency.name, PastVisits.visits, PastVisits.last_on)
        .join(Agency, Agency.id == PastVisits.agency_id)
        .where(PastVisits.target_id == target_id)
        .order_by(PastVisits.year.desc(), Agency.code)
        .limit(PAGE)
    )
    return [tuple(row) for row in session.execute(query)]
