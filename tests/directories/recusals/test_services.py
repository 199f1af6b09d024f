"""Rules, ties, evidence, and what targets declare."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from app.directories.inspectors.models import Inspector
from app.directories.recusals import services
from app.directories.recusals.evidence import open_file
from app.directories.recusals.making import Meeting, Span
from app.directories.recusals.models import Recusal, RecusalEvidence, RecusalRequest
from app.directories.recusals.places import meetings
from app.directories.recusals.queries import active_pairs
from app.directories.recusals.rules import RuleKind
from app.directories.targets.models import Target
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.security.models import Account
from tests.directories.recusals.conftest import PDF

DAY = date(2026, 11, 23)


def recused(session, inspector: Inspector, target: Target, day: date = DAY) -> list[str]:
    return [p.reason for p in active_pairs(session, [inspector.id], day, day, [target.id])]


@pytest.mark.rule("R-25.2")
def test_a_tie_makes_a_pair_while_the_rule_holds(session, act_as, pair) -> None:
    inspector, target = pair
    with act_as("police_admin") as unit:
        services.keep_tie(unit, inspector.id, target.id, kind="employer", until=DAY - timedelta(days=30))
    assert recused(session, *pair) == []
    with act_as("police_admin") as unit:
        rule, applied = services.keep_rule(
            unit, inspector.agency_id, RuleKind.EMPLOYER, active=True, span=Span(years=3), version=0
        )
    assert applied.added == 1 and recused(session, *pair) == ["EMPLOYER"]
    assert recused(session, *pair, day=date(2029, 11, 1)) == []
    with act_as("police_admin") as unit:
        assert services.apply_rules(unit, inspector.agency_id, DAY) == services.Applied()
        services.keep_rule(
            unit,
            inspector.agency_id,
            RuleKind.EMPLOYER,
            active=True,
            span=Span(years=5),
            version=rule.version,
        )
    assert recused(session, *pair, day=date(2029, 11, 1)) == ["EMPLOYER"]
    with pytest.raises(Stale), act_as("police_admin") as unit:
        services.keep_rule(unit, inspector.agency_id, RuleKind.EMPLOYER, active=False, span=Span(), version=1)
    with act_as("police_admin") as unit:
        services.keep_rule(
            unit, inspector.agency_id, RuleKind.EMPLOYER, active=False, span=Span(), version=rule.version
        )
    assert recused(session, *pair) == []
    row = session.scalars(select(Recusal).where(Recusal.rule_id.is_not(None))).one()
    assert row.withdrawn_on == DAY and row.withdrawn_reason


@pytest.mark.rule("R-25.2")
def test_rotation_follows_the_visits(session, act_as, pair) -> None:
    inspector, target = pair
    met = [Meeting(inspector.id, target.id, 1, DAY - timedelta(days=10))]

    def provider(session, agency_id, first):
        return met if agency_id == inspector.agency_id else []

    meetings.add(provider)
    try:
        with act_as("police_admin") as unit:
            services.keep_rule(
                unit, inspector.agency_id, RuleKind.ROTATION, active=True, span=Span(visits=1), version=0
            )
        assert recused(session, *pair) == ["ROTATION"]
        met.append(Meeting(inspector.id + 1, target.id, 2, DAY))
        with act_as("police_admin") as unit:
            services.apply_rules(unit, inspector.agency_id, DAY)
        assert recused(session, *pair) == []
    finally:
        meetings._things = [thing for thing in meetings._things if thing[1] is not provider]


def test_only_the_administrator_of_the_agency_sets_its_rules(session, act_as, pair) -> None:
    for name in ("police_clerk", "amr_clerk"):
        with pytest.raises(Refused), act_as(name) as unit:
            services.keep_rule(
                unit, pair[0].agency_id, RuleKind.RELATIVE, active=True, span=Span(), version=0
            )


def test_evidence_lies_sealed_and_only_those_concerned_open_it(session, act_as, pair) -> None:
    inspector, target = pair
    with act_as("police_admin") as unit:
        made = services.declare(
            unit, inspector.id, target.id, reason="RELATIVE", declared_by="agency", evidence="配偶在该单位任职",
            files=[PDF, PDF],
        )  # fmt: skip
    kept = session.scalars(select(RecusalEvidence).where(RecusalEvidence.recusal_id == made.id)).one()
    raw = session.execute(
        text("SELECT content FROM recusal_evidence WHERE id = :id"), {"id": kept.id}
    ).scalar_one()
    assert b"%PDF" not in bytes(raw)
    owner = session.scalars(select(Account).where(Account.id == inspector.user_id)).one()
    for name in ("police_admin", owner.username):
        with act_as(name) as unit:
            assert open_file(unit, kept.id).content == PDF[1]
    for name in ("amr_clerk", "office", "police_reviewer"):
        with pytest.raises(NotFound), act_as(name) as unit:
            open_file(unit, kept.id)


@pytest.mark.rule("R-25.2")
def test_what_a_target_declares_counts_once_the_agency_confirms(session, act_as, waiting, pair) -> None:
    number = waiting()
    assert waiting("第二次") == number
    assert recused(session, *pair) == []
    with act_as("police_clerk") as unit:
        recusal = services.confirm_request(unit, number, "属实")
    assert (recusal.declared_by, recusal.reason) == ("target", "DECLARED")
    assert recused(session, *pair) == ["DECLARED"]
    kept = session.scalars(select(RecusalEvidence).where(RecusalEvidence.request_id == number)).one()
    assert kept.recusal_id == recusal.id
    with act_as("police_clerk") as unit:
        assert services.confirm_request(unit, number, "属实").id == recusal.id
    with pytest.raises(Refused), act_as("police_clerk") as unit:
        services.reject_request(unit, number, "不属实")


def test_a_rejection_needs_its_reason_and_makes_no_pair(session, act_as, waiting, pair) -> None:
    number = waiting()
    with pytest.raises(Invalid), act_as("police_admin") as unit:
        services.reject_request(unit, number, "")
    with pytest.raises((NotFound, Refused)), act_as("amr_clerk") as unit:
        services.reject_request(unit, number, "与我无关")
    with act_as("police_admin") as unit:
        services.reject_request(unit, number, "经核实无亲属关系")
    assert session.get_one(RecusalRequest, number).state == "rejected"
    assert recused(session, *pair) == []
