"""Node prices of an optimal flow, which the solver does not hand out: Bellman-Ford on the residual graph."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from app.matching.engine.eligibility import Flags, Ints
from app.matching.engine.errors import SolverFault
from app.matching.engine.network import Network


@dataclass(frozen=True)
class _Sheaf:
    """Residual arcs that leave one kind of node, sorted by where they end."""

    tail: Ints
    cost: Ints
    starts: Ints
    ends: Ints

    def relax(self, price: Ints) -> bool:
        if not len(self.tail):
            return False
        offer = np.minimum.reduceat(price[self.tail] + self.cost, self.starts)
        better = offer < price[self.ends]
        price[self.ends[better]] = offer[better]
        return bool(better.any())


def prices(network: Network, tail: Ints, head: Ints, cost: Ints, onward: Flags, back: Flags) -> Ints:
    """Shortest distances from a source that reaches every node at 0, one per node.

    With them `cost + price(u) - price(v)` is at least 0 on unused arcs and at most 0 on full ones. `onward`
    and `back` say which arcs have room left and which carry flow. One round takes a path from any inspector
    to the next one, by way of targets, buckets or the sink, so more rounds than inspectors mean a cycle of
    negative cost: then the flow was not optimal, and SolverFault is raised.
    """
    start = np.concatenate([tail[onward], head[back]])
    end = np.concatenate([head[onward], tail[back]])
    step = np.concatenate([cost[onward], -cost[back]])
    borders = (0, network.targets, 2 * network.targets, network.sink, network.sink + 1)
    targets, buckets, inspectors, sink = (
        _sheaf(start, end, step, (start >= low) & (start < high)) for low, high in pairwise(borders)
    )
    price = np.zeros(network.sink + 1, dtype=np.int64)
    for _ in range(network.inspectors + 4):
        found = [sheaf.relax(price) for sheaf in (sink, inspectors, buckets, targets, buckets)]
        if not any(found):
            return price
    raise SolverFault("NOT_OPTIMAL")


def _sheaf(start: Ints, end: Ints, step: Ints, chosen: Flags) -> _Sheaf:
    tail, head, cost = start[chosen], end[chosen], step[chosen]
    order = np.argsort(head, kind="stable")
    ends, starts = np.unique(head[order], return_index=True)
    return _Sheaf(tail[order], cost[order], starts, ends)
