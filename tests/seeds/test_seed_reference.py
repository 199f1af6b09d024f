"""The reference tables: every reference resolves, nothing that the rules ask for is missing."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from seeds.reader import REFERENCE, cell_list, reference

TABLES = sorted(path.stem for path in Path(REFERENCE).glob("*.csv"))
ONE_KEY = (
    "regions", "lines", "agencies", "joint_items", "department_items", "industries", "specialties",
    "target_kinds",
)  # fmt: skip
COUNTY_LINES = {"office", "amr", "police", "health", "fire", "culture", "education"}
METHODS = {"on_site", "written", "online", "other"}


def codes(table: str) -> set[str]:
    return {row["code"] for row in reference(table)}


@pytest.mark.parametrize("table", TABLES)
def test_tables_are_clean(table: str) -> None:
    rows = reference(table)
    assert rows
    for row in rows:
        assert None not in row and None not in row.values(), row
        assert all(value == value.strip() for value in row.values()), row


@pytest.mark.parametrize("table", ONE_KEY)
def test_codes_are_unique(table: str) -> None:
    assert max(Counter(row["code"] for row in reference(table)).values()) == 1


def test_regions_are_a_tree_of_28_and_zones() -> None:
    levels = Counter(row["level"] for row in reference("regions"))
    assert (levels["region"], levels["city"], levels["county"]) == (1, 5, 22)
    assert levels["zone"] >= 3
    by_code = {row["code"]: row for row in reference("regions")}
    for row in by_code.values():
        if row["level"] == "region":
            assert row["parent"] == ""
        else:
            assert by_code[row["parent"]]["level"] in ("region", "city")
        if row["level"] == "zone":
            assert not re.fullmatch(r"\d{6}", row["code"])
            assert by_code[row["located_in"]]["level"] == "county"
        else:
            assert re.fullmatch(r"64\d{4}", row["code"]) and row["located_in"] == ""


def test_agencies_resolve_and_cover_the_levels() -> None:
    levels = {row["code"]: row["level"] for row in reference("regions")}
    for row in reference("agencies"):
        assert row["code"] == f"{row['line'].upper()}-{row['region']}"
        assert row["line"] in codes("lines") and row["region"] in levels
    present = codes("agencies")
    for region, level in levels.items():
        if level == "zone":
            continue
        lines = COUNTY_LINES if level == "county" else codes("lines")
        assert {f"{line.upper()}-{region}" for line in lines} <= present
    assert len({row["name"] for row in reference("agencies")}) == len(present)


def test_department_items_have_the_six_mandatory_fields() -> None:
    """R-8.1: project, target, category, method, subject, basis."""
    tags = {row["name"] for row in reference("specialties")}
    for row in reference("department_items"):
        for field in ("project", "target_scope", "category", "methods", "subject", "basis"):
            assert row[field], (row["code"], field)
        assert re.search(r"《[^》]+》", row["basis"])
        assert row["line"] in codes("lines") and row["code"].startswith(row["line"].upper() + "-")
        assert set(cell_list(row["methods"])) <= METHODS
        assert set(cell_list(row["target_kinds"])) <= codes("target_kinds")
        assert row["specialty"] in tags


@pytest.mark.parametrize("table", ["department_items", "joint_items"])
def test_general_items_have_a_cap_and_key_items_none(table: str) -> None:
    """R-9.1."""
    for row in reference(table):
        if row["category"] == "key":
            assert row["ratio_cap"] == ""
        else:
            assert row["category"] == "general" and 0 < int(row["ratio_cap"]) <= 1000


def test_joint_items_resolve() -> None:
    for row in reference("joint_items"):
        assert {row["lead_line"], *cell_list(row["support_lines"])} <= codes("lines")
        assert set(cell_list(row["levels"])) <= {"region", "city", "county"} and row["levels"]
        assert set(cell_list(row["target_kinds"])) <= codes("target_kinds") and row["target_kinds"]
        assert set(cell_list(row["industries"])) <= codes("industries")
        assert row["method"] in METHODS and row["src"] and "《" in row["basis"]


def test_every_participant_has_an_item_of_its_own() -> None:
    items = {row["code"]: row for row in reference("department_items")}
    for joint in reference("joint_items"):
        parts = [row for row in reference("joint_item_parts") if row["joint_code"] == joint["code"]]
        assert {row["line"] for row in parts} == {joint["lead_line"], *cell_list(joint["support_lines"])}
        for part in parts:
            item = items[part["item_code"]]
            assert item["line"] == part["line"]
            if item["category"] == "general":
                assert int(joint["ratio_cap"]) <= int(item["ratio_cap"])
    assert {row["joint_code"] for row in reference("joint_item_parts")} == codes("joint_items")


def test_every_item_is_part_of_a_joint_item_or_published_alone() -> None:
    used = {row["item_code"] for row in reference("joint_item_parts")}
    assert codes("department_items") - used == {"AMR-04"}


def test_all_33_published_joint_rows_are_behind_the_items() -> None:
    rows = [row for row in reference("joint_item_sources") if row["kind"] == "joint_list"]
    assert len(rows) == 33
    assert {row["joint_code"] for row in reference("joint_item_sources")} == codes("joint_items")
    for joint in reference("joint_items"):
        named = {row["src"] for row in reference("joint_item_sources") if row["joint_code"] == joint["code"]}
        assert all(src in joint["src"] for src in named)


def test_the_hotel_item() -> None:
    (hotel,) = [row for row in reference("joint_items") if row["domain"] == "宾馆、旅店监督抽查"]
    assert hotel["lead_line"] == "police"
    assert set(cell_list(hotel["support_lines"])) == {"health", "amr", "fire", "housing"}
    lines = Counter(row["item_code"] for row in reference("form_lines"))
    for part in reference("joint_item_parts"):
        if part["joint_code"] == hotel["code"]:
            assert 2 <= lines[part["item_code"]] <= 5


def test_form_lines_are_numbered_from_one_for_every_item() -> None:
    numbers: dict[str, list[int]] = {}
    for row in reference("form_lines"):
        assert row["text"] and row["help"]
        numbers.setdefault(row["item_code"], []).append(int(row["no"]))
    assert set(numbers) == codes("department_items")
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def test_vocabulary_of_results() -> None:
    keys = [(row["scheme"], row["code"]) for row in reference("result_vocabulary")]
    assert len(keys) == len(set(keys))
    for row in reference("result_vocabulary"):
        assert row["parent"] == "" or (row["scheme"], row["parent"]) in keys
        assert {row["is_problem"], row["needs_follow_up"], row["selectable"]} <= {"0", "1"}
        assert row["needs_follow_up"] == "0" or row["is_problem"] == "1"
        assert row["line"] == "" or row["line"] in codes("lines")
    kinds = {
        row["kind"] for row in reference("result_vocabulary")
        if row["selectable"] == "1" and row["scheme"] == "second_generation"
    }  # fmt: skip
    assert {"no_problem", "problem", "unable", "closed", "refused"} <= kinds


def test_dispositions_name_the_default_scheme() -> None:
    assert {row["scheme"] for row in reference("dispositions")} == {"second_generation"}
    assert sum(row["needs_follow_up"] == "0" for row in reference("dispositions")) == 1


def test_calendar_has_days_off_and_make_up_days_on_the_right_weekdays() -> None:
    days = {}
    for row in reference("calendar"):
        day = date.fromisoformat(row["date"])
        assert day not in days
        days[day] = row["type"]
        assert row["type"] == "off" or (row["type"] == "work" and day.weekday() >= 5)
    assert {day.year for day in days} >= {2023, 2024, 2025, 2026} and max(days).year == 2026


def test_clocks_name_the_periods_of_the_rules() -> None:
    ours = [row for row in reference("legal_clocks") if row["source"] == "宁夏实施细则"]
    clocks = {row["article"]: (row["number"], row["unit"]) for row in ours}
    assert clocks["23"] == ("2", "工作日") and clocks["27"] == ("20", "工作日")


def test_prefixes_of_codes_lead_to_one_kind() -> None:
    listed = {row["authority"] + row["category"]: row["kind"] for row in reference("uscc_codes")}
    assert set(listed.values()) <= codes("target_kinds")
    kinds = reference("target_kinds")
    by_kind = {prefix: row["code"] for row in kinds for prefix in cell_list(row["uscc_prefixes"])}
    assert by_kind == listed
    assert [row["code"] for row in reference("target_kinds") if row["classified"] == "1"] == ["enterprise"]


def test_industries_hang_together() -> None:
    by_length: dict[int, set[str]] = {}
    for row in reference("industries"):
        by_length.setdefault(len(row["code"]), set()).add(row["code"])
    assert len(by_length[1]) == 20 and len(by_length[2]) == 97
    for row in reference("industries"):
        expected = {1: {""}, 2: by_length[1], 4: {row["code"][:2]} & by_length[2]}[len(row["code"])]
        assert row["parent"] in expected


def test_reader_tells_a_missing_table() -> None:
    with pytest.raises(FileNotFoundError):
        reference("no_such_table")
    assert cell_list("") == [] and cell_list("a;b") == ["a", "b"]
