"""How many are drawn: exact integer rules of section 5. Known at the freeze, before any seed."""

from dataclasses import dataclass
from typing import Any

POOL = "-"
Counts = dict[str, tuple[int, int]]
"""Per stratum: rows and eligible rows."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A quota above what the frame holds: `place` is a stratum, a batch number or `-` for the whole pool."""

    place: str
    asked: int
    given: int


def sizes(selection: dict[str, Any], counts: Counts) -> dict[str, int]:
    """Rows to draw per stratum, per batch (decimal) or for `-`. Replacements of earlier batches may
    shorten a batch."""
    kind = selection["kind"]
    if kind == "strata":
        return {
            code: min(eligible, quota(selection["rules"][code], rows, eligible))
            for code, (rows, eligible) in counts.items()
        }
    if kind == "total":
        return apportion(selection["n"], selection["multipliers"], counts)
    left = sum(eligible for _, eligible in counts.values())
    if kind == "weighted":
        return {POOL: min(selection["n"], left)}
    taken: dict[str, int] = {}
    for batch, asked in enumerate(selection["batches"]):
        taken[str(batch)] = min(asked, left)
        left -= taken[str(batch)]
    return taken


def quota(rule: dict[str, Any], rows: int, eligible: int) -> int:
    """What a rule asks of a stratum, before it is cut to the eligible rows; 0 where nobody is eligible."""
    if eligible == 0:
        return 0
    if rule["kind"] == "all":
        return eligible
    if rule["kind"] == "count":
        return int(rule["n"])
    base = rows if rule["base"] == "rows" else eligible
    part, whole, least = int(rule["num"]), int(rule["den"]), int(rule["min"])
    if rule["round"] == "ceil":
        share = (base * part + whole - 1) // whole
    elif rule["round"] == "half_up":
        share = (2 * base * part + whole) // (2 * whole)
    else:
        share = base * part // whole
    return max(least, share)


def apportion(n: int, multipliers: dict[str, int], counts: Counts) -> dict[str, int]:
    """Seats of `total`: largest remainder, in rounds from which overfull strata leave together with all
    they have."""
    seats = dict.fromkeys(counts, 0)
    active = {code: eligible for code, (_, eligible) in counts.items() if eligible}
    n = min(n, sum(active.values()))
    while active:
        offered = _largest_remainder(n, {code: e * multipliers[code] for code, e in active.items()})
        overfull = [code for code, eligible in active.items() if offered[code] > eligible]
        if not overfull:
            return seats | offered
        for code in overfull:
            seats[code] = active.pop(code)
            n -= seats[code]
    return seats


def _largest_remainder(n: int, shares: dict[str, int]) -> dict[str, int]:
    total = sum(shares.values())
    offered = {code: n * share // total for code, share in shares.items()}
    by_remainder = sorted(shares, key=lambda code: (-(n * shares[code] % total), code))
    for code in by_remainder[: n - sum(offered.values())]:
        offered[code] += 1
    return offered


def cuts(selection: dict[str, Any], counts: Counts) -> tuple[Cut, ...]:
    """The quotas that the frame cannot fill, to be shown before anybody agrees to the plan."""
    kind = selection["kind"]
    given = sizes(selection, counts)
    if kind == "strata":
        asked = {code: _asked(selection["rules"][code], *counts[code]) for code in counts}
    elif kind == "order":
        asked = {str(batch): size for batch, size in enumerate(selection["batches"])}
    else:
        asked = {POOL: selection["n"]}
        given = {POOL: sum(given.values())}
    return tuple(Cut(place, asked[place], given[place]) for place in asked if asked[place] > given[place])


def _asked(rule: dict[str, Any], rows: int, eligible: int) -> int:
    """As `quota`, but a stratum without any eligible row still shows the number it was to give."""
    if rule["kind"] == "count":
        return int(rule["n"])
    return quota(rule, rows, eligible) if eligible else int(rule.get("min", 0))
