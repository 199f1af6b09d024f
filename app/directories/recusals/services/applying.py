"""Rules of an agency that make pairs: keep them, see what they make, bring the recusals in line with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import Session

from app.audit.services import record
from app.db import Unit
from app.directories.recusals.making import (
    Made,
    Span,
    pairs_of_meetings,
    pairs_of_ties,
    span_faults,
)
from app.directories.recusals.models import Recusal, RecusalRule, Tie
from app.directories.recusals.places import meetings
from app.directories.recusals.rules import DeclaredBy, RuleKind
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, Stale
from app.regulation import implements
from app.security.rules import RoleName, may_act

ADMINISTRATORS = frozenset({RoleName.AGENCY_ADMIN})
LOOKS_BACK = timedelta(days=5 * 366)
"""Older visits make no pair by the number of visits."""
NO_LONGER = "the rule no longer makes this pair"
USUAL = {RuleKind.EMPLOYER: Span(years=3), RuleKind.RELATIVE: Span(), RuleKind.ROTATION: Span(visits=1)}
CHUNK = 5000


@dataclass(frozen=True)
class Applied:
    added: int = 0
    changed: int = 0
    ended: int = 0


def rules_of(session: Session, agency_id: int) -> dict[RuleKind, RecusalRule | None]:
    """The rules of an agency by kind; None where it has decided nothing: the rule does not hold."""
    found = session.scalars(select(RecusalRule).where(RecusalRule.agency_id == agency_id))
    by_kind = {RuleKind(rule.kind): rule for rule in found}
    return {kind: by_kind.get(kind) for kind in RuleKind}


def made_by(session: Session, agency_id: int, kind: RuleKind, span: Span, day: date) -> list[Made]:
    """The pairs that a rule with these numbers makes on a day; nothing is stored."""
    if kind is not RuleKind.ROTATION:
        ties = session.scalars(select(Tie).where(Tie.agency_id == agency_id))
        return pairs_of_ties(kind, span, ties, day)
    met = [m for place in meetings for m in place(session, agency_id, day - LOOKS_BACK)]
    return pairs_of_meetings(span, met, day)


def keep_rule(
    unit: Unit, agency_id: int, kind: RuleKind, *, active: bool, span: Span, version: int
) -> tuple[RecusalRule, Applied]:
    """Set a rule of the own agency and bring the recusals in line with it at once.

    :param version: of the rule that was shown, 0 for none
    :raises Invalid: numbers that say nothing
    :raises Stale: somebody changed the rule meanwhile
    """
    may_act(unit.actor.roles, unit.actor.agency_id, ADMINISTRATORS, agency_id).require()
    faults: list[Fault] = span_faults(kind, span) if active else []
    if faults:
        raise Invalid(faults=faults)
    query = select(RecusalRule).where(RecusalRule.agency_id == agency_id, RecusalRule.kind == kind.value)
    rule = unit.session.scalars(query.with_for_update().execution_options(populate_existing=True)).first()
    if (rule.version if rule is not None else 0) != version:
        raise Stale("stale")
    if rule is None:
        rule = RecusalRule(agency_id=agency_id, kind=kind.value)
        unit.session.add(rule)
    rule.active, rule.years, rule.months, rule.visits = active, span.years, span.months, span.visits
    unit.session.flush()
    facts = {"kind": kind.value, "active": active, **vars(span)}
    record(unit, "recusal.rule_kept", f"recusal_rule:{rule.id}", facts, agency_id)
    return rule, apply_rules(unit, agency_id, today(unit.clock))


@implements("R-25.2")
def apply_rules(unit: Unit, agency_id: int, day: date) -> Applied:
    """Add pairs that the agency's rules make now, and withdraw those that they no longer make.

    Called day by day, when a rule or a tie changes, and before a roster is frozen. Without rules it writes nothing.
    """
    wanted: dict[tuple[int, int, str, date], tuple[Made, int]] = {}
    for kind, rule in rules_of(unit.session, agency_id).items():
        if rule is None or not rule.active:
            continue
        span = Span(rule.years, rule.months, rule.visits)
        for made in made_by(unit.session, agency_id, kind, span, day):
            wanted[made.inspector_id, made.target_id, made.reason, made.since] = made, rule.id
    query = select(Recusal).where(
        Recusal.agency_id == agency_id,
        Recusal.declared_by == DeclaredBy.RULE.value,
        Recusal.rule_id.is_not(None),
        Recusal.withdrawn_on.is_(None),
    )
    changed = ended = 0
    for standing in unit.session.scalars(query):
        found = wanted.pop(_key(standing), None)
        if found is None:
            if standing.until is None or standing.until >= day:
                standing.withdrawn_on, standing.withdrawn_reason = day, NO_LONGER
                ended += 1
        elif standing.until != found[0].until:
            standing.until = found[0].until
            changed += 1
    added = _add(unit, agency_id, wanted)
    unit.session.flush()
    if added or changed or ended:
        facts = {"added": added, "changed": changed, "ended": ended}
        record(unit, "recusal.rules_applied", f"agency:{agency_id}", facts, agency_id)
    return Applied(added, changed, ended)


def _key(recusal: Recusal) -> tuple[int, int, str, date]:
    return recusal.inspector_id, recusal.target_id, recusal.reason, recusal.since


def _add(unit: Unit, agency_id: int, wanted: dict[tuple[int, int, str, date], tuple[Made, int]]) -> int:
    """Pairs that somebody has declared with the same words already are left as they are."""
    added, keys = 0, list(wanted)
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        columns = (Recusal.inspector_id, Recusal.target_id, Recusal.reason, Recusal.since)
        known = select(*columns).where(tuple_(*columns).in_(part), Recusal.withdrawn_on.is_(None))
        there = {tuple(row) for row in unit.session.execute(known)}
        values = [
            {
                "inspector_id": made.inspector_id,
                "target_id": made.target_id,
                "agency_id": agency_id,
                "reason": made.reason,
                "declared_by": DeclaredBy.RULE.value,
                "since": made.since,
                "until": made.until,
                "evidence": "",
                "rule_id": rule_id,
            }
            for key in part
            if key not in there
            for made, rule_id in [wanted[key]]
        ]
        if values:
            unit.session.execute(insert(Recusal), values)
            added += len(values)
    return added


def agencies_with_rules(session: Session) -> list[int]:
    query = select(RecusalRule.agency_id).where(RecusalRule.active).distinct()
    return list(session.scalars(query.order_by(RecusalRule.agency_id)))
