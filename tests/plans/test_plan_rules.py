"""Plans: deadlines, participants, the number that is drawn, coverage, overlaps."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from app.draws.engine.sizes import sizes
from app.kernel.errors import Invalid
from app.plans.rules import (
    Coverage,
    EntryFields,
    ItemFacts,
    OverlapFacts,
    coverage,
    deadlines,
    entry_faults,
    expected,
    may_override,
    may_publish_agency,
    may_publish_joint,
    may_report,
    may_submit,
    may_take,
    overlap,
    participants_allowed,
    read_selection,
    takes_from_library,
    warnings,
)
from app.plans.rules.selection import CLASSES

HOTELS = {"A": (93, 93), "B": (40, 40), "C": (11, 11), "D": (4, 4), "N": (96, 96)}
SIX = {
    "kind": "per_class",
    "ratios": {c: {"num": n, "den": 1000} for c, n in {"A": 8, "B": 20, "C": 50, "D": 100, "N": 15}.items()},
    "min": 0,
}
ENTRY = EntryFields(
    name="宾馆、旅店部门联合抽查",
    initiator_id=1,
    participants={1: (11,), 2: (21,)},
    rule={"kinds": ["enterprise"], "industries": ["61"], "regions": ["640100"], "status": ["active"]},
    selection=SIX,
    month_from=3,
    month_to=10,
)
STRATA = {code: f"S{number}" for number, code in enumerate(CLASSES, 1)}


@pytest.mark.rule("R-18.1")
def test_plans_are_reported_by_the_end_of_january_and_published_by_the_end_of_march() -> None:
    assert deadlines(2027) == (date(2027, 1, 31), date(2027, 3, 31))


@pytest.mark.rule("R-18.1")
def test_an_agency_publishes_its_reported_plan_without_an_approval() -> None:
    assert may_report("agency", "draft", 1) and may_report("agency", "returned", 1)
    assert may_report("agency", "draft", 0).code == "plan_empty"
    assert not may_report("joint", "draft", 1)
    assert may_publish_agency("agency", "reported")
    assert not may_publish_agency("agency", "draft") and not may_publish_agency("joint", "approved")


@pytest.mark.rule("R-18.2")
def test_the_joint_plan_takes_joint_entries_that_were_reported_for_its_year() -> None:
    assert may_take("agency", "reported", True, True) and may_take("agency", "published", True, True)
    assert may_take("agency", "draft", True, True).code == "entry_not_reported"
    assert may_take("joint", "published", True, True).code == "entry_not_reported"
    assert may_take("agency", "reported", False, True).code == "entry_of_other_year"
    assert may_take("agency", "reported", True, False).code == "entry_not_joint"
    assert may_submit("joint", "draft", 1) and not may_submit("joint", "draft", 0)


@pytest.mark.rule("R-18.3")
def test_each_published_joint_item_counts_once() -> None:
    reached = coverage([1, 1, 2, 99], [1, 2, 3, 4, 5])
    assert (reached.covered, reached.total, reached.percent, reached.missing) == (2, 5, 40, 2)


@pytest.mark.rule("R-18.3")
@pytest.mark.parametrize(
    ("covered", "total", "enough"), [(15, 19, False), (16, 19, True), (4, 5, True), (0, 0, False)]
)
def test_a_joint_plan_is_published_from_eighty_percent_on(covered: int, total: int, enough: bool) -> None:
    reached = Coverage(covered, total)
    assert bool(may_publish_joint("joint", "approved", reached, "")) is enough
    assert may_publish_joint("joint", "approved", reached, "联席会议纪要第3号")
    assert not may_publish_joint("joint", "submitted", reached, "")


@pytest.mark.rule("R-18.3")
def test_only_the_office_above_overrides_and_only_with_a_reason() -> None:
    low = Coverage(15, 19)
    assert may_override(low, "理由", True)
    assert may_override(low, "理由", False).code == "override_by_office_above"
    assert may_override(low, " ", True).code == "override_without_reason"
    assert may_override(Coverage(16, 19), "理由", True).code == "override_not_needed"


def test_coverage_above_eighty_percent_does_not_count() -> None:
    assert (Coverage(19, 19).counted, Coverage(10, 19).counted) == (80, 52)


@pytest.mark.rule("R-19.1")
@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": " "}, "name"),
        ({"initiator_id": 0}, "initiator"),
        ({"participants": {}}, "items"),
        ({"rule": {"kinds": [], "regions": ["640100"]}}, "kinds"),
        ({"rule": {"kinds": ["enterprise"], "regions": []}}, "regions"),
        ({"rule": {**ENTRY.rule, "industries": ["6x"]}}, "industries"),
        ({"month_from": 11}, "month_to"),
        ({"month_to": 13}, "month_from"),
        ({"method": "by_post"}, "method"),
    ],
)
def test_an_entry_says_what_where_who_and_when(changed: dict[str, object], field: str) -> None:
    assert entry_faults(ENTRY) == []
    assert [fault.field for fault in entry_faults(replace(ENTRY, **changed))] == [field]


@pytest.mark.rule("R-19.1")
def test_number_and_ratio_are_measured_by_the_library() -> None:
    total = read_selection({"kind": "total", "number": 300, "multipliers": {}})
    drawn = expected(total, HOTELS)
    assert drawn.total == 244
    assert takes_from_library(total, drawn, 244, 244).code == "more_than_library"
    assert takes_from_library(total, expected(total, {}), 0, 0).code == "library_empty"
    assert takes_from_library(read_selection(SIX), expected(read_selection(SIX), HOTELS), 244, 244)


def _items(line: str, own: str | None = None, joint: bool = True) -> list[ItemFacts]:
    return [ItemFacts("事项", line, own or line, joint)]


@pytest.mark.rule("R-2.1")
def test_a_joint_entry_has_two_agencies_each_with_an_item_of_its_own() -> None:
    names = {1: "公安局", 2: "卫健委"}
    both = {1: _items("police"), 2: _items("health")}
    assert participants_allowed(1, both, names, True)
    assert participants_allowed(1, {1: both[1]}, names, True).code == "two_agencies_needed"
    assert participants_allowed(1, {1: both[1]}, names, False)
    assert participants_allowed(3, both, names, True).code == "initiator_without_item"
    foreign = {1: both[1], 2: _items("health", "fire")}
    assert participants_allowed(1, foreign, names, True).code == "item_of_other_line"
    loose = {1: both[1], 2: _items("health", joint=False)}
    assert participants_allowed(1, loose, names, True).code == "item_not_in_joint_item"


def test_a_participant_without_an_item_is_refused_by_name() -> None:
    refusal = participants_allowed(1, {1: _items("police"), 2: []}, {2: "卫健委"}, True)
    assert (refusal.code, refusal.rule, refusal.facts["agency"]) == (
        "participant_without_item",
        "R-18.4",
        "卫健委",
    )


def test_the_page_warns_of_many_agencies_and_of_full_coverage() -> None:
    six = read_selection(SIX)
    assert warnings(4, six, expected(six, HOTELS), 244) == []
    assert warnings(5, six, expected(six, HOTELS), 244) == ["many_agencies"]
    whole = read_selection({"kind": "total", "number": 244, "multipliers": {}})
    assert warnings(2, whole, expected(whole, HOTELS), 244) == ["full_coverage"]


@pytest.mark.rule("R-24.2")
def test_small_ratios_draw_six_hotels_one_of_each_class_at_least() -> None:
    drawn = expected(read_selection(SIX), HOTELS)
    assert drawn.total == 6
    assert drawn.classes == {"A": 1, "B": 1, "C": 1, "D": 1, "N": 2}


@pytest.mark.rule("R-24.2")
def test_a_number_in_all_is_shared_out_by_size_and_weight() -> None:
    total = read_selection({"kind": "total", "number": 6, "multipliers": {"D": 20, "C": 5}})
    drawn = expected(total, HOTELS)
    assert drawn.total == 6 and drawn.classes["D"] > 0
    assert (
        expected(read_selection({"kind": "total", "number": 6, "multipliers": {}}), HOTELS).classes["D"] == 0
    )


@pytest.mark.rule("R-24.2")
@pytest.mark.parametrize("seed", range(40))
def test_the_number_shown_is_the_number_that_the_engine_draws(seed: int) -> None:
    chance = random.Random(seed)
    counts = {}
    for code in CLASSES:
        rows = chance.choice([0, 1, 3, 17, 250, 4000])
        if rows:
            counts[code] = (rows, chance.randint(0, rows))
    if chance.random() < 0.5:
        weights = {code: chance.randint(1, 9) for code in CLASSES}
        data = {"kind": "total", "number": chance.randint(1, 600), "multipliers": weights}
    else:
        ratios = {code: {"num": chance.randint(1, 1000), "den": 1000} for code in CLASSES}
        data = {"kind": "per_class", "ratios": ratios, "min": chance.choice([0, 0, 2])}
    selection = read_selection(data)
    strata = {code: STRATA[code] for code in counts}
    by_stratum = {strata[code]: pair for code, pair in counts.items()}
    drawn = sizes(selection.for_protocol(strata), by_stratum)
    assert expected(selection, counts).classes == {code: drawn[stratum] for code, stratum in strata.items()}
    assert read_selection(selection.as_data()) == selection


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (None, "selection"),
        ({"kind": "weighted", "n": 3}, "selection"),
        ({"kind": "per_class", "ratios": {}}, "selection"),
        ({"kind": "per_class", "ratios": {"A": {"num": 0, "den": 1000}}}, "ratio_A"),
        ({"kind": "per_class", "ratios": {"A": {"num": 1001, "den": 1000}}}, "ratio_A"),
        ({"kind": "per_class", "ratios": {"A": {"num": True, "den": 1}}}, "ratio_A"),
        ({"kind": "per_class", "ratios": {"E": {"num": 1, "den": 2}}}, "selection"),
        ({"kind": "total", "number": 0}, "number"),
        ({"kind": "total", "number": None}, "number"),
        ({"kind": "total", "number": 6, "multipliers": {"A": 0}}, "weight_A"),
    ],
)
def test_a_selection_that_the_protocol_does_not_know_is_refused(data: object, field: str) -> None:
    with pytest.raises(Invalid) as invalid:
        read_selection(data)
    assert [fault.field for fault in invalid.value.faults] == [field]


POLICE = OverlapFacts(
    frozenset({"enterprise", "individual"}),
    frozenset({"6110", "612"}),
    frozenset({"640000/640100"}),
    (3, 6),
    1,
)


@pytest.mark.rule("R-3.1")
@pytest.mark.parametrize(
    ("changed", "months"),
    [
        ({"initiator_id": 2}, (3, 6)),
        ({"initiator_id": 2, "months": (6, 12)}, (6, 6)),
        ({"initiator_id": 2, "months": (7, 12)}, None),
        ({"initiator_id": 2, "kinds": frozenset({"cooperative"})}, None),
        ({"initiator_id": 2, "kinds": frozenset()}, (3, 6)),
        ({"initiator_id": 2, "industries": frozenset({"61"})}, (3, 6)),
        ({"initiator_id": 2, "industries": frozenset({"6121"})}, (3, 6)),
        ({"initiator_id": 2, "industries": frozenset({"6130", "52"})}, None),
        ({"initiator_id": 2, "industries": frozenset()}, (3, 6)),
        ({"initiator_id": 2, "regions": frozenset({"640000/640100/640104"})}, (3, 6)),
        ({"initiator_id": 2, "regions": frozenset({"640000/640200"})}, None),
        ({}, None),
    ],
)
def test_entries_of_two_agencies_overlap_in_scope_and_months(
    changed: dict[str, object], months: tuple[int, int] | None
) -> None:
    assert overlap(POLICE, replace(POLICE, **changed)) == months
    assert overlap(replace(POLICE, **changed), POLICE) == months
