"""The flow network: target to eligible leader, target to bucket to eligible non-leader, inspector to sink."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.matching.engine.eligibility import Eligibility, Ints


@dataclass(frozen=True)
class Network:
    """Nodes: targets, their buckets, inspectors, the sink. Arcs: pairs, then buckets, then units of the sink.

    The i-th pair arc is the i-th eligible pair. Every inspector has one sink arc of capacity 1 per visit that
    he can make at all, the k-th at `load + k`: arcs beyond the number of his pairs could never be used.
    """

    targets: int
    inspectors: int
    pairs: int
    tail: Ints
    head: Ints
    capacity: Ints
    supply: Ints
    balance: Ints
    times: Ints

    @property
    def sink(self) -> int:
        return 2 * self.targets + self.inspectors

    @property
    def sink_arcs(self) -> slice:
        return slice(self.pairs + self.targets, None)

    @property
    def bucket_arcs(self) -> slice:
        return slice(self.pairs, self.pairs + self.targets)

    def pair_costs(self, costs: Ints) -> Ints:
        """Costs of the pairs, in their order, as costs of all arcs."""
        return np.concatenate([costs, np.zeros(len(self.tail) - self.pairs, dtype=np.int64)])


def build(
    eligibility: Eligibility, need: int, leaders: int, visits: Ints, many: Ints | None = None
) -> Network:
    """`visits`: made in earlier batches, per place on the roster; they count in the load and against the cap.

    `many`: how many alike targets stand behind each target (a trial); one each if not given.
    """
    targets, inspectors = len(eligibility.targets), len(eligibility.roster)
    times = np.ones(targets, dtype=np.int64) if many is None else many
    load = np.array([row.load for row in eligibility.roster], dtype=np.int64) + visits
    left = np.maximum(np.array([row.cap for row in eligibility.roster], dtype=np.int64) - visits, 0)
    pair_capacity = times[eligibility.target]
    able = np.zeros(inspectors, dtype=np.int64)
    np.add.at(able, eligibility.inspector, pair_capacity)
    units = np.minimum(left, able)

    first = np.cumsum(units) - units
    unit = np.arange(int(units.sum()), dtype=np.int64) - np.repeat(first, units)
    places = np.arange(targets, dtype=np.int64)
    target_or_bucket = np.where(eligibility.leader[eligibility.inspector], 0, targets) + eligibility.target
    worker = np.repeat(np.arange(inspectors, dtype=np.int64), units)
    sink = 2 * targets + inspectors
    bucket = (need - leaders) * times
    one = np.ones(len(unit), dtype=np.int64)
    supply = np.zeros(sink + 1, dtype=np.int64)
    supply[:targets] = need * times
    supply[sink] = -need * int(times.sum())
    cheap = np.zeros(len(eligibility.target) + targets, dtype=np.int64)
    return Network(
        targets,
        inspectors,
        len(eligibility.target),
        tail=np.concatenate([target_or_bucket, places, 2 * targets + worker]),
        head=np.concatenate([2 * targets + eligibility.inspector, targets + places, sink * one]),
        capacity=np.concatenate([pair_capacity, bucket, one]),
        supply=supply,
        balance=np.concatenate([cheap, np.repeat(load, units) + unit + 1]),
        times=times,
    )
