"""The one assignment: balance, then mismatch, then tickets, never traded against each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from app.matching.engine.eligibility import Eligibility, Ints, Target
from app.matching.engine.errors import SolverFault, Void
from app.matching.engine.files import Assigned, Inspector, Recusal
from app.matching.engine.impossible import Impossible, Possible, answer, shortage
from app.matching.engine.levels import Face, descend, leaves_a_choice, whole
from app.matching.engine.network import Network, build
from app.matching.engine.plan import Needs
from app.matching.engine.tickets import Tickets


@dataclass(frozen=True, slots=True)
class Matched:
    """The optimal assignment, by target, then inspector, with the sums of its levels.

    `pairs`: eligible pairs there were; `tickets2` is None unless level 3 left a choice.
    """

    rows: tuple[Assigned, ...]
    pairs: int
    balance: int
    mismatch: int
    tickets: int
    tickets2: int | None = None


def match(
    targets: Iterable[Target],
    roster: Iterable[Inspector],
    recusals: Iterable[Recusal],
    needs: Needs,
    tickets: Tickets,
    visits: Mapping[str, int] | None = None,
) -> Matched | Impossible:
    """Match all targets of a batch, or the one target that replaces another (with the code of its batch).

    `visits`: inspector id to the visits of earlier batches that still count; they add to the load and use up
    the cap. The order of `targets`, `roster` and `recusals` is irrelevant. Raises SolverFault, and Void if
    the tickets leave a choice.
    """
    eligibility = Eligibility(targets, roster, recusals, needs.tags)
    network = build(eligibility, needs.need, needs.leaders, _visits(eligibility, visits))
    face = descend(network, whole(network), network.balance)
    if face is None:
        return _impossible(network, eligibility)
    face = _narrow(network, face, network.pair_costs(eligibility.mismatch))
    face = _narrow(network, face, _ticket_costs(network, face, eligibility, tickets, 0))
    more = leaves_a_choice(network, face)
    if more:
        face = _narrow(network, face, _ticket_costs(network, face, eligibility, tickets, 1))
        if leaves_a_choice(network, face):
            raise Void("NOT_UNIQUE", pairs=network.pairs)
    return _matched(network, face, eligibility, needs, tickets, more)


def feasible(
    targets: Iterable[Target],
    roster: Iterable[Inspector],
    recusals: Iterable[Recusal],
    needs: Needs,
    visits: Mapping[str, int] | None = None,
) -> Possible | Impossible:
    """Whether exactly these targets could be matched; needs no seed. Raises SolverFault."""
    eligibility = Eligibility(targets, roster, recusals, needs.tags)
    network = build(eligibility, needs.need, needs.leaders, _visits(eligibility, visits))
    return answer(network, eligibility)


def roles(team: Mapping[str, Iterable[Inspector]], leaders: int, tickets: Tickets) -> tuple[Assigned, ...]:
    """The leader of a target with the smallest h leads it; nobody does where `leaders` is 0."""
    rows: list[Assigned] = []
    for target_id, members in team.items():
        people = list(members)
        able = [person.id for person in people if person.leader] if leaders else []
        lead = min(able, key=lambda name: (tickets.of(target_id, name), name), default=None)
        rows.extend(Assigned(target_id, one.id, "lead" if one.id == lead else "member") for one in people)
    return tuple(sorted(rows))


def _visits(eligibility: Eligibility, visits: Mapping[str, int] | None) -> Ints:
    made = visits or {}
    return np.array([made.get(row.id, 0) for row in eligibility.roster], dtype=np.int64)


def _impossible(network: Network, eligibility: Eligibility) -> Impossible:
    found = shortage(network, eligibility)
    if found is None:
        raise SolverFault("INFEASIBLE")
    return found


def _narrow(network: Network, face: Face, cost: Ints) -> Face:
    narrower = descend(network, face, cost)
    if narrower is None:
        raise SolverFault("INFEASIBLE")
    return narrower


def _ticket_costs(
    network: Network, face: Face, eligibility: Eligibility, tickets: Tickets, part: int
) -> Ints:
    costs = np.zeros(network.pairs, dtype=np.int64)
    open_pairs = np.flatnonzero(face.free[: network.pairs])
    costs[open_pairs] = _forty_bits(eligibility, tickets, open_pairs, part)
    return network.pair_costs(costs)


def _forty_bits(eligibility: Eligibility, tickets: Tickets, pairs: Ints, part: int) -> Ints:
    places = eligibility.target[pairs], eligibility.inspector[pairs]
    names = [row.id for row in eligibility.targets], [row.id for row in eligibility.roster]
    return tickets.forty_bits(*names, places, part)


def _matched(
    network: Network, face: Face, eligibility: Eligibility, needs: Needs, tickets: Tickets, more: bool
) -> Matched:
    used = np.flatnonzero(face.flow[: network.pairs])
    team: dict[str, list[Inspector]] = defaultdict(list)
    for target, inspector in zip(eligibility.target[used], eligibility.inspector[used], strict=True):
        team[eligibility.targets[target].id].append(eligibility.roster[inspector])
    sums = [sum(_forty_bits(eligibility, tickets, used, part).tolist()) for part in range(1 + more)]
    return Matched(
        rows=roles(team, needs.leaders, tickets),
        pairs=network.pairs,
        balance=int(network.balance @ face.flow),
        mismatch=int(eligibility.mismatch[used].sum()),
        tickets=sums[0],
        tickets2=sums[1] if more else None,
    )
