"""The demo's targets: identifiers checked here by the text of the standards, proportions, determinism."""

import re
import time
from collections import Counter
from datetime import date, timedelta

import pytest

from seeds.demo import identifiers
from seeds.demo.targets import CLASS_BOUNDS, CLASS_SHARES, TargetRow, demo_targets
from seeds.reader import cell_list, reference

GB_32100 = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def gb_11714_holds(code: str) -> bool:
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(char, 36) * weight for char, weight in zip(code[:8], weights, strict=True))
    last = 10 if code[8] == "X" else int(code[8])
    return (total + last) % 11 == 0


def gb_32100_holds(code: str) -> bool:
    total = sum(GB_32100.index(char) * pow(3, place, 31) for place, char in enumerate(code[:17]))
    return len(code) == 18 and (total + GB_32100.index(code[17])) % 31 == 0


def test_the_checks_of_this_test_know_published_codes() -> None:
    """The printed examples of both standards hold; with one character changed they do not."""
    assert gb_11714_holds("D2143569X") and not gb_11714_holds("D21435691")
    assert gb_32100_holds("91350100M000100Y43") and not gb_32100_holds("91350100M000100Y44")


def test_identifiers_are_valid_fictional_and_unique(targets: list[TargetRow]) -> None:
    assert len({row["code"] for row in targets}) == len(targets)
    for row in targets:
        code = row["code"]
        match row["code_kind"]:
            case "uscc":
                assert gb_32100_holds(code) and gb_11714_holds(code[8:17])
                assert code[8:10] == "YY" and code[2:8] == row["region_code"]
            case "org":
                assert len(code) == 9 and code.startswith("YY") and gb_11714_holds(code)
            case _:
                assert row["code_kind"] == "internal" and re.fullmatch(r"YY\d{6}-\d{6}", code)
    kinds = Counter(row["code_kind"] for row in targets)
    assert kinds["uscc"] > 0.98 * len(targets) and kinds["org"] > 10 and kinds["internal"] > 10


def test_the_kind_follows_from_the_code(targets: list[TargetRow]) -> None:
    rows = reference("target_kinds")
    kinds = {prefix: row["code"] for row in rows for prefix in cell_list(row["uscc_prefixes"])}
    for row in targets:
        if row["code_kind"] == "uscc" and row["kind"] != "foreign_office":
            assert kinds[row["code"][:2]] == row["kind"]


def test_serials_outside_the_range_are_refused() -> None:
    with pytest.raises(ValueError):
        identifiers.organisation_code(identifiers.SERIALS)


def test_names_are_fictional_and_unique(targets: list[TargetRow]) -> None:
    assert len({row["name"] for row in targets}) == len(targets)
    for row in targets:
        for field in ("name", "legal_representative", "contact"):
            assert row[field].endswith("示例"), row[field]
        assert re.fullmatch(r"095[1-5]-0\d{6}", row["phone"])


def test_mandatory_fields_and_references(targets: list[TargetRow]) -> None:
    """R-11.4, and only an individual business has a home address."""
    counties = {row["code"] for row in reference("regions") if row["level"] == "county"}
    industries = {row["code"] for row in reference("industries")}
    kinds = {row["code"] for row in reference("target_kinds")}
    tags = {row["name"] for row in reference("specialties")}
    for row in targets:
        assert row["address"] and row["contact"] and row["legal_representative"]
        assert row["region_code"] in counties and row["industry"] in industries and row["kind"] in kinds
        assert set(row["tags"]) <= tags
        assert (row["home_address"] is not None) == (row["kind"] == "individual")
    assert {row["region_code"] for row in targets} == counties
    assert {row["kind"] for row in targets} == kinds


def test_proportions(targets: list[TargetRow]) -> None:
    n = len(targets)
    assert n == 20_000
    kinds = Counter(row["kind"] for row in targets)
    assert 0.65 < kinds["individual"] / n < 0.75 and 0.22 < kinds["enterprise"] / n < 0.28
    assert 0.015 < kinds["cooperative"] / n < 0.03
    assert 0.33 < sum(row["region_code"].startswith("6401") for row in targets) / n < 0.37
    assert 0.025 < sum(row["status"] == "closed" for row in targets) / n < 0.035
    assert {row["status"] for row in targets} == {"active", "suspended", "closed"}


def test_only_enterprises_are_classed_and_in_published_shares(targets: list[TargetRow]) -> None:
    """R-7.1, R-24.2."""
    classes: Counter[str] = Counter()
    for row in targets:
        if row["kind"] == "enterprise":
            low, high = CLASS_BOUNDS[row["risk_class"]]
            assert row["risk_score"] is not None and low <= row["risk_score"] <= high
            classes[row["risk_class"]] += 1
        else:
            assert row["risk_class"] == "N" and row["risk_score"] is None
    for name, published in CLASS_SHARES.items():
        assert abs(classes[name] / classes.total() - published / sum(CLASS_SHARES.values())) < 0.02


def test_hotels_of_yinchuan_allow_a_draw_by_class(targets: list[TargetRow]) -> None:
    hotels = [
        row for row in targets
        if row["industry"] in ("6110", "6121", "6129", "6130") and row["region_code"].startswith("6401")
    ]  # fmt: skip
    assert len(hotels) == 260
    assert {row["kind"] for row in hotels} == {"enterprise", "individual"}
    usable = Counter(row["risk_class"] for row in hotels if row["status"] == "active")
    assert min(usable[name] for name in "ABCDN") >= 2
    assert len({row["region_code"] for row in hotels}) == 6


def test_every_joint_item_finds_targets(targets: list[TargetRow]) -> None:
    for joint in reference("joint_items"):
        industries, kinds = set(cell_list(joint["industries"])), set(cell_list(joint["target_kinds"]))
        found = [
            row for row in targets
            if row["kind"] in kinds and (not industries or row["industry"] in industries)
        ]  # fmt: skip
        assert any(row["region_code"].startswith("6401") for row in found), joint["code"]
        assert {row["kind"] for row in found} == kinds, joint["code"]


def test_the_same_seed_gives_the_same_rows_and_another_does_not() -> None:
    day = date(2026, 3, 2)
    first = list(demo_targets(day, 500))
    assert first == list(demo_targets(day, 500))
    assert [row["name"] for row in first] != [row["name"] for row in demo_targets(day, 500, seed=1)]


@pytest.mark.parametrize("n", [0, 1, 7, 999])
def test_exactly_n(n: int) -> None:
    assert sum(1 for _ in demo_targets(date(2026, 3, 2), n)) == n


def test_dates_move_with_the_day_of_loading() -> None:
    day = date(2026, 3, 2)
    early, late = list(demo_targets(day, 300)), list(demo_targets(day + timedelta(days=400), 300))
    assert all(row["registered_on"] < day for row in early)
    assert [a["registered_on"] + timedelta(days=400) for a in early] == [b["registered_on"] for b in late]


def test_twenty_thousand_take_less_than_three_seconds() -> None:
    begin = time.process_time()
    assert sum(1 for _ in demo_targets(date(2026, 3, 2))) == 20_000
    assert time.process_time() - begin < 3
