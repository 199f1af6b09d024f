"""Which targets a rule selects: counts, rows for a frame, members of a library. All within the scope."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Select, String, and_, cast, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.directories.libraries.models import Library, LibraryPick
from app.directories.libraries.rules import SelectionRule
from app.directories.targets.models import Industry, Specialty, Target, TargetKind
from app.directories.targets.queries import in_industry
from app.directories.targets.rules import TargetStatus
from app.kernel.errors import Fault, NotFound
from app.security.models import Region
from app.security.scoping import scoped_select

MOST_LIBRARIES = 200
AT_ONCE = 5000

_T = Target.__table__.c
_R = Region.__table__.c


@dataclass(frozen=True)
class Count:
    """`rows` selected by the rule; `eligible` of them can be drawn (not deregistered)."""

    rows: int
    eligible: int


def rule_criterion(rule: SelectionRule) -> ColumnElement[bool]:
    """The rule as one criterion over `target`."""
    parts: list[ColumnElement[bool]] = [_T.status.in_(rule.status)]
    if rule.kinds:
        parts.append(_T.kind.in_(rule.kinds))
    if rule.industries:
        parts.append(or_(*(in_industry(code) for code in rule.industries)))
    if rule.regions:
        top = Region.__table__.alias("top")
        below = (
            select(_R.id)
            .select_from(Region.__table__)
            .join(top, or_(_R.path == top.c.path, _R.path.like(top.c.path + "/%")))
            .where(top.c.code.in_(rule.regions))
        )
        parts.append(_T.region_id.in_(below))
    if rule.classes:
        parts.append(_T.risk_class.in_(rule.classes))
    if rule.tags:
        parts.append(_T.tags.op("&&", is_comparison=True)(cast(list(rule.tags), ARRAY(String(40)))))
    return and_(*parts)


def select_targets(session: Session, rule: SelectionRule, *columns: Any) -> Select[Any]:
    """A statement over the selected targets within the scope; the columns default to the ids."""
    return scoped_select(session, Target, *(columns or (_T.id,))).where(rule_criterion(rule))


def count_by_class(session: Session, rule: SelectionRule) -> dict[str, Count]:
    """Rows per risk class; classes without rows are left out. One query."""
    eligible = func.count().filter(_T.status != TargetStatus.CLOSED.value)
    statement = select_targets(session, rule, _T.risk_class, func.count(), eligible).group_by(_T.risk_class)
    return {
        letter: Count(rows, able) for letter, rows, able in session.execute(statement.order_by(_T.risk_class))
    }


def count(session: Session, rule: SelectionRule) -> int:
    """How many targets the rule selects, to the last one."""
    return int(session.execute(select_targets(session, rule, func.count())).scalar_one())


def iter_frame_rows(
    session: Session, rule: SelectionRule
) -> Iterator[tuple[int, str, str, str, str, list[str]]]:
    """Target id, code, risk class, status, region code, tags; by code, through a server-side cursor."""
    statement = (
        select_targets(session, rule, _T.id, _T.code, _T.risk_class, _T.status, _R.code, _T.tags)
        .join(Region.__table__, _R.id == _T.region_id)
        .order_by(_T.code)
    )
    rows = session.execute(statement, execution_options={"yield_per": AT_ONCE})
    for row in rows:
        yield tuple(row)  # type: ignore[misc]


def unknown_words(session: Session, rule: SelectionRule) -> list[Fault]:
    """Values of the rule that the vocabularies of the database do not hold. At most four queries."""
    known = {
        "kinds": (TargetKind.__table__.c.code, rule.kinds),
        "regions": (_R.code, rule.regions),
        "tags": (Specialty.__table__.c.name, rule.tags),
    }
    faults: list[Fault] = []
    for name, (column, values) in known.items():
        if values:
            there = set(session.scalars(select(column).where(column.in_(values))))
            faults += [
                Fault(name, "rule_value_unknown", value=value) for value in values if value not in there
            ]
    if rule.industries:
        industry = Industry.__table__.c.code
        begun = or_(*(industry.like(f"{value}%") for value in rule.industries))
        codes = session.scalars(select(industry).where(begun)).all()
        faults += [
            Fault("industries", "rule_value_unknown", value=value)
            for value in rule.industries
            if not any(code.startswith(value) for code in codes)
        ]
    return faults


def libraries(session: Session) -> list[Library]:
    return list(
        session.scalars(
            select(Library)
            .options(joinedload(Library.agency))
            .order_by(Library.name, Library.id)
            .limit(MOST_LIBRARIES)
        )
    )


def get_library(session: Session, library_id: int) -> Library:
    """:raises NotFound: not there, or not within the scope"""
    found = session.scalars(
        select(Library).where(Library.id == library_id).options(joinedload(Library.agency))
    ).first()
    if found is None:
        raise NotFound("not_in_scope", kind="library")
    return found


def picks(session: Session, library_id: int, limit: int = 200) -> list[LibraryPick]:
    """Hand-picked additions and exclusions with their targets."""
    return list(
        session.scalars(
            select(LibraryPick)
            .where(LibraryPick.library_id == library_id)
            .options(joinedload(LibraryPick.target))
            .order_by(LibraryPick.target_id)
            .limit(limit)
        )
    )


def members(session: Session, library: Library, *columns: Any) -> Select[Any]:
    """A statement over the members of a library: the rule, plus additions, less exclusions."""
    pick = LibraryPick.__table__.c
    chosen = select(pick.target_id).where(pick.library_id == library.id)
    added = chosen.where(pick.included)
    excluded = chosen.where(~pick.included)
    rule = SelectionRule.from_json(library.rule)
    return scoped_select(session, Target, *(columns or (_T.id,))).where(
        or_(rule_criterion(rule), _T.id.in_(added)), _T.id.not_in(excluded)
    )


def members_by_class(session: Session, library: Library) -> dict[str, Count]:
    """Current members of a library per risk class. One query."""
    eligible = func.count().filter(_T.status != TargetStatus.CLOSED.value)
    statement = members(session, library, _T.risk_class, func.count(), eligible).group_by(_T.risk_class)
    return {
        letter: Count(rows, able) for letter, rows, able in session.execute(statement.order_by(_T.risk_class))
    }
