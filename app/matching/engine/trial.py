"""The trial before the freeze: could the targets that a draw is likely to bring be visited at all?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from app.matching.engine.eligibility import Eligibility, Target
from app.matching.engine.files import Inspector, Recusal
from app.matching.engine.impossible import Impossible, Possible, answer
from app.matching.engine.network import build
from app.matching.engine.plan import Needs


@dataclass(frozen=True, slots=True)
class Crowd:
    """`count` targets of one region that need the same specialties, expected in the draw."""

    region: str
    tags: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class ShortHanded:
    """A target that could not be matched even alone. `removed` as in `Impossible`."""

    target_id: str
    removed: Mapping[str, int]


def trial(crowds: Iterable[Crowd], roster: Iterable[Inspector], needs: Needs) -> Possible | Impossible:
    """Exact for targets without recusals, whatever their number: alike targets stand behind one node.

    In the answer a crowd's target id is its region and its specialties, as in `640104 食品`; crowds of the
    same kind are added up. Raises SolverFault.
    """
    counts: dict[tuple[str, tuple[str, ...]], int] = {}
    for crowd in crowds:
        kind = crowd.region, tuple(sorted(set(crowd.tags)))
        counts[kind] = counts.get(kind, 0) + crowd.count
    named = {" ".join([region, ",".join(tags)]).strip(): (region, tags) for region, tags in counts}
    targets = [Target(name, region, tags) for name, (region, tags) in named.items()]
    eligibility = Eligibility(targets, roster, (), needs.tags)
    many = np.array([counts[named[target.id]] for target in eligibility.targets], dtype=np.int64)
    visits = np.zeros(len(eligibility.roster), dtype=np.int64)
    network = build(eligibility, needs.need, needs.leaders, visits, many)
    return answer(network, eligibility)


def short_handed(
    frame: Iterable[Target], roster: Iterable[Inspector], recusals: Iterable[Recusal], needs: Needs
) -> tuple[ShortHanded, ...]:
    """The targets of the frame with fewer candidates than they need, or fewer able to lead, recusals counted.

    Give a large frame in portions: every eligible pair of a portion is held in memory.
    """
    eligibility = Eligibility(frame, [row for row in roster if row.cap], recusals, needs.tags)
    everyone = np.bincount(eligibility.target, minlength=len(eligibility.targets))
    able = eligibility.target[eligibility.leader[eligibility.inspector]]
    leaders = np.bincount(able, minlength=len(eligibility.targets))
    places = np.flatnonzero((everyone < needs.need) | (leaders < needs.leaders))
    found = places.tolist()
    return tuple(ShortHanded(eligibility.targets[place].id, eligibility.removed(place)) for place in found)
