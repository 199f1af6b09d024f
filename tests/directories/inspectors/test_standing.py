"""The verdict of eligibility: rule by rule, and the same in SQL as in the rule."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from app.directories.ending.rules import warning_of
from app.directories.inspectors.entries import Vocabulary, check_entry
from app.directories.inspectors.models import Inspector, Leave
from app.directories.inspectors.places import Workload, workload_of
from app.directories.inspectors.rules import (
    eligibility,
    overlapping,
    transfer_faults,
    verdicts,
)
from app.directories.inspectors.standing import ELIGIBLE, STANDINGS, standing, stands
from app.kernel.decisions import Refusal
from app.matching import engine

DAY = date(2026, 11, 23)


def person(**given: object) -> SimpleNamespace:
    usual = {
        "active": True,
        "certified": True,
        "certificate_from": date(2025, 1, 1),
        "certificate_until": date(2027, 1, 1),
    }
    return SimpleNamespace(**{**usual, **given})


@pytest.mark.rule("R-15.1")
@pytest.mark.parametrize(
    ("given", "against"),
    [
        ({}, []),
        ({"active": False}, ["on_duty"]),
        ({"certified": False}, ["certified"]),
        ({"certificate_until": date(2026, 11, 22)}, ["valid"]),
        ({"certificate_until": date(2026, 11, 22), "active": False}, ["on_duty", "valid"]),
        ({"certificate_from": date(2026, 11, 24)}, ["valid"]),
    ],
)
def test_each_rule_has_a_verdict_of_its_own(given: dict[str, object], against: list[str]) -> None:
    found = verdicts(person(**given), [], DAY)
    assert [v.rule for v in found] == ["on_duty", "certified", "valid", "present"]
    assert [v.rule for v in found if v.refusal is not None] == against


@pytest.mark.rule("R-15.1")
@pytest.mark.parametrize(
    ("until", "expected"),
    [(61, None), (60, 60), (16, 60), (15, 15), (0, 15), (-1, 0), (-15, 0), (-16, None)],
)
def test_a_certificate_is_warned_of_60_and_15_days_ahead_and_when_it_has_ended(
    until: int, expected: int | None
) -> None:
    assert warning_of(DAY + timedelta(days=until), DAY) == expected


def test_the_leave_that_overlaps_is_named() -> None:
    known = [
        SimpleNamespace(first_day=date(2026, 12, 10), last_day=date(2026, 12, 12)),
        SimpleNamespace(first_day=date(2026, 12, 1), last_day=date(2026, 12, 5)),
    ]
    assert overlapping(known, date(2026, 12, 5), date(2026, 12, 20)) is known[1]
    assert overlapping(known, date(2026, 12, 6), date(2026, 12, 9)) is None


def test_a_transfer_needs_a_reason_and_a_day_to_come() -> None:
    faults = transfer_faults(" ", date(2026, 11, 22), DAY)
    assert {fault.code for fault in faults} == {"required", "transfer_day_gone_by"}
    assert transfer_faults("调动", DAY, DAY) == []


@pytest.mark.rule("R-15.1")
def test_the_list_says_the_same_as_the_rule(session) -> None:
    """Over the demo's three hundred, with leaves and expired certificates among them."""
    some = session.scalars(select(Inspector).order_by(Inspector.id).limit(6)).all()
    some[0].active = False
    some[1].certified = False
    some[2].certificate_from, some[2].certificate_until = date(2025, 1, 1), DAY - timedelta(days=1)
    some[3].leaves.append(Leave(first_day=DAY, last_day=DAY))
    session.flush()
    words = dict(session.execute(select(Inspector.id, standing(DAY))).all())
    seen = set()
    for inspector in session.scalars(select(Inspector)):
        decision = eligibility(inspector, inspector.leaves, DAY, DAY, on_site=True)
        expected = decision.code if isinstance(decision, Refusal) else ELIGIBLE
        assert words[inspector.id] == expected
        seen.add(expected)
    assert seen == set(STANDINGS)
    for word in STANDINGS:
        ids = set(session.scalars(select(Inspector.id).where(stands(word, DAY))))
        assert ids == {number for number, found in words.items() if found == word}


def test_workload_of_many_costs_as_many_queries_as_of_one(session) -> None:
    ids = list(session.scalars(select(Inspector.id).limit(200)))
    counted = []

    def count(*_: object) -> None:
        counted.append(1)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        found = workload_of(session, ids, 2026)
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert len(counted) <= 3
    assert len(found) == len(ids)
    assert Workload(matched=3, done=1, past=4).total == 7


@pytest.mark.rule("R-15.2")
def test_an_item_that_asks_for_a_specialty_leaves_out_who_lacks_it() -> None:
    target = engine.Target("T-1", "640104", ("消防",))
    roster = [
        engine.Inspector("A-1", True, 0, 20, ("640104",), ("消防",)),
        engine.Inspector("A-2", True, 0, 20, ("640104",), ()),
    ]
    asked = engine.explain(target, roster, [], ["消防"])
    assert [(v.inspector_id, v.reason) for v in asked] == [("A-1", None), ("A-2", "SPECIALTY")]
    assert [v.reason for v in engine.explain(target, roster, [], [])] == [None, None]


@pytest.mark.rule("R-15.2")
def test_specialties_are_words_of_the_vocabulary() -> None:
    words = Vocabulary({"A": (1, "640104")}, {"640104": "640104"}, {"消防"}, "A")
    given = {"certificate_no": "1", "name": "甲", "unit": "科", "position": "员", "phone": "1"}
    given |= {"certificate_until": "2027-01-01", "specialties": "消防、炼丹"}
    entry, faults = check_entry(given, words)
    assert entry is None
    assert [(fault.code, fault.value) for fault in faults] == [("specialty_unknown", "炼丹")]
