"""Nothing that the solver answers is believed without a check."""

from __future__ import annotations

import numpy as np
import pytest

from app.matching.engine import Inspector, SolverFault, Target
from app.matching.engine import levels as levels_module
from app.matching.engine.eligibility import Eligibility
from app.matching.engine.levels import descend, leaves_a_choice, whole
from app.matching.engine.network import Network, build
from app.matching.engine.prices import prices


def network(inspectors: int = 4) -> Network:
    roster = [Inspector(f"P{number}", True, number, 2, ("640100",)) for number in range(inspectors)]
    eligibility = Eligibility([Target("A", "640104"), Target("B", "640105")], roster, [], [])
    return build(eligibility, need=2, leaders=1, visits=np.zeros(inspectors, dtype=np.int64))


def test_costs_beyond_the_solvers_range_are_an_error_and_not_an_empty_assignment():
    plain = network()
    with pytest.raises(SolverFault, match="BAD_COST_RANGE"):
        descend(plain, whole(plain), plain.pair_costs(np.full(plain.pairs, 1 << 61)))


def test_a_flow_that_breaks_the_supplies_is_an_error(monkeypatch):
    plain = network()
    monkeypatch.setattr(levels_module, "_solve", lambda tail, *rest: np.zeros(len(tail), dtype=np.int64))
    with pytest.raises(SolverFault, match="NOT_FEASIBLE"):
        descend(plain, whole(plain), plain.balance)


def test_a_feasible_flow_that_is_not_optimal_is_an_error(monkeypatch):
    plain = network()
    worst = descend(plain, whole(plain), -plain.balance)
    monkeypatch.setattr(levels_module, "_solve", lambda *rest: worst.flow)
    with pytest.raises(SolverFault, match="NOT_OPTIMAL"):
        descend(plain, whole(plain), plain.balance)


def test_prices_certify_the_optimum():
    plain = network()
    best = descend(plain, whole(plain), plain.balance)
    price = prices(plain, plain.tail, plain.head, plain.balance, best.flow < plain.capacity, best.flow > 0)
    reduced = plain.balance + price[plain.tail] - price[plain.head]
    assert (reduced[best.flow == 0] >= 0).all()
    assert (reduced[best.flow == plain.capacity] <= 0).all()


def test_a_choice_is_seen_and_its_absence_too():
    plain = network()
    assert leaves_a_choice(plain, descend(plain, whole(plain), plain.balance))
    only = network(inspectors=2)
    assert not leaves_a_choice(only, descend(only, whole(only), only.balance))
