"""Who may go where, and for everyone else the first reason why not.

The order of the reasons is `RECUSED REGION SPECIALTY`; people off the roster come with a reason of their own.
Ten thousand targets share a few dozen regions and tag sets, so both rules are worked out once per region and
once per tag set over all inspectors, and only recusals are looked at per target.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from app.matching.engine.files import Inspector, Recusal

OFF_ROSTER = ("UNCERTIFIED", "EXPIRED", "ABSENT")

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Row = TypeVar("Row", "Target", Inspector)


@dataclass(frozen=True, slots=True)
class Target:
    """A drawn target as in the frame: GB/T 2260 region and the specialties its checks need."""

    id: str
    region: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """One inspector seen from one target. `reason` None: eligible, and then `mismatch` is 0 or 1.

    `recusal` is the recusal's own reason where `reason` is `RECUSED`.
    """

    inspector_id: str
    leader: bool
    reason: str | None
    mismatch: int | None = None
    recusal: str | None = None


def covers(code: str, region: str) -> bool:
    """GB/T 2260: the same code, or a city (ends in `00`) or province (`0000`) that contains it."""
    in_city = code.endswith("00") and code[:4] == region[:4]
    in_province = code.endswith("0000") and code[:2] == region[:2]
    return code == region or in_city or in_province


def explain(
    target: Target,
    roster: Iterable[Inspector],
    recusals: Iterable[Recusal],
    answers: Iterable[str],
    off_roster: Mapping[str, str] | None = None,
) -> tuple[Verdict, ...]:
    """Every inspector seen from one target, by id, for the board.

    `answers`: the specialties for which the agency answers; `off_roster`: inspector id to one of OFF_ROSTER.
    """
    recused = {row.inspector_id: row.reason for row in recusals if row.target_id == target.id}
    needed = set(target.tags) & set(answers)
    seen = [_verdict(target, inspector, recused.get(inspector.id), needed) for inspector in roster]
    for inspector_id, reason in (off_roster or {}).items():
        if reason not in OFF_ROSTER:
            raise ValueError(f"not a reason to be off the roster: {reason}")
        seen.append(Verdict(inspector_id, False, reason))
    return tuple(sorted(seen, key=lambda verdict: verdict.inspector_id))


def _verdict(target: Target, inspector: Inspector, recusal: str | None, needed: set[str]) -> Verdict:
    if recusal is not None:
        return Verdict(inspector.id, inspector.leader, "RECUSED", recusal=recusal)
    if not any(covers(code, target.region) for code in inspector.regions):
        return Verdict(inspector.id, inspector.leader, "REGION")
    if not needed <= set(inspector.tags):
        return Verdict(inspector.id, inspector.leader, "SPECIALTY")
    at_home = covers(inspector.regions[0], target.region)
    return Verdict(inspector.id, inspector.leader, None, 0 if at_home else 1)


class Eligibility:
    """All eligible pairs of many targets; places are positions in `targets` and `roster`, both sorted by id.

    `target`, `inspector`, `mismatch`: one entry per eligible pair, by target, then inspector.
    """

    def __init__(
        self,
        targets: Iterable[Target],
        roster: Iterable[Inspector],
        recusals: Iterable[Recusal],
        answers: Iterable[str],
    ) -> None:
        self.targets = _sorted_unique(targets)
        self.roster = _sorted_unique(roster)
        self.leader = np.array([row.leader for row in self.roster], dtype=bool)
        self._answers = frozenset(answers)
        self._regions: dict[str, tuple[Flags, Flags]] = {}
        self._tags: dict[frozenset[str], Flags] = {}
        self._recused = self._recused_places(recusals)
        self.target, self.inspector, self.mismatch = self._pairs()

    def removed(self, place: int) -> dict[str, int]:
        """How many of the roster each rule removed for the target at `place`, and how many
        remain: `eligible`, of them able to lead `leaders`."""
        target = self.targets[place]
        free = np.ones(len(self.roster), dtype=bool)
        free[self._recused.get(target.id, [])] = False
        near = self._by_region(target.region)[0]
        able = self._by_tags(target)
        candidates = free & near & able
        return {
            "RECUSED": int((~free).sum()),
            "REGION": int((free & ~near).sum()),
            "SPECIALTY": int((free & near & ~able).sum()),
            "eligible": int(candidates.sum()),
            "leaders": int((candidates & self.leader).sum()),
        }

    def _pairs(self) -> tuple[Ints, Ints, Ints]:
        candidates: dict[tuple[str, frozenset[str]], tuple[Ints, Ints]] = {}
        counts, inspectors, mismatches = [], [], []
        for target in self.targets:
            key = (target.region, frozenset(target.tags) & self._answers)
            if key not in candidates:
                near, home = self._by_region(target.region)
                places = np.flatnonzero(near & self._by_tags(target))
                candidates[key] = places, np.where(home[places], 0, 1)
            places, mismatch = candidates[key]
            if target.id in self._recused:
                free = ~np.isin(places, self._recused[target.id])
                places, mismatch = places[free], mismatch[free]
            counts.append(len(places))
            inspectors.append(places)
            mismatches.append(mismatch)
        empty = [np.zeros(0, dtype=np.int64)]
        return (
            np.repeat(np.arange(len(self.targets), dtype=np.int64), counts),
            np.concatenate(inspectors or empty).astype(np.int64),
            np.concatenate(mismatches or empty).astype(np.int64),
        )

    def _by_region(self, region: str) -> tuple[Flags, Flags]:
        if region not in self._regions:
            near = [any(covers(code, region) for code in row.regions) for row in self.roster]
            home = [covers(row.regions[0], region) for row in self.roster]
            self._regions[region] = np.array(near, dtype=bool), np.array(home, dtype=bool)
        return self._regions[region]

    def _by_tags(self, target: Target) -> Flags:
        needed = frozenset(target.tags) & self._answers
        if needed not in self._tags:
            self._tags[needed] = np.array([needed <= set(row.tags) for row in self.roster], dtype=bool)
        return self._tags[needed]

    def _recused_places(self, recusals: Iterable[Recusal]) -> dict[str, list[int]]:
        place = {inspector.id: position for position, inspector in enumerate(self.roster)}
        found: dict[str, set[int]] = defaultdict(set)
        for row in recusals:
            if row.inspector_id in place:
                found[row.target_id].add(place[row.inspector_id])
        return {target_id: sorted(places) for target_id, places in found.items()}


def _sorted_unique(rows: Iterable[Row]) -> Sequence[Row]:
    ordered = sorted(rows, key=lambda row: row.id)
    for before, after in pairwise(ordered):
        if before.id == after.id:
            raise ValueError(f"twice in the list: {after.id}")
    return ordered
