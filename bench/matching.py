"""`python -m bench.matching`: the exact matching beside one greedy pass over the same eligible pairs.

Small by default; FULL=1 is 10,000 targets x 500 inspectors, about 50 eligible each, two per visit. The
baseline (each target in turn takes its least loaded candidates, in plain Python) is what a simple program
would do: it promises neither the best balance nor that everybody is placed. The ratio is what counts.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Sequence

from app.matching.engine import Inspector, Matched, Needs, Recusal, Target, Tickets, match
from app.matching.engine.eligibility import Eligibility

NEEDS = Needs(("T1", "T2"), need=2, leaders=1)
LIMIT = 10.0


def case(targets: int, inspectors: int, seed: int) -> tuple[list[Target], list[Inspector], list[Recusal]]:
    """Twenty counties, some with five times the targets of others; a third of the people may lead."""
    chance = random.Random(seed)
    counties = [f"64{city:02d}{county:02d}" for city in range(1, 6) for county in range(1, 5)]
    weights = [1 + place % 5 for place in range(len(counties))]
    cap = 3 * NEEDS.need * targets // inspectors
    roster = []
    for number in range(inspectors):
        home, neighbour = chance.sample(counties, 2)
        regions = (home, neighbour) if chance.randrange(10) else (home[:4] + "00",)
        tags = tuple(tag for tag in NEEDS.tags if chance.randrange(10))
        leader, load = chance.randrange(3) == 0, chance.randrange(6)
        roster.append(Inspector(f"6400-{number:05d}", leader, load, cap, regions, tags))
    wanted = [
        Target(f"9164{number:014d}", county, chance.choice([(), ("T1",), ("T1", "T2")]))
        for number, county in enumerate(chance.choices(counties, weights, k=targets))
    ]
    pairs = {(chance.choice(roster).id, chance.choice(wanted).id) for _ in range(targets // 5)}
    return wanted, roster, [Recusal(inspector, target, "ROTATION") for inspector, target in sorted(pairs)]


def greedy(
    targets: Sequence[Target], roster: Sequence[Inspector], recusals: Sequence[Recusal]
) -> tuple[int, int]:
    """Balance reached and targets that did not get their people."""
    eligible = Eligibility(targets, roster, recusals, NEEDS.tags)
    candidates: dict[int, list[int]] = defaultdict(list)
    for target, inspector in zip(eligible.target.tolist(), eligible.inspector.tolist(), strict=True):
        candidates[target].append(inspector)
    load = [row.load for row in eligible.roster]
    left = [row.cap for row in eligible.roster]
    balance = unfilled = 0
    for place in range(len(eligible.targets)):
        near = sorted((one for one in candidates[place] if left[one]), key=load.__getitem__)
        lead = [one for one in near if eligible.roster[one].leader][: NEEDS.leaders]
        team = (lead + [one for one in near if one not in lead])[: NEEDS.need]
        unfilled += len(lead) < NEEDS.leaders or len(team) < NEEDS.need
        for one in team:
            load[one] += 1
            left[one] -= 1
            balance += load[one]
    return balance, unfilled


def main() -> int:
    full = os.environ.get("FULL") == "1"
    targets, roster, recusals = case(10_000, 500, 1) if full else case(1_000, 200, 1)
    start = time.perf_counter()
    balance, unfilled = greedy(targets, roster, recusals)
    baseline = time.perf_counter() - start
    start = time.perf_counter()
    matched = match(targets, roster, recusals, NEEDS, Tickets("sha256", bytes(32), "bench", "AGENCY"))
    taken = time.perf_counter() - start
    if not isinstance(matched, Matched):
        print(f"the generated case cannot be matched: {matched.short} visits short")
        return 1
    each = matched.pairs / len(targets)
    size = f"{len(targets):,} targets x {len(roster)} inspectors, {each:.0f} eligible each"
    print(f"{size}, need {NEEDS.need}, {len(recusals):,} recusals")
    print(f"greedy pass (baseline)  {baseline:7.2f} s   balance {balance:,}   targets unfilled {unfilled}")
    print(f"exact matching          {taken:7.2f} s   balance {matched.balance:,}   targets unfilled 0")
    print(f"ratio {taken / baseline:.1f}; limit at full size {LIMIT:.0f} s")
    return 1 if full and taken > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
