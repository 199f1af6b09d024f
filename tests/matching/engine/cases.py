"""Small random cases, and the answers found by trying everything, written apart from the engine."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from random import Random

from app.matching.engine import RECUSAL_REASONS, Inspector, Needs, Recusal, Target, Tickets

REGIONS = ("640104", "640105", "640221")
TAGS = ("食品", "特种设备", "计量")


@dataclass(frozen=True)
class Case:
    targets: list[Target]
    roster: list[Inspector]
    recusals: list[Recusal]
    needs: Needs
    tickets: Tickets

    @property
    def arguments(self) -> tuple[list[Target], list[Inspector], list[Recusal], Needs, Tickets]:
        return self.targets, self.roster, self.recusals, self.needs, self.tickets


def random_case(chance: Random, most_targets: int = 3, most_inspectors: int = 6, most_cap: int = 3) -> Case:
    need = chance.choice([1, 2, 2, 2, 3])
    codes = (*REGIONS, "640100", "640100", "640200", "640000", "640000")
    roster = [
        Inspector(
            f"P{number}",
            chance.random() < 0.7,
            chance.randrange(3),
            chance.choice([0, *range(1, most_cap + 1), most_cap]),
            tuple(dict.fromkeys(chance.sample(codes, chance.randint(1, 3)))),
            tuple(chance.sample(TAGS, chance.choice([1, 2, 3, 3, 3]))),
        )
        for number in range(chance.randint(need, most_inspectors))
    ]
    targets = [
        Target(f"T{number}", chance.choice(REGIONS), tuple(chance.sample(TAGS, chance.choice([0, 0, 1, 2]))))
        for number in range(chance.randint(1, most_targets))
    ]
    pairs = [(one.id, target.id) for one in roster for target in targets if chance.random() < 0.1]
    recusals = [Recusal(*pair, chance.choice(RECUSAL_REASONS)) for pair in pairs]
    needs = Needs(("食品", "特种设备"), need, chance.randint(0, min(need, 2)))
    return Case(
        targets, roster, recusals, needs, Tickets("sha256", chance.randbytes(32), "640000-2026-1", "AMR")
    )


def may_go(case: Case, target: Target, one: Inspector) -> bool:
    if any((row.inspector_id, row.target_id) == (one.id, target.id) for row in case.recusals):
        return False
    if not any(_inside(target.region, code) for code in one.regions):
        return False
    return all(tag in one.tags for tag in target.tags if tag in case.needs.tags)


def pair_ticket(case: Case, target: Target, one: Inspector) -> bytes:
    def enc(data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + data

    words = (b"evenhand-draw/1/match", case.tickets.seed, case.tickets.draw_no.encode(), b"AMR", b"")
    prefix = hashlib.sha256(b"".join(enc(word) for word in words)).digest()
    return hashlib.sha256(prefix + enc(target.id.encode()) + enc(one.id.encode())).digest()


Teams = tuple[tuple[Inspector, ...], ...]


def assignments(case: Case) -> Iterator[Teams]:
    """Every assignment that fills every visit within the caps."""
    need, leaders = case.needs.need, case.needs.leaders
    choices = [
        [team for team in combinations(_candidates(case, target), need) if _leaders(team) >= leaders]
        for target in case.targets
    ]
    return (teams for teams in product(*choices) if _within_caps(teams))


def most_visits(case: Case) -> int:
    """The most visits that can be filled when not all can; no team may lack more leaders than its gaps."""
    need, leaders = case.needs.need, case.needs.leaders
    choices = [
        [
            team
            for size in range(need + 1)
            for team in combinations(_candidates(case, target), size)
            if size - _leaders(team) <= need - leaders
        ]
        for target in case.targets
    ]
    return max(sum(map(len, teams)) for teams in product(*choices) if _within_caps(teams))


def rank(
    case: Case, teams: Teams, ticket: dict[tuple[str, str], tuple[int, int]]
) -> tuple[int, int, int, int]:
    """The four levels of an assignment: least is best."""
    count = Counter(one.id for team in teams for one in team)
    balance = sum(one.load + k for one in case.roster for k in range(1, count[one.id] + 1))
    pairs = [(target, one) for target, team in zip(case.targets, teams, strict=True) for one in team]
    mismatch = sum(not _inside(target.region, one.regions[0]) for target, one in pairs)
    drawn = [ticket[target.id, one.id] for target, one in pairs]
    return balance, mismatch, sum(first for first, _ in drawn), sum(second for _, second in drawn)


def all_tickets(case: Case) -> dict[tuple[str, str], tuple[int, int]]:
    drawn = {
        (target.id, one.id): pair_ticket(case, target, one) for target in case.targets for one in case.roster
    }
    return {key: (int.from_bytes(h[:5], "big"), int.from_bytes(h[5:10], "big")) for key, h in drawn.items()}


def _candidates(case: Case, target: Target) -> list[Inspector]:
    return [one for one in case.roster if may_go(case, target, one)]


def _inside(region: str, code: str) -> bool:
    stem = code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
    return region.startswith(stem)


def _leaders(team: Sequence[Inspector]) -> int:
    return sum(one.leader for one in team)


def _within_caps(teams: Sequence[Sequence[Inspector]]) -> bool:
    count = Counter(one for team in teams for one in team)
    return all(times <= one.cap for one, times in count.items())
