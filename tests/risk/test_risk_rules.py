"""Class of a score and the default ratios."""

from __future__ import annotations

import pytest

from app.regulation.vocabulary import ItemCategory, RiskClass
from app.risk.rules import class_of, default_ratios, rounded_up

ROWS = {"A": 93, "B": 40, "C": 11, "D": 4, "N": 96}


@pytest.mark.rule("R-24.2")
@pytest.mark.parametrize(
    ("score", "letter"),
    [
        (0, "A"),
        (250, "A"),
        (251, "B"),
        (500, "B"),
        (501, "C"),
        (750, "C"),
        (751, "D"),
        (1000, "D"),
        (None, "N"),
    ],
)
def test_the_bounds_of_the_classes_belong_to_the_lower_class(score: int | None, letter: str) -> None:
    assert class_of(score) is RiskClass(letter)


@pytest.mark.parametrize("score", [-1, 1001])
def test_a_score_outside_the_scale_is_no_class(score: int) -> None:
    with pytest.raises(ValueError, match="0 to 1000"):
        class_of(score)


@pytest.mark.rule("R-24.2")
def test_key_items_start_from_the_ratios_of_the_design() -> None:
    assert default_ratios(ItemCategory.KEY) == {"A": 25, "B": 125, "C": 400, "D": 800, "N": 125}
    assert default_ratios(ItemCategory.KEY, None, ROWS) == default_ratios(ItemCategory.KEY)


@pytest.mark.rule("R-24.2")
@pytest.mark.parametrize("cap", [30, 50, 100, 200, 500])
def test_general_items_draw_no_more_than_their_cap_and_more_of_riskier_classes(cap: int) -> None:
    ratios = default_ratios(ItemCategory.GENERAL, cap, ROWS)
    drawn = sum(rounded_up(ROWS[code], ratio) for code, ratio in ratios.items())
    assert drawn * 1000 <= cap * sum(ROWS.values())
    assert 0 < ratios["A"] <= ratios["B"] <= ratios["C"] <= ratios["D"]


def test_the_scale_is_the_largest_that_fits() -> None:
    ratios = default_ratios(ItemCategory.GENERAL, 100, ROWS)
    assert sum(rounded_up(ROWS[code], ratio) for code, ratio in ratios.items()) == 24


def test_without_a_library_no_class_alone_is_above_the_cap() -> None:
    assert max(default_ratios(ItemCategory.GENERAL, 100).values()) == 100
    assert default_ratios(ItemCategory.GENERAL, 100, {}) == default_ratios(ItemCategory.GENERAL, 100)


def test_a_tiny_library_keeps_the_least_ratio_in_every_class() -> None:
    assert set(default_ratios(ItemCategory.GENERAL, 10, {"A": 1, "B": 1, "N": 1}).values()) == {1}
