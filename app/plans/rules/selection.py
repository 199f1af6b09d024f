"""How many of each class an entry draws. The arithmetic is that of section 5 of the draw protocol, in
integers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.kernel.errors import Fault, Invalid
from app.regulation import implements
from app.regulation.vocabulary import RiskClass

CLASSES = tuple(code.value for code in RiskClass)
PER_MILLE = 1000
MOST_NUMBER = 1_000_000
MOST_WEIGHT = 1000

# Ratios are a share of all rows of the library, as plans state them; only eligible rows are then drawn.
BASE = "rows"
ROUND = "ceil"


@dataclass(frozen=True)
class Ratio:
    num: int
    den: int = PER_MILLE

    @property
    def per_mille(self) -> int:
        """Rounded up to the next per mille, for display and caps."""
        return -(-self.num * PER_MILLE // self.den)


@dataclass(frozen=True)
class Selection:
    """`per_class`: a ratio for each class, at least `least` where the class has rows. `total`: `number` in
    all,
    shared out by the size of each class times its weight."""

    kind: str
    ratios: Mapping[str, Ratio] = field(default_factory=dict)
    least: int = 0
    number: int = 0
    multipliers: Mapping[str, int] = field(default_factory=dict)

    def as_data(self) -> dict[str, Any]:
        """The shape that a plan entry and a task store."""
        if self.kind == "total":
            return {"kind": "total", "number": self.number, "multipliers": dict(self.multipliers)}
        ratios = {code: {"num": ratio.num, "den": ratio.den} for code, ratio in self.ratios.items()}
        return {"kind": "per_class", "ratios": ratios, "min": self.least}

    def for_protocol(self, strata: Mapping[str, str]) -> dict[str, Any]:
        """The `selection` of the draw protocol.

        :param strata: class -> neutral stratum, in the order of the classes, so that ties fall alike
        """
        if self.kind == "total":
            multipliers = {stratum: self.multipliers.get(code, 1) for code, stratum in strata.items()}
            return {"kind": "total", "n": self.number, "multipliers": multipliers}
        rules = {}
        for code, stratum in strata.items():
            ratio = self.ratios[code]
            rules[stratum] = {
                "kind": "ratio",
                "num": ratio.num,
                "den": ratio.den,
                "base": BASE,
                "round": ROUND,
                "min": self.least,
            }
        return {"kind": "strata", "rules": rules}


@dataclass(frozen=True)
class Expected:
    """Rows to be drawn per class, and in all."""

    classes: dict[str, int]
    total: int


def read_selection(data: Any) -> Selection:
    """The value behind the stored or posted shape.

    A class without a ratio is not drawn from; one with a ratio of nothing is a fault, since no class of the
    library is left out. :raises Invalid: with every fault
    """
    kind = data.get("kind") if isinstance(data, Mapping) else None
    if kind == "per_class":
        return _per_class(data)
    if kind == "total":
        return _total(data)
    raise Invalid("invalid", [Fault("selection", "not_a_choice", value=kind)])


def _per_class(data: Mapping[str, Any]) -> Selection:
    ratios: dict[str, Ratio] = {}
    faults = []
    for code, given in data.get("ratios", {}).items():
        num, den = (given.get("num"), given.get("den")) if isinstance(given, Mapping) else (None, None)
        if code not in CLASSES:
            faults.append(Fault("selection", "not_a_choice", value=code))
        elif not (_whole(num, 1) and _whole(den, 1) and num <= den):
            faults.append(Fault(f"ratio_{code}", "ratio_range", value=num))
        else:
            ratios[code] = Ratio(num, den)
    least = data.get("min", 0)
    if not _whole(least, 0):
        faults.append(Fault("selection", "number_range", value=least, most=MOST_NUMBER))
    if not ratios and not faults:
        faults.append(Fault("selection", "ratio_missing"))
    if faults:
        raise Invalid("invalid", faults)
    return Selection("per_class", ratios=ratios, least=least)


def _total(data: Mapping[str, Any]) -> Selection:
    number = data.get("number")
    faults = []
    if not _whole(number, 1) or number > MOST_NUMBER:
        faults.append(Fault("number", "number_range", value=number, most=MOST_NUMBER))
    multipliers = {}
    for code, weight in data.get("multipliers", {}).items():
        if code not in CLASSES:
            faults.append(Fault("selection", "not_a_choice", value=code))
        elif not _whole(weight, 1) or weight > MOST_WEIGHT:
            faults.append(Fault(f"weight_{code}", "weight_range", value=weight, most=MOST_WEIGHT))
        else:
            multipliers[code] = weight
    if faults:
        raise Invalid("invalid", faults)
    return Selection("total", number=number, multipliers=multipliers)


def _whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


@implements("R-24.2")
def expected(selection: Selection, counts: Mapping[str, tuple[int, int]]) -> Expected:
    """What a draw from a library would give.

    :param counts: class -> (rows, eligible rows); classes without rows may be missing
    """
    if selection.kind == "total":
        classes = _apportion(selection, counts)
    else:
        classes = {
            code: _quota(selection.ratios.get(code), selection.least, *counts[code])
            for code in CLASSES
            if code in counts
        }
    return Expected(classes, sum(classes.values()))


def _quota(ratio: Ratio | None, least: int, rows: int, eligible: int) -> int:
    if ratio is None or eligible == 0:
        return 0
    share = (rows * ratio.num + ratio.den - 1) // ratio.den
    return min(eligible, max(least, share))


def _apportion(selection: Selection, counts: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Largest remainder; whoever would get more than there is gets all, leaves, and the rest is shared
    anew.
    """
    seats = {code: 0 for code in CLASSES if code in counts}
    active = {code: counts[code][1] for code in seats if counts[code][1]}
    number = min(selection.number, sum(active.values()))
    while active:
        shares = {code: rows * selection.multipliers.get(code, 1) for code, rows in active.items()}
        whole = sum(shares.values())
        offered = {code: number * share // whole for code, share in shares.items()}
        by_remainder = sorted(shares, key=lambda code: (-(number * shares[code] % whole), code))
        for code in by_remainder[: number - sum(offered.values())]:
            offered[code] += 1
        full = [code for code in active if offered[code] > active[code]]
        if not full:
            return seats | offered
        for code in full:
            seats[code] = active.pop(code)
            number -= seats[code]
    return seats
