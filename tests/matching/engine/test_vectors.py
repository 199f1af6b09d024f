"""The public vectors, through the command that others run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.matching.engine.__main__ import main

FILE = Path(__file__).parents[2] / "vectors" / "matching-v1.json"
CASES = json.loads(FILE.read_text(encoding="utf-8"))


def test_all_vectors_agree(capsys):
    assert main(["vectors", str(FILE)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{case['name']}: ok" for case in CASES] and len(lines) == 5


@pytest.mark.parametrize("name", sorted(CASES[0]["expected"]))
def test_any_value_that_differs_is_named(name, tmp_path, capsys):
    cases = json.loads(json.dumps(CASES[:2]))
    value = cases[1]["expected"][name]
    cases[1]["expected"][name] = value[:-1] if isinstance(value, list) else 0
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(cases), encoding="utf-8")
    assert main(["vectors", str(changed)]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith(": ok") and f"{cases[1]['name']}: {name}" in second


def test_a_case_that_cannot_be_computed_is_not_ok(tmp_path, capsys):
    broken = dict(CASES[0], hash="md5")
    short = dict(CASES[1], roster=CASES[1]["roster"][:1])
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps([broken, short]), encoding="utf-8")
    assert main(["vectors", str(changed)]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert "cannot be computed" in first and not second.endswith("ok")


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]"])
def test_a_file_that_is_no_list_of_cases_is_refused(text, tmp_path):
    broken = tmp_path / "broken.json"
    broken.write_text(text, encoding="utf-8")
    assert main(["vectors", str(broken)]) == 2
    assert main(["vectors", str(tmp_path / "absent.json")]) == 2
