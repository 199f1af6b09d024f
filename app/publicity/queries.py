"""Reads for the public pages, from public records alone, and the staff's list of publications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, undefer

from app.directories.sources.queries import codes_of
from app.directories.targets.search import like_pattern
from app.publicity.models import Publication, PublicRecord
from app.publicity.rules import SHAPES, PublicationState, PublicKind
from app.security.models import Region

PAGE = 30
COUNT_AT_MOST = 10_000
LONGEST_QUERY = 60
MOST_RESULTS = 200
_WAITING = [s.value for s in (PublicationState.DUE, PublicationState.QUEUED, PublicationState.FAILED)]


@dataclass(frozen=True)
class Wanted:
    """What a public list is narrowed to. `regions`: codes of the chosen region and everything below it; `codes`: all
    that the target has or had whose code the text is.
    """

    kind: PublicKind
    today: date
    text: str = ""
    year: int | None = None
    regions: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def criteria(self) -> list[ColumnElement[bool]]:
        found = [PublicRecord.kind == self.kind.value, *_visible(self.today)]
        if self.year is not None:
            found.append(PublicRecord.year == self.year)
        if self.regions:
            found.append(PublicRecord.region_code.in_(self.regions))
        text = self.text.strip()[:LONGEST_QUERY]
        if text:
            by_code = [PublicRecord.target_code.in_(self.codes)] if self.codes else []
            found.append(or_(_by_title(text), *by_code))
        return found


def _visible(today: date) -> list[ColumnElement[bool]]:
    return [
        PublicRecord.withdrawn_at.is_(None),
        or_(PublicRecord.shown_until.is_(None), PublicRecord.shown_until >= today),
    ]


def _by_title(text: str) -> ColumnElement[bool]:
    """Two characters and more through the bigram index, one by the beginning; a code as it stands."""
    if len(text) == 1:
        return PublicRecord.title.startswith(text, autoescape=True)
    pattern = f"%{like_pattern(text)}%"
    in_title = PublicRecord.search_grams.contains(func.bigrams2(text)) & PublicRecord.title.like(
        pattern, escape="\\"
    )
    return or_(in_title, PublicRecord.key == text, PublicRecord.target_code == text)


SUMMARY: Mapping[PublicKind, tuple[str, ...]] = {
    PublicKind.LIST: ("list_kind",),
    PublicKind.PLAN: ("plan_kind",),
    PublicKind.DRAW: (
        "task_no",
        "initiator",
        "state",
        "mode",
        "targets",
        "eligible",
        "drawn",
        "frozen_at",
        "drawn_at",
        "opened_at",
        "void_reason",
        "void_draws",
    ),
    PublicKind.RESULT: tuple(SHAPES[PublicKind.RESULT]),
    PublicKind.BULLETIN: ("number",),
}
"""What an index shows of a record, so that no list of thousands of rows is read for one line."""


@dataclass(frozen=True)
class Line:
    """One line of an index: the record without its payload, and what `SUMMARY` names of it."""

    record: PublicRecord
    fields: dict[str, Any]


def records(session: Session, wanted: Wanted, *, before: int | None = None, limit: int = PAGE) -> list[Line]:
    """The latest first; one row more than `limit` says that there are more."""
    names = SUMMARY[wanted.kind]
    columns = [PublicRecord.payload[name].label(f"field_{name}") for name in names]
    if wanted.kind in {PublicKind.LIST, PublicKind.PLAN}:
        names = (*names, "number")
        columns.append(func.jsonb_array_length(PublicRecord.payload["rows"]).label("field_number"))
    query = select(PublicRecord, *columns).where(*wanted.criteria())
    if before is not None:
        query = query.where(PublicRecord.id < before)
    found = session.execute(query.order_by(PublicRecord.id.desc()).limit(limit + 1)).all()
    return [Line(row[0], dict(zip(names, row[1:], strict=True))) for row in found]


def latest(session: Session, today: date, limit: int) -> list[PublicRecord]:
    """Of all kinds, the latest first."""
    query = select(PublicRecord).where(*_visible(today)).order_by(PublicRecord.id.desc()).limit(limit)
    return list(session.scalars(query))


def count_records(session: Session, wanted: Wanted) -> int:
    """Up to `COUNT_AT_MOST` + 1; more are not counted."""
    inner = select(PublicRecord.id).where(*wanted.criteria()).limit(COUNT_AT_MOST + 1).subquery()
    return session.scalar(select(func.count()).select_from(inner)) or 0


def find_record(session: Session, kind: PublicKind, key: str, today: date) -> PublicRecord | None:
    """One record with its payload; a withdrawn list or plan too, so that the page can say so."""
    query = (
        select(PublicRecord)
        .where(PublicRecord.kind == kind.value, PublicRecord.key == key)
        .options(undefer(PublicRecord.payload))
    )
    found = session.scalars(query).one_or_none()
    if found is None or (found.shown_until is not None and found.shown_until < today):
        return None
    if found.withdrawn_at is not None and kind in {PublicKind.RESULT, PublicKind.BULLETIN}:
        return None
    return found


def results_of(session: Session, code: str, today: date) -> list[PublicRecord]:
    """The published results of a target by any code that it has or had, the latest first; else empty."""
    query = (
        select(PublicRecord)
        .where(
            PublicRecord.target_code.in_(codes_of(session, code)),
            PublicRecord.kind == PublicKind.RESULT.value,
            *_visible(today),
        )
        .options(undefer(PublicRecord.payload))
        .order_by(PublicRecord.id.desc())
        .limit(MOST_RESULTS)
    )
    return list(session.scalars(query))


def covered_regions(session: Session, code: str) -> tuple[str, ...]:
    """The region's own code and those of everything below it; the code itself for an unknown one."""
    path = session.scalar(select(Region.path).where(Region.code == code))
    if path is None:
        return (code,)
    query = select(Region.code).where(or_(Region.path == path, Region.path.startswith(path + "/")))
    return tuple(session.scalars(query))


