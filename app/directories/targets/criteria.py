"""The parts of a filter over targets as SQL: one vocabulary for lists, saved rules and draws. Nothing is read
but the ids of regions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ARRAY, ColumnElement, Date, String, and_, cast, false, func, literal, or_, select
from sqlalchemy.orm import Session

from app.directories.permits.models import Permit
from app.directories.premises.models import Premises
from app.directories.targets.models import Industry, Target
from app.kernel.clock import today
from app.security.arrays import as_arrays
from app.security.models import Region

_T = Target.__table__.c
_R = Region.__table__.c
_I = Industry.__table__.c
_PERMIT = Permit.__table__.c
_PREMISES = Premises.__table__.c
TODAY = cast(func.timezone("Asia/Shanghai", func.now()), Date)
"""The day of law as PostgreSQL knows it, for rules that are read without a clock."""


def day_of(session: Session) -> date | None:
    """The day of law by the clock of the unit or request behind the session; None where there is none."""
    clock = session.info.get("clock")
    return today(clock) if clock is not None else None


def by_kinds(codes: Sequence[str]) -> ColumnElement[bool]:
    return _T.kind.in_(codes)


def by_classes(letters: Sequence[str]) -> ColumnElement[bool]:
    return _T.risk_class.in_(letters)


def by_statuses(values: Sequence[str]) -> ColumnElement[bool]:
    return _T.status.in_(values)


def in_industry(code: str) -> ColumnElement[bool]:
    """Targets of a section (`I`), division, group or class (`61`, `611`, `6110`)."""
    if code.isalpha():
        divisions = select(_I.code).where(_I.parent_code == code)
        return func.substr(_T.industry_code, 1, 2).in_(divisions)
    after = code[:-1] + chr(ord(code[-1]) + 1)
    return and_(_T.industry_code >= code, _T.industry_code < after)


def by_industries(codes: Sequence[str]) -> ColumnElement[bool]:
    """Targets of any of these sections or beginnings of codes."""
    return or_(false(), *(in_industry(code) for code in codes))


def regions_below(session: Session, codes: Sequence[str]) -> list[int]:
    """Ids of these regions and of everything below them. One query."""
    top = Region.__table__.alias("top")
    below = (
        select(_R.id)
        .select_from(Region.__table__)
        .join(top, or_(_R.path == top.c.path, _R.path.like(top.c.path + "/%")))
        .where(top.c.code.in_(codes))
    )
    return sorted(set(session.scalars(below)))


def by_regions(session: Session, codes: Sequence[str]) -> ColumnElement[bool]:
    """Targets in these regions and in everything below them.

    The ids are read first: of a subselect the planner does not know how many targets it leaves, expects one
    region, and fetches a hundred thousand rows one by one.
    """
    return as_arrays(_T.region_id.in_(regions_below(session, codes)))


def by_tags(names: Sequence[str]) -> ColumnElement[bool]:
    """Targets that carry at least one of these specialties."""
    return _T.tags.op("&&", is_comparison=True)(cast(list(names), ARRAY(String(40))))


def not_checked_since(day: date | None) -> ColumnElement[bool]:
    """Targets whose last check lies before this day, and those never checked; None: those alone."""
    column = _T.last_checked_on
    return column.is_(None) if day is None else or_(column.is_(None), column < day)


def by_permit(kinds: Sequence[str], valid_on: date | None = None) -> ColumnElement[bool]:
    """Targets that hold a permit of one of these kinds, valid on a day (today, where none is named)."""
    day = TODAY if valid_on is None else literal(valid_on)
    holders = select(_PERMIT.target_id).where(
        _PERMIT.kind.in_(kinds),
        _PERMIT.status == "valid",
        or_(_PERMIT.valid_until.is_(None), _PERMIT.valid_until >= day),
        or_(_PERMIT.valid_from.is_(None), _PERMIT.valid_from <= day),
    )
    return _T.id.in_(holders)


def by_premises(kinds: Sequence[str]) -> ColumnElement[bool]:
    """Targets that use premises of one of these kinds."""
    users = select(_PREMISES.target_id).where(_PREMISES.kind.in_(kinds), _PREMISES.status == "used")
    return _T.id.in_(users)
