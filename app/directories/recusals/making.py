"""Pairs that follow from rules: former employer, relative, rotation (article 25). Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from app.directories.recusals.rules import RuleKind, TieKind
from app.kernel.errors import Fault
from app.regulation import implements

MOST = {"years": 50, "months": 120, "visits": 100}


@dataclass(frozen=True)
class Span:
    """`years`: how long a former employer counts; `months`, `visits`: rotation, 0 for without."""

    years: int = 0
    months: int = 0
    visits: int = 0


class Bond(Protocol):
    inspector_id: int
    target_id: int
    kind: str
    until: date | None


@dataclass(frozen=True)
class Meeting:
    """An inspector who was at a target in a visit that is done."""

    inspector_id: int
    target_id: int
    visit_id: int
    day: date


@dataclass(frozen=True)
class Made:
    """A pair that a rule makes, from `since` to `until` (None: until the rule says otherwise)."""

    inspector_id: int
    target_id: int
    reason: str
    since: date
    until: date | None


def later(day: date, *, years: int = 0, months: int = 0) -> date:
    """The same day so many years and months later; the last of the month where that has no such day."""
    count = day.year * 12 + day.month - 1 + years * 12 + months
    year, month = divmod(count, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def span_faults(kind: RuleKind, span: Span) -> list[Fault]:
    """What is wrong with the numbers of a rule that is to hold."""
    found = [
        Fault(name, "number_out_of_range", value=number, least=0, most=most)
        for name, most in MOST.items()
        if not 0 <= (number := getattr(span, name)) <= most
    ]
    if found:
        return found
    if kind is RuleKind.EMPLOYER and not span.years:
        return [Fault("years", "recusal_rule_years_missing", value=0)]
    if kind is RuleKind.ROTATION and not (span.months or span.visits):
        return [Fault("months", "recusal_rule_span_missing", value=0)]
    return []


@implements("R-25.2")
def pairs_of_ties(kind: RuleKind, span: Span, ties: Iterable[Bond], day: date) -> list[Made]:
    """Former employers within the years of the rule (who has not left counts for good); relatives for good."""
    found = []
    for tie in ties:
        if kind is RuleKind.RELATIVE and tie.kind == TieKind.RELATIVE:
            found.append(Made(tie.inspector_id, tie.target_id, kind.value, FROM_THE_BEGINNING, None))
        if kind is RuleKind.EMPLOYER and tie.kind == TieKind.EMPLOYER:
            end = later(tie.until, years=span.years) if tie.until is not None else None
            if end is None or end >= day:
                since = tie.until or FROM_THE_BEGINNING
                found.append(Made(tie.inspector_id, tie.target_id, kind.value, since, end))
    return found


FROM_THE_BEGINNING = date(2000, 1, 1)


@implements("R-25.2")
def pairs_of_meetings(span: Span, meetings: Iterable[Meeting], day: date) -> list[Made]:
    """Rotation: whoever was at a target within the months, or in one of its last visits, does not go again."""
    by_target: dict[int, list[Meeting]] = defaultdict(list)
    for meeting in meetings:
        by_target[meeting.target_id].append(meeting)
    found: dict[tuple[int, int], Made] = {}
    for target_id, met in by_target.items():
        visits = sorted({(m.day, m.visit_id) for m in met}, reverse=True)
        last = {visit_id for _, visit_id in visits[: span.visits]}
        for meeting in sorted(met, key=lambda m: (m.day, m.visit_id)):
            end = later(meeting.day, months=span.months) if span.months else None
            open_end = meeting.visit_id in last
            if open_end or (end is not None and end >= day):
                pair = (meeting.inspector_id, target_id)
                until = None if open_end else end
                found[pair] = Made(*pair, RuleKind.ROTATION.value, meeting.day, until)
    return sorted(found.values(), key=lambda made: (made.inspector_id, made.target_id))
