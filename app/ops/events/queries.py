"""Reads of the event log within the scope: by record, by task, by person, by tag, agency and period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.audit.models import Event, LogHead, SealedEntry
from app.ops.events.filters import EventFilter
from app.security.models import Account, Agency, Membership
from app.security.scoping import scope_of, unscoped

PAGE = 50
MOST_EXPORTED = 5_000
NOBODY = "-"


class Line(NamedTuple):
    """An event, its position in the sealed log (None while it waits), entries under the latest signed head."""

    event: Event
    index: int | None
    sealed: int


def _lines() -> Select[tuple[Event, int, int]]:
    sealed = select(func.coalesce(func.max(LogHead.size), 0)).scalar_subquery()
    return select(Event, SealedEntry.index, sealed).outerjoin(SealedEntry, SealedEntry.event_id == Event.id)


def lines(session: Session, asked: EventFilter, before: int | None = None, limit: int = PAGE) -> list[Line]:
    """Events that fit, the newest first, those before the event `before`; one more than `limit` at most."""
    query = _lines()
    if asked.subject:
        query = query.where(Event.subject == asked.subject)
    if asked.tag.endswith("."):
        query = query.where(Event.tag.startswith(asked.tag, autoescape=True))
    elif asked.tag:
        query = query.where(Event.tag == asked.tag)
    if asked.actor:
        query = query.where(Event.actor.in_(actors(session, asked.actor)))
    if asked.agency:
        query = query.where(Event.agency_id.in_(_agencies(session, asked.agency)))
    if asked.begins is not None:
        query = query.where(Event.at >= asked.begins)
    if asked.ends is not None:
        query = query.where(Event.at < asked.ends)
    return _newest(session, query, before, limit)


def lines_about(
    session: Session, subjects: Sequence[str], before: int | None = None, limit: int = PAGE
) -> list[Line]:
    """Everything that happened to these subjects, by whomever. The caller has read them within the scope."""
    with unscoped(session, "events of a record within reach"):
        return _newest(session, _lines().where(Event.subject.in_(subjects)), before, limit)


def lines_within_reach(
    session: Session, subject: str, before: int | None = None, limit: int = PAGE
) -> list[Line]:
    return _newest(session, _lines().where(Event.subject == subject), before, limit)


def _newest(
    session: Session, query: Select[tuple[Event, int, int]], before: int | None, limit: int
) -> list[Line]:
    if before is not None:
        query = query.where(Event.id < before)
    rows = session.execute(query.order_by(Event.id.desc()).limit(limit + 1))
    return [Line(event, index, sealed) for event, index, sealed in rows]


def actors(session: Session, wanted: str) -> list[str]:
    """Codes of actors: `u12`, `system`, or the people of the agencies within reach whose name begins so."""
    if wanted[:1] == "u" and wanted[1:].isdecimal() or wanted in {"system", "cli", "public"}:
        return [wanted]
    reach = scope_of(session).readable_agency_ids
    here = exists().where(and_(Membership.user_id == Account.id, Membership.agency_id.in_(reach)))
    query = select(Account.id).where(
        here,
        or_(Account.username == wanted, Account.display_name.startswith(wanted, autoescape=True)),
    )
    return [f"u{number}" for number in session.scalars(query.order_by(Account.id).limit(200))] or [NOBODY]


def _agencies(session: Session, wanted: str) -> list[int]:
    """Agencies within reach, by code or a part of the name; [-1] where none fits."""
    query = select(Agency.id).where(
        Agency.id.in_(scope_of(session).readable_agency_ids),
        or_(Agency.code == wanted, Agency.name.contains(wanted, autoescape=True)),
    )
    return list(session.scalars(query.limit(500))) or [-1]


def subjects_in(lines: Iterable[Line]) -> set[str]:
    return {line.event.subject for line in lines}
