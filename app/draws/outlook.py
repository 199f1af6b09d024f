"""What a draw of a task would be, before it is frozen: the list, its strata, how many, and where.

Figures only: nothing here knows a seed, so nothing of a result can be computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.directories.libraries.queries import count_outside, iter_frame_rows, select_targets
from app.directories.libraries.rules import SelectionRule
from app.directories.targets.models import Target
from app.draws.engine.frame_rows import FrameRow
from app.draws.places import Crowd, Expectation, row_reasons
from app.draws.rules import Stratum, every_class_has_a_ratio, neutral_strata
from app.item_lists.rules import may_draw
from app.kernel.decisions import Decision
from app.plans.rules import expected, read_selection
from app.security.models import Region
from app.tasks.models import Task
from app.tasks.queries import active_agencies

CLOSED = "closed"


@dataclass(frozen=True)
class Outlook:
    """`strata` in the order of their codes; `selection` as the protocol writes it; `total` rows to be
    drawn; `outside`: targets that lie outside random selection and are not on the list (R-3.3).
    """

    task: Task
    strata: tuple[Stratum, ...]
    selection: dict[str, Any]
    reasons: Mapping[int, str]
    expectation: Expectation
    outside: int = 0

    @property
    def rows(self) -> int:
        return sum(stratum.rows for stratum in self.strata)

    @property
    def eligible(self) -> int:
        return sum(stratum.eligible for stratum in self.strata)

    @property
    def total(self) -> int:
        return sum(stratum.size for stratum in self.strata)

    @property
    def codes(self) -> dict[str, str]:
        return {stratum.risk_class: stratum.code for stratum in self.strata}

    def within_cap(self) -> Decision:
        """R-9.1: a draw above the cap of a general item is refused."""
        joint = self.task.entry.joint_item
        cap = joint.ratio_cap if joint is not None else None
        return may_draw(self.task.category, cap, self.total, self.rows, strata=len(self.strata))


def outlook(session: Session, task: Task) -> Outlook:
    """Figures of the library as it is now; four queries and those of the places.

    :raises Refused: when a class of the library has no ratio (R-24.2)
    """
    reasons = _reasons(session, task)
    selection = read_selection(task.selection)
    rows, able = _counts(session, rule_of(task), reasons)
    per_class = Counter[str]()
    for (letter, _), number in able.items():
        per_class[letter] += number
    codes = neutral_strata(rows)
    if selection.kind == "per_class":
        every_class_has_a_ratio(codes, selection.ratios).require()
    sizes = expected(selection, {letter: (rows[letter], per_class[letter]) for letter in codes}).classes
    strata = tuple(
        Stratum(code, letter, rows[letter], per_class[letter], sizes.get(letter, 0))
        for letter, code in codes.items()
    )
    left_out = count_outside(session, rule_of(task))
    likely = _expectation(task, able, strata)
    return Outlook(task, strata, selection.for_protocol(codes), reasons, likely, left_out)


def rule_of(task: Task) -> SelectionRule:
    return SelectionRule.from_json(task.rule)


def tags_of(task: Task) -> tuple[str, ...]:
    """Specialties that the checks of this task need, of all agencies that carry it out."""
    active = {agency.id for agency in active_agencies(task)}
    return tuple(sorted({t.item.specialty for t in task.items if t.agency_id in active and t.item.specialty}))


def frame_rows(session: Session, view: Outlook) -> Iterator[FrameRow]:
    """The rows of the list as the protocol freezes them. A closed target stays on it and cannot be drawn."""
    codes, tags = view.codes, ",".join(view.expectation.tags)
    regions = _six_digits(session)
    for target_id, code, letter, status, region, _ in iter_frame_rows(session, rule_of(view.task)):
        reason = "CLOSED" if status == CLOSED else view.reasons.get(target_id, "")
        yield code, codes[letter], 1, 0 if reason else 1, reason, regions[region], tags


def _reasons(session: Session, task: Task) -> dict[int, str]:
    found: dict[int, str] = {}
    for place in row_reasons:
        found = {**place(session, task), **found}
    return found


def _counts(
    session: Session, rule: SelectionRule, reasons: Mapping[int, str]
) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Rows per class; eligible rows per class and region."""
    target, region = Target.__table__.c, Region.__table__.c
    grouped = (
        select_targets(session, rule, target.risk_class, region.code, target.status, func.count())
        .join(Region.__table__, region.id == target.region_id)
        .group_by(target.risk_class, region.code, target.status)
    )
    regions = _six_digits(session)
    rows, able = Counter[str](), Counter[tuple[str, str]]()
    for letter, code, status, number in session.execute(grouped):
        rows[letter] += number
        if status != CLOSED:
            able[letter, regions[code]] += number
    if reasons:
        held = (
            select_targets(session, rule, target.risk_class, region.code, func.count())
            .join(Region.__table__, region.id == target.region_id)
            .where(target.id.in_(list(reasons)), target.status != CLOSED)
            .group_by(target.risk_class, region.code)
        )
        for letter, code, number in session.execute(held):
            able[letter, regions[code]] -= number
    return rows, +able


def _six_digits(session: Session) -> dict[str, str]:
    """Region code -> GB/T 2260 code: that of the region above for a functional zone, which has none."""
    rows = session.execute(select(Region.code, Region.path)).all()
    digits = [
        (code, [c for c in path.split("/") if c.isascii() and c.isdecimal() and len(c) == 6])
        for code, path in rows
    ]
    return {code: known[-1] for code, known in digits if known}


def _expectation(task: Task, able: Mapping[tuple[str, str], int], strata: tuple[Stratum, ...]) -> Expectation:
    """Where the drawn targets are likely to lie: the number of each stratum, shared out by eligible rows."""
    tags = tags_of(task)
    likely = Counter[str]()
    for stratum in strata:
        here = {region: number for (letter, region), number in able.items() if letter == stratum.risk_class}
        likely.update(_shared_out(stratum.size, here))
    crowds = tuple(Crowd(region, tags, number) for region, number in sorted(likely.items()) if number)
    regions = tuple(sorted({region for _, region in able}))
    return Expectation(task, sum(s.size for s in strata), crowds, regions, tags)


def _shared_out(size: int, weights: Mapping[str, int]) -> dict[str, int]:
    whole = sum(weights.values())
    if not whole:
        return {}
    shares = {region: size * number // whole for region, number in weights.items()}
    by_remainder = sorted(weights, key=lambda region: (-(size * weights[region] % whole), region))
    for region in by_remainder[: size - sum(shares.values())]:
        shares[region] += 1
    return shares
