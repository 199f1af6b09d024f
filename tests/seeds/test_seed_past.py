"""Last year's results: codes of the vocabulary, a text for every problem, all in last year."""

from collections import Counter
from datetime import date, timedelta

from seeds.demo.past import demo_past_results
from seeds.demo.targets import TargetRow
from seeds.reader import reference


def test_past_results_resolve(targets: list[TargetRow], today: date) -> None:
    rows = list(demo_past_results(iter(targets), today))
    assert rows == list(demo_past_results(targets, today)) and len(rows) == 200
    assert len({(row["joint_code"], row["target_code"]) for row in rows}) == len(rows)
    by_code = {row["code"]: row for row in targets}
    results = {
        row["code"]: row for row in reference("result_vocabulary") if row["scheme"] == "second_generation"
    }
    dispositions = {row["code"] for row in reference("dispositions")}
    parts = {(row["joint_code"], row["item_code"]) for row in reference("joint_item_parts")}
    for row in rows:
        assert by_code[row["target_code"]]["region_code"].startswith("6401")
        assert by_code[row["target_code"]]["registered_on"] < row["checked_on"]
        assert all((row["joint_code"], item) in parts for item in row["items"])
        assert row["disposition_code"] in dispositions
        result = results[row["result_code"]]
        assert result["selectable"] == "1" and (row["problem"] != "") == (result["is_problem"] == "1")
        assert result["line"] in ("", row["agency_code"].rsplit("-", 1)[0].lower())


def test_past_results_lie_in_last_year_and_were_published_in_time(
    targets: list[TargetRow], today: date
) -> None:
    """R-27.1."""
    for row in demo_past_results(targets, today):
        assert row["checked_on"].year == today.year - 1
        assert timedelta() < row["published_on"] - row["checked_on"] <= timedelta(days=20)
        assert row["published_on"] < today


def test_shares_are_the_reported_ones(targets: list[TargetRow], today: date) -> None:
    found = Counter(
        row["result_code"] for seed in range(20) for row in demo_past_results(targets, today, seed)
        if row["joint_code"] == "J16"
    )  # fmt: skip
    assert abs(found["1"] / found.total() - 15_088 / 17_319) < 0.02
    assert abs(found["6"] / found.total() - 1_305 / 17_319) < 0.02


def test_no_targets_no_history(today: date) -> None:
    assert list(demo_past_results([], today)) == []