def regions_to_choose(session: Session) -> Sequence[Region]:
    return session.scalars(select(Region).order_by(Region.path)).all()


def publications(
    session: Session, *, state: str = "", kind: str = "", before: int | None = None, limit: int = PAGE
) -> list[Publication]:
    """Of the agencies within reach, the latest first; one row more than `limit`."""
    query = select(Publication).options(joinedload(Publication.agency)).order_by(Publication.id.desc())
    if state:
        query = query.where(Publication.state == state)
    if kind:
        query = query.where(Publication.kind == kind)
    if before is not None:
        query = query.where(Publication.id < before)
    return list(session.scalars(query.limit(limit + 1)))


def get_publication(session: Session, publication_id: int) -> Publication | None:
    query = (
        select(Publication).where(Publication.id == publication_id).options(joinedload(Publication.agency))
    )
    return session.scalars(query).one_or_none()


def waiting_publications(session: Session, agency_id: int, limit: int) -> list[Publication]:
    """Not public yet, the nearest deadline first."""
    query = _waiting(select(Publication), agency_id).order_by(Publication.due_at, Publication.id)
    return list(session.scalars(query.limit(limit)))


def needing_attention(agency_ids: Sequence[int], now: datetime) -> Select[Any]:
    """Failed, or late: what the menu counts, up to a hundred."""
    late = Publication.state.in_(_WAITING) & (Publication.due_at <= now)
    failed = Publication.state == PublicationState.FAILED.value
    return select(Publication.id).where(Publication.agency_id.in_(agency_ids), or_(failed, late)).limit(100)


def _waiting(query: Select[tuple[Publication]], agency_id: int) -> Select[tuple[Publication]]:
    return query.where(Publication.agency_id == agency_id, Publication.state.in_(_WAITING))
