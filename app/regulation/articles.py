"""`make articles`: every rule with the code that carries it out and the tests that prove it.

`python -m app.regulation.articles [--json | --markdown]` prints the table and exits with 1 when a rule that
is not planned has no code or no test, when a planned one has both, or when a test names an unknown rule.
`show("23")` is what `flask --app run regulation show 23` prints.
"""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence

from app.regulation.evidence import Evidence, MarkedTest, collect_marks, evidence, import_code, strange_marks
from app.regulation.registry import Rule, UnknownRule, rules

_HEADINGS = ("rule", "title", "since or planned", "code", "tests")


def _standing(rule: Rule) -> str:
    return f"since {rule.since}" if rule.since else f"planned: {rule.planned}"


def problems(rows: Iterable[Evidence], marks: list[MarkedTest]) -> list[str]:
    """Everything in which code, tests and `rules.toml` do not agree; empty when all is well."""
    found = [f"{row.rule} {problem}" for row in rows if (problem := row.problem())]
    return found + [f"{mark.test} names the unknown rule {mark.rule}" for mark in strange_marks(marks)]


def as_text(rows: Sequence[Evidence]) -> str:
    """A table for the terminal; a rule with much code or many tests takes several lines."""
    lines: list[tuple[str, ...]] = [_HEADINGS, ("",) * len(_HEADINGS)]
    for row in rows:
        rule = rules()[row.rule]
        code, tests = [str(entry) for entry in row.code] or ["-"], list(row.tests) or ["-"]
        for i in range(max(len(code), len(tests))):
            head = (rule.name, rule.title_zh, _standing(rule)) if i == 0 else ("", "", "")
            lines.append((*head, code[i] if i < len(code) else "", tests[i] if i < len(tests) else ""))
    widths = [max(_width(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    return "\n".join("  ".join(map(_padded, line, widths)).rstrip() for line in lines)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def as_markdown(rows: Sequence[Evidence]) -> str:
    """A table for the README: files instead of functions, tests as their files."""
    lines = ["| rule | title | since or planned | code | tests |", "|---|---|---|---|---|"]
    for row in rows:
        rule = rules()[row.rule]
        test_files = sorted({test.split("::")[0] for test in row.tests})
        code, tests = ("<br>".join(f"`{name}`" for name in names) for names in (row.files, test_files))
        lines.append(f"| {rule.name} | {rule.title_zh} | {_standing(rule)} | {code} | {tests} |")
    return "\n".join(lines)


def as_json(rows: Sequence[Evidence], faults: list[str]) -> str:
    """`{"rules": [...], "problems": [...]}`; a rule has its fields, code, files, tests and problem."""
    listed = []
    for row in rows:
        rule = rules()[row.rule]
        listed.append(
            {
                "rule": rule.name,
                "article": rule.article,
                "title_zh": rule.title_zh,
                "since": rule.since,
                "planned": rule.planned,
                "code": [str(code) for code in row.code],
                "files": list(row.files),
                "tests": list(row.tests),
                "problem": row.problem(),
            }
        )
    return json.dumps({"rules": listed, "problems": faults}, ensure_ascii=False, indent=2)


def rules_of(article: str) -> list[Rule]:
    """The rules of "23" (an article), "23.1", "R-23.1" or "N-1". Raises `UnknownRule`."""
    wanted = article.strip().upper()
    if wanted.startswith("N-"):
        found = [rule for rule in rules().values() if rule.name == wanted]
    else:
        number = wanted.removeprefix("R-")
        found = [rule for rule in rules().values() if rule.article == number or rule.name == f"R-{number}"]
    if not found:
        raise UnknownRule(article)
    return found


def show(article: str) -> str:
    """What the regulation says, what the portal does, and which functions, files and tests stand for it."""
    wanted = rules_of(article)
    import_code()
    by_name = {row.rule: row for row in evidence(collect_marks())}
    return "\n\n".join(_page(rule, by_name[rule.name]) for rule in wanted)


def _page(rule: Rule, row: Evidence) -> str:
    parts = [f"{rule.name}  {rule.title_zh}  ({_standing(rule)})", f"  {rule.text_zh}", f"  {rule.text_en}"]
    listed = (("functions", [str(code) for code in row.code]), ("files", row.files), ("tests", row.tests))
    for heading, entries in listed:
        parts.append(f"  {heading}:")
        parts.extend(f"    {entry}" for entry in entries or ("none",))
    return "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="app.regulation.articles", description="Rules, code and tests")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="for machines, with the problems")
    shape.add_argument("--markdown", action="store_true", help="the table of the README")
    chosen = parser.parse_args(arguments)
    import_code()
    marks = collect_marks()
    rows = evidence(marks)
    faults = problems(rows, marks)
    if chosen.json:
        print(as_json(rows, faults))
    else:
        print(as_markdown(rows) if chosen.markdown else as_text(rows))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
