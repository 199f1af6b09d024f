"""The engine finds the one best assignment: compared with trying everything."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from app.matching.engine import Impossible, Inspector, Matched, Needs, Target, Tickets, Void, feasible, match
from app.matching.engine.eligibility import Ints

from .cases import Case, all_tickets, assignments, may_go, pair_ticket, random_case, rank


class CoarseTickets(Tickets):
    """Tickets whose first 40 bits are one bit, so that level 3 often leaves a choice."""

    def forty_bits(
        self, targets: Sequence[str], inspectors: Sequence[str], pairs: tuple[Ints, Ints], part: int
    ) -> Ints:
        bits = super().forty_bits(targets, inspectors, pairs, part)
        return bits % 2 if part == 0 else bits


class ConstantTickets(Tickets):
    """No chance at all: every pair has the same ticket."""

    def forty_bits(
        self, targets: Sequence[str], inspectors: Sequence[str], pairs: tuple[Ints, Ints], part: int
    ) -> Ints:
        return np.ones(len(pairs[0]), dtype=np.int64)


def of_kind(kind: type[Tickets], case: Case) -> Case:
    one = case.tickets
    return dataclasses.replace(case, tickets=kind(one.hash_name, one.seed, one.draw_no, one.agency))


def expected_rows(case: Case, teams: Sequence[Sequence[Inspector]]) -> list[tuple[str, str, str]]:
    rows = []
    for target, team in zip(case.targets, teams, strict=True):
        able = [one for one in team if one.leader and case.needs.leaders]
        lead = min(able, key=lambda one: pair_ticket(case, target, one), default=None)
        rows += [(target.id, one.id, "lead" if one is lead else "member") for one in team]
    return sorted(rows)


@pytest.mark.rule("R-25.1")
def test_the_assignment_is_the_lexicographic_optimum_of_all_assignments():
    chance, matched_cases, impossible_cases = Random(31), 0, 0
    for _ in range(400):
        case = random_case(chance)
        tickets = all_tickets(case)
        ranked = sorted(
            ((rank(case, teams, tickets), teams) for teams in assignments(case)), key=lambda x: x[0]
        )
        found = match(*case.arguments)
        if not ranked:
            assert isinstance(found, Impossible)
            impossible_cases += 1
            continue
        assert isinstance(found, Matched)
        best, teams = ranked[0]
        assert (found.balance, found.mismatch, found.tickets) == best[:3]
        assert [dataclasses.astuple(row) for row in found.rows] == expected_rows(case, teams)
        assert found.pairs == sum(may_go(case, target, one) for target in case.targets for one in case.roster)
        assert found.tickets2 is None
        matched_cases += 1
    assert matched_cases > 100 and impossible_cases > 20


def test_level_four_decides_when_the_tickets_leave_a_choice_and_only_then():
    chance, decided = Random(32), Counter[bool]()
    for _ in range(1_000):
        case = of_kind(CoarseTickets, random_case(chance))
        tickets = {key: (first % 2, second) for key, (first, second) in all_tickets(case).items()}
        ranked = sorted(
            ((rank(case, teams, tickets), teams) for teams in assignments(case)), key=lambda x: x[0]
        )
        found = match(*case.arguments)
        if not ranked:
            continue
        assert isinstance(found, Matched)
        best, teams = ranked[0]
        choice = len(ranked) > 1 and ranked[1][0][:3] == best[:3]
        assert found.tickets2 == (best[3] if choice else None)
        assert (found.balance, found.mismatch, found.tickets) == best[:3]
        assert [dataclasses.astuple(row) for row in found.rows] == expected_rows(case, teams)
        decided[choice] += 1
    assert decided[True] > 30 and decided[False] > 30


def test_a_choice_that_level_four_leaves_makes_the_draw_void():
    chance, seen = Random(33), Counter[str]()
    for _ in range(800):
        case = of_kind(ConstantTickets, random_case(chance))
        same = {(target.id, one.id): (1, 1) for target in case.targets for one in case.roster}
        ranks = sorted(rank(case, teams, same) for teams in assignments(case))
        if not ranks:
            continue
        if ranks.count(ranks[0]) > 1:
            with pytest.raises(Void):
                match(*case.arguments)
            seen["void"] += 1
        else:
            assert isinstance(match(*case.arguments), Matched)
            seen["unique"] += 1
    assert seen["void"] > 50 and seen["unique"] > 20


@pytest.mark.rule("R-15.3")
@pytest.mark.rule("R-25.2")
def test_needs_leaders_caps_and_recusals_always_hold():
    chance, done = Random(34), 0
    for _ in range(60):
        case = random_case(chance, most_targets=30, most_inspectors=25, most_cap=12)
        found = match(*case.arguments)
        if not found:
            continue
        done += 1
        people = {one.id: one for one in case.roster}
        teams = defaultdict(set)
        for row in found.rows:
            teams[row.target_id].add(row.inspector_id)
        recused = {(row.target_id, row.inspector_id) for row in case.recusals}
        assert not recused & {(row.target_id, row.inspector_id) for row in found.rows}
        for target in case.targets:
            assert len(teams[target.id]) == case.needs.need
            assert sum(people[name].leader for name in teams[target.id]) >= case.needs.leaders
            assert all(may_go(case, target, people[name]) for name in teams[target.id])
        made = Counter(row.inspector_id for row in found.rows)
        assert all(times <= people[name].cap for name, times in made.items())
        leads = Counter(row.target_id for row in found.rows if row.role == "lead")
        assert set(leads.values()) <= {1} and (len(leads) == len(case.targets)) == (case.needs.leaders > 0)
    assert done > 10


def test_the_order_of_the_lists_is_irrelevant():
    chance, done = Random(35), 0
    for _ in range(40):
        case = random_case(chance, most_targets=12, most_inspectors=12, most_cap=8)
        shuffled = [chance.sample(rows, len(rows)) for rows in (case.targets, case.roster, case.recusals)]
        found = match(*case.arguments)
        assert match(*shuffled, case.needs, case.tickets) == found
        done += bool(found)
    assert done > 10


def test_visits_of_earlier_batches_count_in_the_load_and_against_the_cap():
    chance, done = Random(36), 0
    for _ in range(60):
        case = random_case(chance, most_targets=6, most_inspectors=8, most_cap=6)
        visits = {one.id: chance.randrange(3) for one in case.roster}
        moved = [
            dataclasses.replace(one, load=one.load + visits[one.id], cap=max(one.cap - visits[one.id], 0))
            for one in case.roster
        ]
        found = match(*case.arguments, visits=visits)
        assert found == match(case.targets, moved, case.recusals, case.needs, case.tickets)
        done += bool(found)
    assert done > 10


def test_a_replacement_target_is_matched_alone():
    roster = [Inspector("A", True, 0, 2, ("640100",)), Inspector("B", True, 0, 2, ("640100",))]
    roster += [Inspector("C", False, 0, 2, ("640100",)), Inspector("D", False, 9, 2, ("640100",))]
    tickets = Tickets("sha256", bytes(32), "D-1", "AMR", bytes(range(32)))
    found = match([Target("N1", "640104")], roster, [], Needs(), tickets, visits={"A": 1, "C": 2})
    assert isinstance(found, Matched)
    assert [row.inspector_id for row in found.rows] == ["A", "B"]
    assert found.balance == 2 + 1


def test_nothing_drawn_is_matched_to_nobody():
    roster = [Inspector("A", True, 0, 2, ("640100",))]
    found = match([], roster, [], Needs(), Tickets("sha256", bytes(32), "D-1", "AMR"))
    assert found == Matched((), 0, 0, 0, 0)


def test_an_agency_without_inspectors_is_short_of_every_visit():
    found = match([Target("T", "640104")], [], [], Needs(), Tickets("sha256", bytes(32), "D-1", "AMR"))
    assert isinstance(found, Impossible)
    assert (found.short, found.targets, found.inspectors) == (2, ("T",), ())


def test_the_trial_of_given_targets_agrees_with_the_matching():
    chance, seen = Random(37), Counter[bool]()
    for _ in range(200):
        case = random_case(chance)
        answer = feasible(case.targets, case.roster, case.recusals, case.needs)
        found = match(*case.arguments)
        assert bool(answer) == bool(found)
        if isinstance(found, Impossible):
            assert answer == found
        seen[bool(found)] += 1
    assert min(seen.values()) > 20
