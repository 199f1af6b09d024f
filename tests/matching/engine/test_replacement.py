"""After the draw: the next in the random order, and roles worked out anew."""

from __future__ import annotations

import dataclasses
from collections import Counter
from random import Random

import pytest

from app.matching.engine import (
    Assigned,
    Inspector,
    Needs,
    NobodyLeft,
    Recusal,
    Replaced,
    Target,
    Tickets,
    match,
    replace_inspector,
)

from .cases import may_go, pair_ticket, random_case

TARGET = Target("T", "640104")
TICKETS = Tickets("sha256", bytes(32), "D-1", "AMR")
TEAM = [Assigned("T", "L1", "lead"), Assigned("T", "M1", "member"), Assigned("OTHER", "L2", "lead")]


def someone(name: str, cap: int = 9) -> Inspector:
    return Inspector(name, name.startswith("L"), 0, cap, ("640100",))


@pytest.mark.rule("R-25.2")
def test_the_next_in_the_random_order_takes_the_place():
    chance, done = Random(51), Counter[bool]()
    for _ in range(150):
        case = random_case(chance, most_targets=4, most_inspectors=8, most_cap=4)
        found = match(*case.arguments)
        if not found:
            continue
        gone = chance.choice(found.rows)
        target = next(one for one in case.targets if one.id == gone.target_id)
        visits = Counter(row.inspector_id for row in found.rows)
        answer = replace_inspector(
            target,
            gone.inspector_id,
            found.rows,
            case.roster,
            case.recusals,
            case.needs,
            case.tickets,
            visits,
        )
        team = {row.inspector_id for row in found.rows if row.target_id == target.id}
        leaders = sum(one.leader for one in case.roster if one.id in team - {gone.inspector_id})
        able = [
            one
            for one in case.roster
            if may_go(case, target, one) and one.id not in team and visits[one.id] < one.cap
            if one.leader or leaders >= case.needs.leaders
        ]
        done[bool(able)] += 1
        if not able:
            assert isinstance(answer, NobodyLeft)
            assert sum(answer.removed.values()) == len(case.roster)
            continue
        assert isinstance(answer, Replaced)
        assert answer.in_id == min(able, key=lambda one: pair_ticket(case, target, one)).id
        assert {row.inspector_id for row in answer.rows} == team - {gone.inspector_id} | {answer.in_id}
        leads = [row for row in answer.rows if row.role == "lead"]
        assert len(leads) == (1 if case.needs.leaders else 0)
    assert done[True] > 20 and done[False] > 5


def test_a_missing_leader_is_replaced_by_a_leader_who_then_leads():
    roster = [someone(name) for name in ("L1", "L2", "M1", "M2", "M3", "M4")]
    answer = replace_inspector(TARGET, "L1", TEAM, roster, [], Needs(), TICKETS, {})
    assert answer == Replaced("L2", (Assigned("T", "L2", "lead"), Assigned("T", "M1", "member")))


def test_roles_are_worked_out_anew_over_the_whole_team():
    names = ["L1", *(f"L{number}" for number in range(2, 12))]
    first = min(names, key=lambda name: TICKETS.of("T", name))
    second = min((name for name in names if name != first), key=lambda name: TICKETS.of("T", name))
    team = [Assigned("T", second, "lead"), Assigned("T", "M1", "member")]
    roster = [someone(name) for name in (*names, "M1")]
    answer = replace_inspector(TARGET, "M1", team, roster, [], Needs(), TICKETS, {})
    assert isinstance(answer, Replaced)
    assert answer.rows == tuple(sorted((Assigned("T", first, "lead"), Assigned("T", second, "member"))))


def test_when_nobody_is_left_the_answer_says_why():
    roster = [someone(name) for name in ("L1", "L2", "M1", "M2")] + [someone("L3", cap=2), someone("L4")]
    roster += [dataclasses.replace(someone("L5"), regions=("640221",))]
    recusals = [Recusal("L2", "T", "DECLARED")]
    answer = replace_inspector(TARGET, "L1", TEAM, roster, recusals, Needs(), TICKETS, {"L3": 2}, out=["L4"])
    assert not answer
    assert answer == NobodyLeft(True, {"OUT": 2, "RECUSED": 1, "TEAM": 1, "LEADER": 1, "CAP": 1, "REGION": 1})


def test_only_somebody_on_the_team_can_be_replaced():
    with pytest.raises(ValueError, match="L2"):
        replace_inspector(TARGET, "L2", TEAM, [someone("L1"), someone("M1")], [], Needs(), TICKETS, {})
