"""What the documents name is there: tests as evidence, files, commands of make."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
VERDICTS = {"yes", "no", "not applicable"}


def _tests_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def _rows_under(heading: str) -> list[list[str]]:
    """The table's rows below a heading, without its head."""
    part = SECURITY.split(f"\n{heading}\n", 1)[1].split("\n## ", 1)[0].split("\n### ", 1)[0]
    rows = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_test_that_a_document_names_exists(document):
    missing = [
        f"{path}::{name}" if name else path
        for path, name in re.findall(
            r"`(tests/[\w/]+\.py)(?:::(\w+))?`", document.read_text(encoding="utf-8")
        )
        if not (ROOT / path).is_file() or (name and name not in _tests_in(ROOT / path))
    ]
    assert not missing, missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_that_a_document_names_exists(document):
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([\w-]+)", document.read_text(encoding="utf-8")))
    assert not named - targets, named - targets


@pytest.mark.parametrize(
    ("heading", "standard"),
    [
        ("### GB/T 22239-2019, level 3", "mlps_level3.csv"),
        ("### GB/T 39786-2021, level 3", "gm_39786_level3_app.csv"),
    ],
)
def test_every_requirement_of_the_standard_has_a_verdict_and_evidence(heading, standard):
    with (Path(__file__).parent / standard).open(encoding="utf-8", newline="") as file:
        wanted = [row["requirement"] for row in csv.DictReader(file)]
    rows = {row[1]: row for row in _rows_under(heading)}
    assert list(rows) == wanted
    for row in rows.values():
        assert row[2] in VERDICTS, row
        assert row[3], row
        if row[2] == "yes":
            assert "`tests/" in row[3] or "operator" in row[3], row
