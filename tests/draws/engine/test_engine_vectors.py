import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.draws.engine import vectors


def test_every_published_case_is_recomputed_to_the_last_value(cases: list[dict[str, Any]]) -> None:
    assert len(cases) == 13
    assert {case["name"]: list(vectors.differences(case)) for case in cases} == {
        case["name"]: [] for case in cases
    }


def test_a_change_in_any_expected_value_is_named(cases: list[dict[str, Any]]) -> None:
    for case in cases:
        for name in case["expected"]:
            bent = copy.deepcopy(case)
            bent["expected"][name] = "0"
            assert [found[0] for found in vectors.differences(bent)] == [name]


def test_a_change_in_the_plan_text_is_named(cases: list[dict[str, Any]]) -> None:
    bent = cases[0] | {"plan_canonical": cases[0]["plan_canonical"] + " "}
    assert [found[0] for found in vectors.differences(bent)] == ["plan_canonical"]


def test_values_that_only_one_side_knows_differ(cases: list[dict[str, Any]]) -> None:
    bent = copy.deepcopy(cases[0])
    bent["expected"]["unheard_of"] = 1
    del bent["expected"]["codes"]
    assert {found[0] for found in vectors.differences(bent)} == {"unheard_of", "codes"}


def test_a_change_in_any_input_is_noticed(cases: list[dict[str, Any]]) -> None:
    case = cases[0]
    bends: dict[str, Any] = {
        "operator_secret": "00" * 32,
        "list_secret": "00" * 32,
        "code_seed": "00" * 32,
        "closing": "00" * 32,
        "witness_nonce": "00" * 16,
        "hash": "sm3",
        "mode": "open",
        "rows": case["rows"][1:],
    }
    for name, value in bends.items():
        assert list(vectors.differences(case | {name: value})), name


def test_the_command_says_ok_per_case_and_exits_with_zero(vectors_file: Path) -> None:
    done = _command(vectors_file)
    assert done.returncode == 0
    assert done.stdout.count(": ok\n") == 13


def test_the_command_exits_with_one_and_names_the_value(tmp_path: Path, cases: list[dict[str, Any]]) -> None:
    bent = copy.deepcopy(cases[:2])
    bent[1]["expected"]["seed"] = "00" * 32
    path = tmp_path / "bent.json"
    path.write_text(json.dumps(bent), encoding="utf-8")
    done = _command(path)
    assert done.returncode == 1
    assert f"{bent[1]['name']}: seed differs: expected '{'00' * 32}'" in done.stdout
    assert done.stdout.count(": ok\n") == 1


def test_a_case_without_an_input_is_reported_and_the_others_are_computed(
    tmp_path: Path, cases: list[dict[str, Any]]
) -> None:
    broken = {name: value for name, value in cases[0].items() if name != "closing"}
    path = tmp_path / "broken.json"
    path.write_text(json.dumps([broken, cases[1]]), encoding="utf-8")
    done = _command(path)
    assert done.returncode == 1
    assert "1 of 2 cases agree" in done.stdout


def _command(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.draws.engine", "vectors", str(path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=Path(__file__).parents[3],
    )
