"""Reads of the marks: who stands outside random selection today, what waits, and what the public sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, text
from sqlalchemy.orm import Session, joinedload

from app.directories.outside.models import OutsideMark
from app.directories.outside.rules import MarkState
from app.directories.targets.criteria import TODAY
from app.directories.targets.models import Target
from app.kernel.errors import NotFound
from app.security.models import Agency
from app.security.scoping import scoped_select

PAGE = 50
MOST_MATTERS = 500
COUNTED_UP_TO = 10_000

_M = OutsideMark.__table__.c
_T = Target.__table__.c


def standing(day: date | None = None) -> ColumnElement[bool]:
    """Marks that hold on a day, today where none is named."""
    on = TODAY if day is None else literal(day)
    return (_M.state == MarkState.APPROVED.value) & (_M.valid_from <= on) & (_M.valid_until >= on)


def is_outside(day: date | None = None) -> ColumnElement[bool]:
    """Targets outside random selection on a day (R-3.3), as a criterion over `target`."""
    return _T.id.in_(select(_M.target_id).where(standing(day), _M.target_id.is_not(None)))


def items_outside(session: Session, item_ids: Iterable[int], day: date | None = None) -> dict[int, str]:
    """Those of the items that lie outside random selection on a day, with the words of the mark."""
    wanted = list(item_ids)
    if not wanted:
        return {}
    rows = session.execute(select(_M.item_id, _M.matter).where(standing(day), _M.item_id.in_(wanted)))
    return dict(rows.tuples().all())


def get_mark(session: Session, mark_id: int) -> OutsideMark:
    """:raises NotFound: not there, or not within the scope"""
    found = session.scalars(
        select(OutsideMark)
        .where(OutsideMark.id == mark_id)
        .options(joinedload(OutsideMark.agency), joinedload(OutsideMark.target))
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="outside_mark")
    return found


def marks(
    session: Session, agency_ids: Iterable[int], *, state: str = "", before: int | None = None
) -> list[OutsideMark]:
    """Marks of these agencies, newest first; one more than a page."""
    query: Select[Any] = (
        select(OutsideMark)
        .where(OutsideMark.agency_id.in_(list(agency_ids)))
        .options(joinedload(OutsideMark.agency), joinedload(OutsideMark.target))
        .order_by(OutsideMark.id.desc())
        .limit(PAGE + 1)
    )
    if state:
        query = query.where(OutsideMark.state == state)
    if before:
        query = query.where(OutsideMark.id < before)
    return list(session.scalars(query))


def marks_of_target(session: Session, target_id: int) -> list[OutsideMark]:
    """Of one target, newest first."""
    return list(
        session.scalars(
            select(OutsideMark)
            .where(OutsideMark.target_id == target_id)
            .options(joinedload(OutsideMark.agency))
            .order_by(OutsideMark.id.desc())
            .limit(PAGE)
        )
    )


def overlapping(session: Session, mark: OutsideMark) -> OutsideMark | None:
    """Another mark of the same target or item that is asked for or stands within the same days."""
    same = (
        OutsideMark.target_id == mark.target_id
        if mark.target_id is not None
        else OutsideMark.item_id == mark.item_id
    )
    query = select(OutsideMark).where(
        same,
        OutsideMark.state.in_((MarkState.ASKED.value, MarkState.APPROVED.value)),
        OutsideMark.valid_from <= mark.valid_until,
        OutsideMark.valid_until >= mark.valid_from,
    )
    return session.scalars(query.limit(1)).first()


@dataclass(frozen=True)
class PublicLine:
    """One matter of the public list: how many targets it keeps outside, or that the item itself is."""

    matter: str
    agency: str
    basis: str
    targets: int
    whole_item: bool
    first_day: date
    last_day: date


def public_lines(session: Session, day: date | None = None) -> list[PublicLine]:
    """What stands outside random selection, by item. Figures and law only: no target, nobody's name."""
    agency = Agency.__table__.c
    statement = (
        select(
            _M.matter,
            agency.name,
            _M.basis,
            func.count(_M.target_id),
            func.count(_M.item_id),
            func.min(_M.valid_from),
            func.max(_M.valid_until),
        )
        .join(Agency.__table__, agency.id == _M.agency_id)
        .where(standing(day))
        .group_by(_M.matter, agency.name, _M.basis)
        .order_by(_M.matter, agency.name, _M.basis)
        .limit(MOST_MATTERS)
    )
    return [
        PublicLine(matter, name, basis, targets, items > 0, first, last)
        for matter, name, basis, targets, items, first, last in session.execute(statement)
    ]


@dataclass(frozen=True)
class Share:
    """Targets outside random selection, and those of the whole directory (`estimated` by its statistics)."""

    outside: int
    whole: int
    estimated: bool


def share_outside(session: Session, day: date | None = None) -> Share:
    """Over the whole directory: figures only. The caller reads past the scope."""
    outside = session.execute(select(func.count(func.distinct(_M.target_id))).where(standing(day)))
    whole = session.execute(text("SELECT reltuples::bigint FROM pg_class WHERE oid = 'target'::regclass"))
    n = int(whole.scalar_one())
    if estimated := n >= COUNTED_UP_TO:
        return Share(int(outside.scalar_one()), n, estimated)
    counted = session.execute(scoped_select(session, Target, func.count()))
    return Share(int(outside.scalar_one()), int(counted.scalar_one()), estimated)
