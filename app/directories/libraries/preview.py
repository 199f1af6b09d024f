"""What a rule would select, while it is composed: how many, and a few of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, func, not_
from sqlalchemy.orm import Session

from app.directories.libraries.queries.selecting import rule_criterion
from app.directories.libraries.rules import SelectionRule
from app.directories.outside.queries import is_outside
from app.directories.targets.models import Target
from app.directories.targets.rules import TargetStatus
from app.security.models import Region
from app.security.scoping import scoped_select

EXAMPLES = 8

_T = Target.__table__.c
_R = Region.__table__.c


@dataclass(frozen=True)
class Preview:
    """`rows` selected, `eligible` of them can be drawn, `outside` lie outside random selection.

    `faults`: sentences about a rule that cannot be read; then there are no figures.
    """

    rows: int
    eligible: int
    outside: int
    examples: tuple[Row[Any], ...]
    faults: tuple[str, ...] = ()


def preview(session: Session, rule: Any) -> Preview:
    """Two queries. :raises Invalid: when the rule cannot be read"""
    criterion = rule_criterion(session, SelectionRule.from_json(rule))
    outside = is_outside()
    able = and_(_T.status != TargetStatus.CLOSED.value, not_(outside))
    figures = scoped_select(
        session, Target, func.count(), func.count().filter(able), func.count().filter(outside)
    ).where(criterion)
    rows, eligible, left_out = session.execute(figures).one()
    examples = session.execute(
        scoped_select(session, Target, _T.id, _T.name, _T.code, _R.name.label("region"))
        .join(Region.__table__, _R.id == _T.region_id)
        .where(criterion)
        .limit(EXAMPLES)
    ).all()
    return Preview(rows, eligible, left_out, tuple(examples))
