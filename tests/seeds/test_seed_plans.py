"""Reported plan entries: references, caps, and the 80 % of Article 18."""

from collections import Counter
from datetime import date
from math import ceil

import pytest

from seeds.demo.plans import PlanEntryRow, demo_agency_plans, hotel_entry
from seeds.demo.targets import TargetRow
from seeds.reader import cell_list, reference

JOINT = {row["code"]: row for row in reference("joint_items")}
DAYS = [date(2026, 1, 1), date(2026, 3, 2), date(2026, 11, 23), date(2026, 12, 31), date(2028, 2, 29)]


def entries(today: date) -> list[PlanEntryRow]:
    return [*demo_agency_plans(today), hotel_entry(today)]


def test_coverage_reaches_80_percent_only_with_the_hotels(today: date) -> None:
    """R-18.3."""
    of_city = {code for code, row in JOINT.items() if "city" in cell_list(row["levels"])}
    others = {row["joint_code"] for row in demo_agency_plans(today)}
    assert others <= of_city and "J15" not in others
    assert len(others) / len(of_city) < 0.8 <= len(others | {"J15"}) / len(of_city)


def test_each_entry_is_one_joint_item_with_items_for_every_participant(today: date) -> None:
    """R-18.4, R-19.1."""
    agencies = {row["code"]: row for row in reference("agencies")}
    parts = {(row["joint_code"], row["item_code"]): row["line"] for row in reference("joint_item_parts")}
    rows = entries(today)
    assert len({row["joint_code"] for row in rows}) == len(rows) == len({row["name"] for row in rows})
    for row in rows:
        joint = JOINT[row["joint_code"]]
        own = agencies[row["agency_code"]]
        assert own["line"] == joint["lead_line"] and own["region"] == "640100"
        groups = [(own["line"], row["items"])]
        groups += [(agencies[part["agency_code"]]["line"], part["items"]) for part in row["participants"]]
        assert 2 <= len(groups) <= 4
        assert {line for line, _ in groups[1:]} <= set(cell_list(joint["support_lines"]))
        for line, items in groups:
            assert items and all(parts[row["joint_code"], item] == line for item in items)


def test_ratios_rise_with_the_class_and_stay_below_the_cap(today: date) -> None:
    """R-9.1, R-24.2."""
    for row in entries(today):
        ratios, cap = row["ratios"], int(JOINT[row["joint_code"]]["ratio_cap"] or 1000)
        assert all(0 < value <= cap for value in ratios.values())
        assert set(row["kinds"]) == {"enterprise"} or "N" in ratios
        if "enterprise" in row["kinds"]:
            assert 0 < ratios["A"] <= ratios["B"] <= ratios["C"] <= ratios["D"]


@pytest.mark.parametrize("today", DAYS)
def test_periods_lie_ahead_in_the_year_of_loading(today: date) -> None:
    for row in entries(today):
        assert today <= row["period_from"] <= row["period_until"] <= date(today.year, 12, 31)
        assert row["name"].startswith(f"{today.year}年度")


def test_the_hotel_entry_draws_six(targets: list[TargetRow], today: date) -> None:
    entry = hotel_entry(today)
    assert [part["agency_code"] for part in entry["participants"]] == ["HEALTH-640100", "AMR-640100"]
    for statuses in ({"active"}, {"active", "suspended"}, {"active", "suspended", "closed"}):
        sizes = Counter(
            row["risk_class"] for row in targets
            if row["industry"] in entry["industries"] and row["kind"] in entry["kinds"]
            and row["region_code"].startswith("6401") and row["status"] in statuses
        )  # fmt: skip
        assert sum(ceil(sizes[name] * ratio / 1000) for name, ratio in entry["ratios"].items()) == 6
