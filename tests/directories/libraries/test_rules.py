"""The rule of a library, without a database."""

from __future__ import annotations

import json
from datetime import date

import pytest

from app.directories.libraries.rules import (
    MOST_PICKS,
    InspectorRule,
    SelectionRule,
    may_found,
    may_keep,
    may_pick,
)
from app.kernel.errors import Invalid

STORED = '{"industries": ["61"], "regions": ["640100"], "status": ["active"]}'


def test_a_rule_without_the_new_parts_keeps_its_json_byte_for_byte():
    assert json.dumps(SelectionRule.from_json(json.loads(STORED)).to_json()) == STORED
    assert json.dumps(SelectionRule().to_json()) == '{"status": ["active"]}'


def test_the_new_parts_come_back_as_they_were_stored():
    rule = SelectionRule.from_json(
        {
            "permits": ["food_business"],
            "premises": ["kitchen"],
            "not_checked_since": ["2025-01-31"],
            "libraries": ["12"],
        }
    )
    assert SelectionRule.from_json(rule.to_json()) == rule
    assert rule.checked_before(date(2026, 3, 2)) == date(2025, 1, 31)
    assert not rule.is_everything


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("permits", ["Food Business"]),
        ("premises", ["'; drop"]),
        ("not_checked_since", ["31.1.2025"]),
        ("not_checked_since", ["2025-02-30"]),
        ("not_checked_since", ["3y"]),
        ("not_checked_since", ["1y", "2y"]),
        ("not_checked_since", ["2025-01-01", "2025-01-02"]),
        ("libraries", ["0"]),
        ("libraries", ["1 or 1=1"]),
        ("libraries", ["9" * 19]),
    ],
)
def test_a_value_that_is_none_is_named_with_its_part(part, values):
    with pytest.raises(Invalid) as refusal:
        SelectionRule.from_json({part: values})
    assert {fault.field for fault in refusal.value.faults} == {part}


@pytest.mark.rule("R-13.1")
def test_a_joint_library_is_kept_by_all_its_agencies_and_nobody_else():
    assert may_keep(7, 7, {7, 8, 9})
    assert may_keep(9, 7, {7, 8, 9})
    assert not may_keep(6, 7, {7, 8, 9})
    assert not may_keep(None, 7, set())


@pytest.mark.rule("R-13.1")
def test_only_who_takes_part_in_the_joint_item_founds_its_library():
    assert may_found(8, (7, 8))
    assert may_found(6, (7, 8)).code == "library_not_party"


def test_a_library_holds_a_bounded_number_of_picks():
    assert may_pick(MOST_PICKS - 1, 1)
    assert not may_pick(MOST_PICKS, 1)


@pytest.mark.rule("R-17.1")
def test_the_rule_of_a_library_of_inspectors_knows_specialties_only():
    assert InspectorRule.from_json({"specialties": ["消防", "消防"]}).to_json() == {"specialties": ["消防"]}
    for data in ({"kinds": ["enterprise"]}, "消防", {"specialties": "消防"}):
        with pytest.raises(Invalid):
            InspectorRule.from_json(data)
