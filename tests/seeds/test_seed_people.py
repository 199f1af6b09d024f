"""Inspectors, experts, recusals, accounts."""

from collections import Counter
from datetime import date, timedelta

import pytest

from seeds.demo.accounts import demo_accounts, inspector_accounts
from seeds.demo.inspectors import YINCHUAN, InspectorRow, demo_experts, demo_inspectors
from seeds.demo.recusals import demo_recusals
from seeds.demo.targets import TargetRow
from seeds.reader import reference

AGENCIES = {row["code"] for row in reference("agencies")}
SPECIALTIES = {row["name"] for row in reference("specialties")}
REGIONS = {row["code"] for row in reference("regions") if row["level"] != "zone"}


POSTS = ("admin", "clerk", "reviewer")


def on_duty(row: InspectorRow, today: date) -> bool:
    until, leave = row["certificate_valid_until"], row["on_leave"]
    return until is not None and until >= today + timedelta(days=60) and (leave is None or leave[1] < today)


def test_three_hundred_distinct_inspectors(inspectors: list[InspectorRow]) -> None:
    assert len(inspectors) == 300
    for field in ("certificate_no", "name", "phone"):
        assert len({row[field] for row in inspectors}) == 300
    for row in inspectors:
        assert row["certificate_no"].isascii() and row["name"].endswith("示例")
        assert row["agency_code"] in AGENCIES and row["unit"] and row["position"]
        assert set(row["specialties"]) <= SPECIALTIES and row["specialties"]
        assert set(row["regions"]) <= REGIONS and row["regions"]
        assert len(set(row["regions"])) == len(row["regions"])
        assert row["load"] >= 0


@pytest.mark.parametrize("line", ["police", "amr", "health"])
def test_the_three_agencies_of_the_journey_can_fill_every_county(
    line: str, inspectors: list[InspectorRow], today: date
) -> None:
    needed = {
        item["specialty"] for item in reference("department_items") for part in reference("joint_item_parts")
        if part["joint_code"] == "J15" and part["line"] == line and part["item_code"] == item["code"]
    }  # fmt: skip
    agency = f"{line.upper()}-640100"
    ready = [
        row for row in inspectors
        if row["agency_code"] == agency and on_duty(row, today) and needed <= set(row["specialties"])
    ]  # fmt: skip
    assert len(ready) >= 14
    for county in YINCHUAN:
        able = [row for row in ready if "640100" in row["regions"] or county in row["regions"]]
        assert sum(row["leader"] for row in able) >= 4 and sum(not row["leader"] for row in able) >= 4


def test_some_cannot_be_matched_and_the_reasons_differ(inspectors: list[InspectorRow], today: date) -> None:
    """R-14.2, R-15.1."""
    uncertified = [row for row in inspectors if not row["certified"]]
    assert uncertified
    assert all(not row["leader"] and row["certificate_valid_until"] is None for row in uncertified)
    ends = [row["certificate_valid_until"] for row in inspectors if row["certificate_valid_until"]]
    assert sum(end < today for end in ends) >= 3
    assert sum(today <= end <= today + timedelta(days=30) for end in ends) >= 3
    away = [row["on_leave"] for row in inspectors if row["on_leave"]]
    assert len(away) >= 3 and all(first <= today <= last for first, last in away)


def test_inspectors_are_repeatable_and_move_with_the_day(inspectors: list[InspectorRow], today: date) -> None:
    assert inspectors == list(demo_inspectors(today))
    later = list(demo_inspectors(today + timedelta(days=100)))
    assert [row["name"] for row in later] == [row["name"] for row in inspectors]
    for a, b in zip(inspectors, later, strict=True):
        if a["certificate_valid_until"] and b["certificate_valid_until"]:
            assert b["certificate_valid_until"] - a["certificate_valid_until"] == timedelta(days=100)
    assert [row["name"] for row in demo_inspectors(today, seed=1)] != [row["name"] for row in inspectors]


def test_experts(today: date) -> None:
    """R-16.1."""
    experts = list(demo_experts(today))
    assert len({row["expert_no"] for row in experts}) == len(experts) == 12
    for row in experts:
        assert row["name"].endswith("示例") and row["organisation"].endswith("示例")
        assert row["agency_code"] in AGENCIES and set(row["specialties"]) <= SPECIALTIES
        assert row["valid_from"] < today < row["valid_until"]


def test_recusals_resolve_and_are_in_force(
    targets: list[TargetRow], inspectors: list[InspectorRow], today: date
) -> None:
    """R-25.2."""
    rows = list(demo_recusals(iter(targets), iter(inspectors), today))
    assert rows == list(demo_recusals(targets, inspectors, today))
    assert len(rows) >= 40 and len({(row["certificate_no"], row["target_code"]) for row in rows}) == len(rows)
    by_number = {row["certificate_no"]: row for row in inspectors}
    by_code = {row["code"]: row for row in targets}
    hotels = 0
    for row in rows:
        inspector, target = by_number[row["certificate_no"]], by_code[row["target_code"]]
        assert inspector["agency_code"].rsplit("-", 1)[1][:4] == target["region_code"][:4]
        assert row["valid_from"] <= today and (row["valid_until"] is None or row["valid_until"] > today)
        assert row["evidence"]
        hotels += inspector["agency_code"] in ("POLICE-640100", "AMR-640100", "HEALTH-640100") and (
            target["industry"] in ("6110", "6121", "6129", "6130")
        )
    assert hotels >= 10
    assert set(Counter(row["reason"] for row in rows)) == {"DECLARED", "EMPLOYER", "RELATIVE", "ROTATION"}


def test_recusals_of_a_small_demo(
    inspectors: list[InspectorRow], targets: list[TargetRow], today: date
) -> None:
    assert list(demo_recusals([], inspectors, today)) == []
    assert len(list(demo_recusals(targets[:5], inspectors, today))) <= 5


def test_accounts(inspectors: list[InspectorRow]) -> None:
    named = list(demo_accounts())
    names = {row["username"] for row in named}
    assert {
        "region_office", "region_reviewer", "office", "office_reviewer", "auditor", "sysadmin", "secadmin",
        "auditadmin",
        *(f"{line}_{post}" for line in ("police", "amr", "health") for post in POSTS),
    } <= names  # fmt: skip
    everybody = [*named, *inspector_accounts(inspectors)]
    assert len({row["username"] for row in everybody}) == len(everybody) == len(named) + 300
    for row in everybody:
        assert row["username"] == row["username"].lower() and row["display_name"].endswith("示例")
        assert row["agency_code"] in AGENCIES and row["roles"]
        assert row["email"] == f"{row['username']}@example.invalid"
    assert {row["username"] for row in inspector_accounts(inspectors)} == {
        f"i_{row['certificate_no']}" for row in inspectors
    }


def test_two_reviewers_wherever_something_is_approved() -> None:
    reviewers = Counter(row["agency_code"] for row in demo_accounts() if "reviewer" in row["roles"])
    assert {code for code, count in reviewers.items() if count >= 2} == {
        "OFFICE-640000", "OFFICE-640100", "POLICE-640100", "AMR-640100", "HEALTH-640100",
    }  # fmt: skip
