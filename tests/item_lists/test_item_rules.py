"""What makes an item complete, and what a published item allows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.item_lists.rules import (
    ItemFields,
    JointItemFields,
    ListState,
    PartFacts,
    is_published,
    item_gaps,
    joint_item_gaps,
    may_draw,
    may_publish,
    may_submit,
    may_use,
    methods_known,
    percent,
    shape_faults,
)

WHOLE = ItemFields(
    code="P-1",
    project="旅馆业治安检查",
    name="治安安全情况的检查",
    target_scope="各类宾馆、旅店",
    category="general",
    methods=("on_site",),
    subject="县级以上公安机关",
    basis="《旅馆业治安管理办法》",
    ratio_cap=100,
)
JOINT = JointItemFields(
    code="J-1",
    domain="宾馆、旅店监督抽查",
    name="宾馆、旅店的检查",
    target_scope="各类宾馆、旅店",
    lead_line="police",
    levels=("city",),
    category="general",
    method="on_site",
    ratio_cap=100,
    basis="《旅馆业治安管理办法》",
)
PARTS = (PartFacts("P-1", "police", "police"), PartFacts("H-1", "health", "health"))


@pytest.mark.rule("R-8.1")
@pytest.mark.parametrize("name", ["project", "target_scope", "subject", "basis", "category", "methods"])
def test_each_of_the_six_fields_is_named_when_it_is_missing(name: str) -> None:
    empty = replace(WHOLE, **{name: () if name == "methods" else ""})
    assert [(gap.item, gap.field) for gap in item_gaps(empty)] == [("P-1", name)]


@pytest.mark.rule("R-8.1")
def test_a_complete_item_has_no_gap_and_all_gaps_are_listed() -> None:
    assert item_gaps(WHOLE) == []
    bare = ItemFields(code="P-2", name="x", category="key")
    assert {gap.field for gap in item_gaps(bare)} == {
        "project",
        "target_scope",
        "subject",
        "basis",
        "methods",
    }


@pytest.mark.rule("R-9.1")
def test_a_general_item_without_its_upper_ratio_has_a_gap_and_a_key_item_has_none() -> None:
    assert [gap.code for gap in item_gaps(replace(WHOLE, ratio_cap=None))] == ["gap_cap_missing"]
    assert item_gaps(replace(WHOLE, category="key", ratio_cap=None)) == []


@pytest.mark.rule("R-8.1")
def test_a_list_with_a_gap_or_without_items_is_not_submitted() -> None:
    assert may_submit("draft", 1, [])
    assert may_submit("returned", 1, [])
    assert may_submit("draft", 0, []).code == "list_empty"
    refusal = may_submit("draft", 2, item_gaps(replace(WHOLE, basis="")))
    assert (refusal.code, refusal.facts, refusal.rule) == ("list_has_gaps", {"count": 1}, "R-8.1")
    assert not may_submit("published", 1, [])


@pytest.mark.rule("R-2.1")
@pytest.mark.rule("R-8.2")
def test_a_joint_item_needs_two_agencies_each_with_a_responsible_line() -> None:
    assert joint_item_gaps(JOINT, PARTS) == []
    assert [gap.code for gap in joint_item_gaps(JOINT, PARTS[:1])] == ["gap_two_agencies"]
    loose = (*PARTS, PartFacts("F-1", None, "fire"))
    assert [gap.code for gap in joint_item_gaps(JOINT, loose)] == ["gap_part_without_line"]
    wrong = (PARTS[0], PartFacts("H-1", "amr", "health"))
    assert [gap.code for gap in joint_item_gaps(JOINT, wrong)] == ["gap_part_without_line"]
    assert [gap.code for gap in joint_item_gaps(replace(JOINT, lead_line="fire"), PARTS)] == [
        "gap_lead_without_item"
    ]


@pytest.mark.rule("N-1")
def test_a_joint_item_rests_on_published_items_only() -> None:
    parts = (PARTS[0], PartFacts("H-1", "health", "health", usable=False))
    assert [gap.code for gap in joint_item_gaps(JOINT, parts)] == ["gap_part_not_published"]


@pytest.mark.rule("N-1")
@pytest.mark.parametrize("state", [s.value for s in ListState if s is not ListState.PUBLISHED])
def test_an_item_of_a_list_that_is_not_published_cannot_be_used(state: str) -> None:
    assert not is_published(state, 2026, 2026)
    refusal = may_use("治安检查", state, 2026, 2026)
    assert (refusal.code, refusal.rule, refusal.facts["item"]) == ("item_not_published", "N-1", "治安检查")


@pytest.mark.rule("N-1")
def test_a_list_holds_for_its_own_year() -> None:
    assert may_use("x", "published", 2026, 2026)
    assert not may_use("x", "published", 2025, 2026)


@pytest.mark.rule("R-9.1")
def test_key_items_have_no_upper_ratio_and_general_items_have() -> None:
    assert may_draw("key", None, 244, 244)
    assert may_draw("general", 100, 25, 244)
    refusal = may_draw("general", 100, 26, 244)
    assert (refusal.code, refusal.rule) == ("above_cap", "R-9.1")
    assert refusal.facts == {"number": 26, "most": 25, "cap": "10", "library": 244}


@pytest.mark.rule("R-9.1")
def test_in_a_tiny_library_one_of_each_class_may_be_drawn() -> None:
    assert may_draw("general", 100, 3, 6, strata=3)
    assert not may_draw("general", 100, 4, 6, strata=3)
    assert not may_draw("general", 100, 3, 6)


@pytest.mark.rule("R-10.1")
def test_an_item_is_checked_by_one_or_more_of_the_four_methods() -> None:
    assert methods_known(("on_site", "written", "online", "other"))
    assert not methods_known(())
    assert not methods_known(("on_site", "by_post"))


def test_an_agency_publishes_a_submitted_list_the_office_an_approved_one() -> None:
    assert may_publish("department", "submitted")
    assert not may_publish("department", "draft")
    assert may_publish("joint", "approved")
    assert not may_publish("joint", "submitted")


def test_what_cannot_be_stored_is_told_field_by_field() -> None:
    faulty = replace(WHOLE, code=" ", name="长" * 201, category="both", ratio_cap=1001, methods=("by_post",))
    assert [(f.field, f.code) for f in shape_faults(faulty)] == [
        ("code", "required"),
        ("name", "too_long"),
        ("category", "not_a_choice"),
        ("ratio_cap", "item_cap_range"),
        ("methods", "not_a_choice"),
    ]
    assert [f.code for f in shape_faults(replace(WHOLE, category="key"))] == ["item_key_has_no_cap"]


def test_per_mille_is_written_in_percent() -> None:
    assert [percent(n) for n in (1, 25, 100, 1000)] == ["0.1", "2.5", "10", "100"]
