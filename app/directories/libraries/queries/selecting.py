"""A rule as SQL: which targets it selects, how many, and the rows of a frame. All within the scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    any_,
    cast,
    false,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import Session

from app.directories.libraries.models import Library, LibraryPick
from app.directories.libraries.rules import SelectionRule
from app.directories.outside.queries import is_outside
from app.directories.targets import criteria
from app.directories.targets.models import Target
from app.directories.targets.rules import TargetStatus
from app.kernel.clock import SystemClock, today
from app.security.models import Region
from app.security.scoping import scoped_select, unscoped

AT_ONCE = 5000
NAMED = "a rule names the library; the targets themselves are read within the scope"

_T = Target.__table__.c
_R = Region.__table__.c


@dataclass(frozen=True)
class Count:
    """`rows` selected by the rule; `eligible` of them can be drawn (not deregistered)."""

    rows: int
    eligible: int


def rule_criterion(
    session: Session,
    rule: SelectionRule,
    valid_on: date | None = None,
    *,
    within: Callable[[Sequence[str]], ColumnElement[bool]] | None = None,
) -> ColumnElement[bool]:
    """The rule as one criterion over `target`; one query where it names regions, two where it names libraries.

    :param valid_on: the day that it is seen from: permits have to be valid then, and what is said of checks counts
        back from it; today by the clock behind the session, where none is named
    :param within: how the part of the regions is asked, for whoever has read them for many rules at once
    """
    day = valid_on or criteria.day_of(session)
    parts: list[ColumnElement[bool]] = [criteria.by_statuses(rule.status)]
    if rule.kinds:
        parts.append(criteria.by_kinds(rule.kinds))
    if rule.industries:
        parts.append(criteria.by_industries(rule.industries))
    if rule.regions:
        parts.append(within(rule.regions) if within else criteria.by_regions(session, rule.regions))
    if rule.classes:
        parts.append(criteria.by_classes(rule.classes))
    if rule.tags:
        parts.append(criteria.by_tags(rule.tags))
    if rule.permits:
        parts.append(criteria.by_permit(rule.permits, day))
    if rule.premises:
        parts.append(criteria.by_premises(rule.premises))
    if rule.not_checked_since:
        parts.append(criteria.not_checked_since(rule.checked_before(day or today(SystemClock()))))
    if rule.by_hand:
        parts.append(false())
    if rule.libraries:
        parts.append(in_libraries(session, [int(value) for value in rule.libraries]))
    return and_(*parts)


def in_libraries(session: Session, library_ids: Sequence[int]) -> ColumnElement[bool]:
    """Members of any of these libraries, picks included; nobody, where there is none of them.

    A plan names a library that a participant of its task may not read: its rule and its picks are read past
    the scope, the targets within it.
    """
    with unscoped(session, NAMED):
        rules = session.execute(
            select(Library.id, Library.rule).where(Library.id.in_(library_ids), Library.subject == "targets")
        ).all()
        pick = LibraryPick.__table__.c
        picked = session.execute(
            select(pick.library_id, pick.target_id, pick.included).where(pick.library_id.in_(library_ids))
        ).all()
    found: list[ColumnElement[bool]] = [false()]
    for library_id, rule in rules:
        added = [row.target_id for row in picked if row.library_id == library_id and row.included]
        excluded = [row.target_id for row in picked if row.library_id == library_id and not row.included]
        found.append(_members(rule_criterion(session, SelectionRule.from_json(rule)), added, excluded))
    return or_(*found)


def _members(
    by_rule: ColumnElement[bool], added: Sequence[int], excluded: Sequence[int]
) -> ColumnElement[bool]:
    """The rule, plus additions, less exclusions; the ids go as one array, however many they are."""
    found = or_(by_rule, _one_of(added)) if added else by_rule
    return and_(found, not_(_one_of(excluded))) if excluded else found


def _one_of(ids: Sequence[int]) -> ColumnElement[bool]:
    return _T.id == any_(cast(list(ids), ARRAY(BigInteger)))


def select_targets(session: Session, rule: SelectionRule, *columns: Any) -> Select[Any]:
    """A statement over the targets that a draw by this rule would know, within the scope.

    What lies outside random selection (R-3.3) is in no frame. The columns default to the ids.
    """
    return scoped_select(session, Target, *(columns or (_T.id,))).where(
        rule_criterion(session, rule), not_(is_outside())
    )


def count_outside(session: Session, rule: SelectionRule) -> int:
    """How many targets of the rule a frame leaves out, because they lie outside random selection (R-3.3)."""
    statement = scoped_select(session, Target, func.count()).where(
        is_outside(), rule_criterion(session, rule)
    )
    return int(session.execute(statement).scalar_one())


def count_by_class(session: Session, rule: SelectionRule) -> dict[str, Count]:
    """Rows of a frame per risk class; classes without rows are left out. One query."""
    eligible = func.count().filter(_T.status != TargetStatus.CLOSED.value)
    statement = select_targets(session, rule, _T.risk_class, func.count(), eligible).group_by(_T.risk_class)
    return {
        letter: Count(rows, able) for letter, rows, able in session.execute(statement.order_by(_T.risk_class))
    }


def count(session: Session, rule: SelectionRule) -> int:
    """How many targets a frame of this rule holds, to the last one."""
    return int(session.execute(select_targets(session, rule, func.count())).scalar_one())


def to_the_end(session: Session) -> None:
    """For the rest of the transaction: who opens a cursor reads it to its end.

    PostgreSQL else plans for the first tenth, and fetches a million rows one by one in the order of an index.
    """
    session.execute(select(func.set_config("cursor_tuple_fraction", "1", True)))


def iter_frame_rows(
    session: Session, rule: SelectionRule
) -> Iterator[tuple[int, str, str, str, str, list[str]]]:
    """Target id, code, risk class, status, region code, tags; by code, through a server-side cursor."""
    statement = (
        select_targets(session, rule, _T.id, _T.code, _T.risk_class, _T.status, _R.code, _T.tags)
        .join(Region.__table__, _R.id == _T.region_id)
        .order_by(_T.code)
    )
    to_the_end(session)
    rows = session.execute(statement, execution_options={"yield_per": AT_ONCE})
    for row in rows:
        yield tuple(row)  # type: ignore[misc]


def members(session: Session, library: Library, *columns: Any) -> Select[Any]:
    """A statement over the members of a library: the rule, plus additions, less exclusions."""
    return scoped_select(session, Target, *(columns or (_T.id,))).where(in_libraries(session, [library.id]))


def members_by_class(session: Session, library: Library) -> dict[str, Count]:
    """Current members of a library per risk class; what lies outside random selection cannot be drawn."""
    able = and_(_T.status != TargetStatus.CLOSED.value, not_(is_outside()))
    statement = members(session, library, _T.risk_class, func.count(), func.count().filter(able)).group_by(
        _T.risk_class
    )
    return {
        letter: Count(rows, eligible)
        for letter, rows, eligible in session.execute(statement.order_by(_T.risk_class))
    }
