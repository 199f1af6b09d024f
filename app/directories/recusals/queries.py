"""Which pairs must not meet. Within the session's scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.directories.inspectors.models import Inspector
from app.directories.recusals.making import Made
from app.directories.recusals.models import Recusal, RecusalRequest, Tie
from app.directories.recusals.rules import RequestState
from app.directories.targets.models import Target
from app.kernel.errors import NotFound
from app.security.scoping import scoped_select

PAGE = 50

_P = Recusal.__table__.c


@dataclass(frozen=True)
class Pair:
    inspector_id: int
    target_id: int
    reason: str


def active_in(first_day: date, last_day: date) -> ColumnElement[bool]:
    """`rules.is_active` as SQL."""
    return and_(
        _P.withdrawn_on.is_(None), _P.since <= last_day, or_(_P.until.is_(None), _P.until >= first_day)
    )


def active_pairs(
    session: Session,
    inspector_ids: Collection[int],
    first_day: date,
    last_day: date,
    target_ids: Collection[int] | None = None,
) -> list[Pair]:
    """Recused pairs of a roster in a period, each pair once (the first reason in the order of words).

    :param target_ids: only these targets; None: all, for a frame of many
    """
    statement = (
        scoped_select(session, Recusal, _P.inspector_id, _P.target_id, _P.reason)
        .where(_P.inspector_id.in_(inspector_ids), active_in(first_day, last_day))
        .order_by(_P.inspector_id, _P.target_id, _P.reason)
    )
    if target_ids is not None:
        statement = statement.where(_P.target_id.in_(target_ids))
    found: dict[tuple[int, int], Pair] = {}
    for inspector_id, target_id, reason in session.execute(statement):
        found.setdefault((inspector_id, target_id), Pair(inspector_id, target_id, reason))
    return list(found.values())


def recusals(
    session: Session, *, after: int | None = None, only_active: date | None = None, limit: int = PAGE
) -> Sequence[Recusal]:
    """Recusals with both sides, the latest first; `after` is the id of the last one seen. One row more than
    `limit` says that there are more."""
    statement = (
        select(Recusal)
        .join(Inspector, Inspector.id == Recusal.inspector_id)
        .options(
            joinedload(Recusal.inspector).joinedload(Inspector.agency),
            joinedload(Recusal.target).load_only(Target.id, Target.code, Target.name),
        )
        .order_by(Recusal.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        statement = statement.where(Recusal.id < after)
    if only_active is not None:
        statement = statement.where(active_in(only_active, only_active))
    return session.scalars(statement).unique().all()


def of_target(session: Session, target_id: int, limit: int = PAGE) -> Sequence[Recusal]:
    statement = (
        select(Recusal)
        .where(Recusal.target_id == target_id)
        .options(joinedload(Recusal.inspector))
        .order_by(Recusal.id.desc())
        .limit(limit)
    )
    return session.scalars(statement).all()


def get_recusal(session: Session, recusal_id: int) -> Recusal:
    """:raises NotFound: not there, or not within the scope"""
    found = session.scalars(
        select(Recusal)
        .where(Recusal.id == recusal_id)
        .options(joinedload(Recusal.inspector), joinedload(Recusal.target), selectinload(Recusal.evidences))
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="recusal")
    return found


def requests(session: Session, *, after: int | None = None, limit: int = PAGE) -> Sequence[RecusalRequest]:
    """Declarations of targets, those that wait first, then the latest. One row more than `limit` says that there
    are more; `after` is the id of the last one seen, and leads past those that wait.
    """
    waits = RecusalRequest.state == RequestState.WAITING.value
    query = (
        select(RecusalRequest)
        .options(
            joinedload(RecusalRequest.inspector),
            joinedload(RecusalRequest.target).load_only(Target.id, Target.code, Target.name),
        )
        .limit(limit + 1)
    )
    if after is None:
        query = query.order_by(waits.desc(), RecusalRequest.id.desc())
    else:
        query = query.where(RecusalRequest.id < after, ~waits).order_by(RecusalRequest.id.desc())
    return session.scalars(query).unique().all()


def get_request(session: Session, request_id: int) -> RecusalRequest:
    """:raises NotFound: not there, or not within the scope"""
    found = session.scalars(
        select(RecusalRequest)
        .where(RecusalRequest.id == request_id)
        .options(
            joinedload(RecusalRequest.inspector),
            joinedload(RecusalRequest.target),
            joinedload(RecusalRequest.agency),
            selectinload(RecusalRequest.evidences),
        )
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="recusal_request")
    return found


def ties(
    session: Session, *, agency_id: int, user_id: int | None, after: int | None = None, limit: int = PAGE
) -> Sequence[Tie]:
    """Ties of an agency, or only those of the inspector behind an account; one row more than `limit`."""
    query = (
        select(Tie)
        .join(Inspector, Inspector.id == Tie.inspector_id)
        .where(Tie.agency_id == agency_id)
        .options(
            joinedload(Tie.inspector), joinedload(Tie.target).load_only(Target.id, Target.code, Target.name)
        )
        .order_by(Tie.id.desc())
        .limit(limit + 1)
    )
    if user_id is not None:
        query = query.where(Inspector.user_id == user_id)
    if after is not None:
        query = query.where(Tie.id < after)
    return session.scalars(query).unique().all()


def count_by_rule(session: Session, agency_id: int) -> dict[str, int]:
    """Reason -> pairs that rules of the agency have made and that stand."""
    query = (
        select(Recusal.reason, func.count())
        .where(Recusal.agency_id == agency_id, Recusal.rule_id.is_not(None), Recusal.withdrawn_on.is_(None))
        .group_by(Recusal.reason)
    )
    return dict(session.execute(query).all())


def named(session: Session, made: Sequence[Made]) -> list[tuple[Made, str, str]]:
    """Pairs with the names of both sides. Two queries."""
    people = {pair.inspector_id for pair in made}
    places = {pair.target_id for pair in made}
    who = dict(session.execute(select(Inspector.id, Inspector.name).where(Inspector.id.in_(people))).all())
    where = dict(session.execute(select(Target.id, Target.name).where(Target.id.in_(places))).all())
    return [(pair, who.get(pair.inspector_id, "—"), where.get(pair.target_id, "—")) for pair in made]
