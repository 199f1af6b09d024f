"""How many of each credit-risk class are drawn when nobody has decided otherwise. Integers only. Pure.

The classes themselves and their bounds (A 0-250, B 251-500, C 501-750, D 751-1000, N not classified) are
`regulation.vocabulary.RiskClass`. The class steers inspections; it is no verdict, and nobody is exempt.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.regulation import implements
from app.regulation.vocabulary import ItemCategory, RiskClass

PER_MILLE = 1000

# Whoever is not classified is drawn like B: nothing speaks for or against them, as for a new firm, which
# starts
# as B "under observation". The four others are the defaults for key items.
DEFAULT_RATIOS: Mapping[RiskClass, int] = {
    RiskClass.A: 25,
    RiskClass.B: 125,
    RiskClass.C: 400,
    RiskClass.D: 800,
    RiskClass.N: 125,
}
LEAST_RATIO = 1


@implements("R-24.2")
def class_of(score: int | None) -> RiskClass:
    """The class of a score of 0 to 1000, N without one. Raises `ValueError` outside the range."""
    return RiskClass.of_score(score)


def rounded_up(rows: int, per_mille: int) -> int:
    """The share of a stratum as the draw counts it: rounded up, so that no stratum with rows is passed
    over.
    """
    return (rows * per_mille + PER_MILLE - 1) // PER_MILLE


@implements("R-24.2")
def default_ratios(
    category: ItemCategory, cap: int | None = None, rows: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Ratio per class in per mille, rising with the risk, never zero.

    A key item has no cap. For a general item the five ratios are scaled down together until the number drawn
    from the library, `rows` per class, stays within `cap` per mille of it; without a library, until none of
    them alone is above the cap. A library so small that one row of each class is more than the cap keeps
    the least ratios: the plan's own check then says so.
    """
    if category is ItemCategory.KEY or cap is None:
        return _scaled(PER_MILLE)
    within = {scale for scale in range(PER_MILLE + 1) if _fits(_scaled(scale), cap, rows)}
    return _scaled(max(within, default=0))


def _scaled(scale: int) -> dict[str, int]:
    return {code.value: max(LEAST_RATIO, base * scale // PER_MILLE) for code, base in DEFAULT_RATIOS.items()}


def _fits(ratios: Mapping[str, int], cap: int, rows: Mapping[str, int] | None) -> bool:
    if not rows or not sum(rows.values()):
        return max(ratios.values()) <= cap
    drawn = sum(rounded_up(rows.get(code, 0), ratio) for code, ratio in ratios.items())
    return drawn * PER_MILLE <= cap * sum(rows.values())
