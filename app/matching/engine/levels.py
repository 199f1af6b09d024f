"""The optimum, level by level: each level keeps only the flows that are optimal for it.

After a level, an arc with positive reduced cost is empty and one with negative reduced cost full in *every*
optimal flow; the others stay free for the next level. No level's costs are ever mixed with another's.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np
from ortools.graph.python import min_cost_flow

from app.matching.engine.eligibility import Flags, Ints
from app.matching.engine.errors import SolverFault
from app.matching.engine.network import Network
from app.matching.engine.prices import prices


@dataclass(frozen=True)
class Face:
    """All optimal flows of the levels so far: `free` arcs are open, the others carry `flow` in every one.

    On free arcs `flow` is that of the last solution.
    """

    free: Flags
    flow: Ints


def whole(network: Network) -> Face:
    """Before the first level: everything is open."""
    arcs = len(network.tail)
    return Face(np.ones(arcs, dtype=bool), np.zeros(arcs, dtype=np.int64))


def descend(network: Network, face: Face, cost: Ints) -> Face | None:
    """The face of the flows of `face` with the least cost; None if there is no flow at all.

    Raises SolverFault when the solver refuses (status), or when its flow is not feasible or not optimal.
    """
    arcs = np.flatnonzero(face.free)
    tail, head, capacity, costs = network.tail[arcs], network.head[arcs], network.capacity[arcs], cost[arcs]
    settled = np.where(face.free, 0, face.flow)
    supply = _left(network.supply, network.tail, network.head, settled)
    part = _solve(tail, head, capacity, costs, supply)
    if part is None:
        return None
    if (part < 0).any() or (part > capacity).any() or _left(supply, tail, head, part).any():
        raise SolverFault("NOT_FEASIBLE")
    price = prices(network, tail, head, costs, part < capacity, part > 0)
    reduced = costs + price[tail] - price[head]
    free = face.free.copy()
    free[arcs] = reduced == 0
    flow = settled
    flow[arcs] = part
    return Face(free, flow)


def leaves_a_choice(network: Network, face: Face) -> bool:
    """Whether the face holds more than one flow.

    True when the residual graph of the free arcs has a directed cycle other than an arc and its own reverse.
    Only a bucket's arc can be open in both directions; its two ends then count as one node. Of an inspector's
    parallel sink arcs at most one is free after the first level, because their costs differ.
    """
    arcs = np.flatnonzero(face.free)
    tail, head = network.tail[arcs], network.head[arcs]
    onward = face.flow[arcs] < network.capacity[arcs]
    back = face.flow[arcs] > 0
    name = np.arange(network.sink + 1)
    both = onward & back
    name[head[both]] = tail[both]
    graph: TopologicalSorter[int] = TopologicalSorter()
    for flags, start, end in ((onward, tail, head), (back, head, tail)):
        single = flags & ~both
        for u, v in zip(name[start[single]].tolist(), name[end[single]].tolist(), strict=True):
            graph.add(v, u)
    try:
        graph.prepare()
    except CycleError:
        return True
    return False


def _left(supply: Ints, tail: Ints, head: Ints, flow: Ints) -> Ints:
    left = supply.copy()
    np.subtract.at(left, tail, flow)
    np.add.at(left, head, flow)
    return left


def _solve(tail: Ints, head: Ints, capacity: Ints, cost: Ints, supply: Ints) -> Ints | None:
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
    solver.set_nodes_supplies(np.arange(len(supply), dtype=np.int64), supply)
    status = solver.solve()
    if status == solver.INFEASIBLE:
        return None
    if status != solver.OPTIMAL:
        raise SolverFault(status.name)
    flows: Ints = solver.flows(arcs).astype(np.int64)
    return flows
