"""Why a matching cannot be done: the minimum cut of a flow that falls short, told as people and visits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from ortools.graph.python import max_flow

from app.matching.engine.eligibility import Eligibility, Flags, Ints
from app.matching.engine.errors import SolverFault
from app.matching.engine.network import Network


@dataclass(frozen=True, slots=True)
class Block:
    """Targets that share too few inspectors. `demand - capacity - elsewhere == short`, always above 0.

    `kind`: `LEADERS` when only those able to lead are missing, else `INSPECTORS`. `demand`: visits these
    targets ask of these inspectors; `capacity`: visits these may still make, `least_cap` to `most_cap` each;
    `elsewhere`: visits that colleagues outside the block make there, each at most one per target.
    `count`: targets (those behind a crowd included); `regions`: targets per region, most first.
    """

    kind: str
    short: int
    count: int
    demand: int
    capacity: int
    elsewhere: int
    least_cap: int
    most_cap: int
    regions: tuple[tuple[str, int], ...]
    targets: tuple[str, ...]
    inspectors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impossible:
    """`short` visits cannot be filled, for the reasons in `blocks`, which share no targets and no inspectors.

    `removed`: per blocked target how many of the roster each rule removed (`RECUSED REGION SPECIALTY`), how
    many remain (`eligible`) and how many of those may lead (`leaders`). False in a condition.
    """

    short: int
    blocks: tuple[Block, ...]
    removed: Mapping[str, Mapping[str, int]]

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(sorted(name for block in self.blocks for name in block.targets))

    @property
    def inspectors(self) -> tuple[str, ...]:
        return tuple(sorted(name for block in self.blocks for name in block.inspectors))

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Possible:
    """Every visit can be filled. `visits`: how many there are; `pairs`: eligible pairs to choose from."""

    visits: int
    pairs: int


def answer(network: Network, eligibility: Eligibility) -> Possible | Impossible:
    """Whether every need can be met, and if not, why. Raises SolverFault."""
    found = shortage(network, eligibility)
    return Possible(-int(network.supply[network.sink]), network.pairs) if found is None else found


def shortage(network: Network, eligibility: Eligibility) -> Impossible | None:
    """The blocking sets, or None when every need can be met. Raises SolverFault."""
    short, inside = _cut(network)
    if not short:
        return None
    targets, pairs = network.targets, slice(0, network.pairs)
    crossing = np.where(inside[network.tail] & ~inside[network.head], network.capacity, 0)
    elsewhere = np.zeros(targets, dtype=np.int64)
    np.add.at(elsewhere, network.tail[pairs] % max(targets, 1), crossing[pairs])
    demand = network.supply[:targets] - crossing[network.bucket_arcs]
    leaders_only = ~inside[targets : 2 * targets]
    room = _room(network)
    blocks: list[Block] = []
    removed: dict[str, dict[str, int]] = {}
    for members, workers in _components(network, inside):
        blocks.append(_block(eligibility, network, members, workers, demand, elsewhere, leaders_only, room))
        removed |= {eligibility.targets[place].id: eligibility.removed(place) for place in members.tolist()}
    blocks.sort(key=lambda block: (-block.short, block.targets[0]))
    if sum(block.short for block in blocks) != short:
        raise SolverFault("CUT", short=short)
    return Impossible(short, tuple(blocks), removed)


def _block(
    eligibility: Eligibility,
    network: Network,
    members: Ints,
    workers: Ints,
    demand: Ints,
    elsewhere: Ints,
    leaders_only: Flags,
    room: Ints,
) -> Block:
    asked, other = int(demand[members].sum()), int(elsewhere[members].sum())
    capacity = int(room[workers].sum())
    regions: Counter[str] = Counter()
    for place in members.tolist():
        regions[eligibility.targets[place].region] += int(network.times[place])
    return Block(
        kind="LEADERS" if leaders_only[members].all() else "INSPECTORS",
        short=asked - other - capacity,
        count=int(network.times[members].sum()),
        demand=asked,
        capacity=capacity,
        elsewhere=other,
        least_cap=int(room[workers].min(initial=capacity)),
        most_cap=int(room[workers].max(initial=0)),
        regions=tuple(sorted(regions.items(), key=lambda item: (-item[1], item[0]))),
        targets=tuple(eligibility.targets[place].id for place in members.tolist()),
        inspectors=tuple(eligibility.roster[place].id for place in workers.tolist()),
    )


def _room(network: Network) -> Ints:
    return np.bincount(network.tail[network.sink_arcs] - 2 * network.targets, minlength=network.inspectors)


def _cut(network: Network) -> tuple[int, Flags]:
    """Visits that a maximum flow leaves unfilled, and the source's side of the smallest minimum cut."""
    source = network.sink + 1
    upper = network.pairs + network.targets
    places = np.arange(network.targets, dtype=np.int64)
    workers = 2 * network.targets + np.arange(network.inspectors, dtype=np.int64)
    supply = network.supply[: network.targets]
    solver = max_flow.SimpleMaxFlow()
    solver.add_arcs_with_capacity(
        np.concatenate([np.full(network.targets, source), network.tail[:upper], workers]),
        np.concatenate([places, network.head[:upper], np.full(network.inspectors, network.sink)]),
        np.concatenate([supply, network.capacity[:upper], _room(network)]),
    )
    status = solver.solve(source, network.sink)
    if status != solver.OPTIMAL:
        raise SolverFault(status.name)
    inside = np.zeros(source + 1, dtype=bool)
    inside[solver.get_source_side_min_cut()] = True
    return int(supply.sum()) - solver.optimal_flow(), inside


def _components(network: Network, inside: Flags) -> Iterable[tuple[Ints, Ints]]:
    """The connected parts of the cut's inner side, each as places of targets and of inspectors."""
    upper = network.pairs + network.targets
    tail, head = network.tail[:upper], network.head[:upper]
    within = inside[tail] & inside[head]
    tail, head = tail[within], head[within]
    label = np.arange(network.sink)
    while True:
        before = label.copy()
        np.minimum.at(label, head, label[tail])
        np.minimum.at(label, tail, label[head])
        if (label == before).all():
            break
    parts: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for node in np.flatnonzero(inside[: network.sink]).tolist():
        if node < network.targets:
            parts[int(label[node])][0].append(node)
        elif node >= 2 * network.targets:
            parts[int(label[node])][1].append(node - 2 * network.targets)
    for members, workers in parts.values():
        yield np.array(members, dtype=np.int64), np.array(workers, dtype=np.int64)
