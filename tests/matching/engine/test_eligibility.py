"""Who may go where, and the first reason why not."""

from __future__ import annotations

import pytest

from app.matching.engine import Inspector, Recusal, Target, Verdict, covers, explain


@pytest.mark.parametrize(
    ("code", "region", "answer"),
    [
        ("640104", "640104", True),
        ("640104", "640105", False),
        ("640100", "640104", True),
        ("640100", "640221", False),
        ("640000", "640221", True),
        ("640000", "650104", False),
        ("640104", "640100", False),
        ("640100", "640000", False),
    ],
)
def test_a_region_is_covered_by_itself_its_city_and_its_province(code, region, answer):
    assert covers(code, region) is answer


@pytest.mark.rule("R-25.2")
def test_everyone_is_explained_with_the_first_reason():
    roster = [
        Inspector("A", True, 0, 1, ("640104",), ("食品",)),
        Inspector("B", False, 0, 1, ("640221", "640100"), ("食品", "计量")),
        Inspector("C", True, 0, 1, ("640221",), ()),
        Inspector("D", True, 0, 1, ("640104",), ("计量",)),
        Inspector("E", True, 0, 1, ("640221",), ()),
    ]
    recusals = [Recusal("E", "T", "EMPLOYER"), Recusal("A", "OTHER", "DECLARED")]
    target = Target("T", "640104", ("特种设备", "食品"))
    assert explain(target, roster, recusals, ["食品", "计量"], {"F": "EXPIRED"}) == (
        Verdict("A", True, None, 0),
        Verdict("B", False, None, 1),
        Verdict("C", True, "REGION"),
        Verdict("D", True, "SPECIALTY"),
        Verdict("E", True, "RECUSED", recusal="EMPLOYER"),
        Verdict("F", False, "EXPIRED"),
    )


def test_a_reason_that_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="TIRED"):
        explain(Target("T", "640104"), [], [], [], {"F": "TIRED"})
