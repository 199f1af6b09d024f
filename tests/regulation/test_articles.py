"""The table of articles: what it finds, and when it fails."""

import json

import pytest

from app.regulation import articles
from app.regulation.articles import as_json, as_markdown, as_text, problems, rules_of, show
from app.regulation.evidence import (
    Evidence,
    FaultyMark,
    MarkedTest,
    collect_marks,
    import_code,
    strange_marks,
)
from app.regulation.registry import Implementation, UnknownRule, implementations, rules

CODE = (Implementation("app.regulation.calendar", "WorkCalendar.deadline"),)
TESTS = ("tests/regulation/test_calendar.py::test_one",)

MARKED = """
import pytest

pytestmark = pytest.mark.rule("R-2.1")

@pytest.mark.rule("R-3.1", "R-3.2")
@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.rule("R-4.1"))])
def test_one(n): ...

@pytest.mark.rule("R-5.1")
def helper(): ...

@pytest.mark.skip(reason="not now")
@pytest.mark.rule("R-6.1")
def test_skipped(): ...

@pytest.mark.rule("R-8.1")
class TestGroup:
    @pytest.mark.rule("R-8.2")
    async def test_two(self): ...

@pytest.mark.skip
class TestAsleep:
    @pytest.mark.rule("R-9.1")
    def test_three(self): ...
"""


def test_marks_are_read_without_running_a_test(tmp_path):
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_marked.py").write_text(MARKED, encoding="utf-8")
    (folder / "test_plain.py").write_text("def test_nothing(): ...\n", encoding="utf-8")
    one, two = "tests/test_marked.py::test_one", "tests/test_marked.py::TestGroup::test_two"
    assert collect_marks(folder, tmp_path) == [
        *[MarkedTest(rule, one) for rule in ("R-2.1", "R-3.1", "R-3.2", "R-4.1")],
        *[MarkedTest(rule, two) for rule in ("R-2.1", "R-8.1", "R-8.2")],
    ]


@pytest.mark.parametrize("argument", ["", "NAME", 'rule="R-2.1"', '*["R-2.1"]'])
def test_a_mark_without_a_plain_name_is_an_error(tmp_path, argument):
    path = tmp_path / "test_faulty.py"
    path.write_text(
        f"import pytest\n\n@pytest.mark.rule({argument})\ndef test_one(): ...\n", encoding="utf-8"
    )
    with pytest.raises(FaultyMark, match=r"test_faulty\.py:3"):
        collect_marks(tmp_path, tmp_path)


def test_a_mark_with_an_unknown_rule_is_named():
    marks = [MarkedTest("R-23.1", "tests/a.py::test_one"), MarkedTest("R-99.1", "tests/a.py::test_two")]
    assert strange_marks(marks) == [marks[1]]
    assert problems([], marks) == ["tests/a.py::test_two names the unknown rule R-99.1"]


def write_package(folder, package):
    for name, source in {
        "__init__": "",
        "rules": "",
        "views": "raise RuntimeError('a view was imported')",
        "services/approve": "",
        "engine": "from app.regulation import implements\n\n@implements('R-9.2')\ndef order(): ...\n",
        "__main__": "raise SystemExit('a program was started')",
    }.items():
        path = folder / package / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")


def test_rules_and_services_and_whoever_uses_the_decorator_are_imported(tmp_path, monkeypatch):
    monkeypatch.setattr("app.regulation.registry._implementations", {})
    monkeypatch.syspath_prepend(tmp_path)
    write_package(tmp_path, "sample_domain")
    imported = import_code(tmp_path, "sample_domain")
    assert imported == ["sample_domain.engine", "sample_domain.rules", "sample_domain.services.approve"]
    assert implementations("R-9.2") == (Implementation("sample_domain.engine", "order"),)


def test_an_error_while_importing_is_an_error(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    write_package(tmp_path, "broken_domain")
    (tmp_path / "broken_domain" / "rules.py").write_text("import no_such_module_at_all\n", encoding="utf-8")
    with pytest.raises(ModuleNotFoundError, match="no_such_module_at_all"):
        import_code(tmp_path, "broken_domain")


@pytest.mark.parametrize(
    ("rule", "code", "tests", "problem"),
    [
        ("R-23.1", CODE, TESTS, None),
        ("R-23.1", CODE, (), "stands since 0.1 and has no test"),
        ("R-23.1", (), TESTS, "stands since 0.1 and has no code"),
        ("R-23.1", (), (), "stands since 0.1 and has no code and no test"),
        ("R-31.1", (), (), None),
        ("R-31.1", CODE, (), None),
        ("R-31.1", (), TESTS, None),
        ("R-31.1", CODE, TESTS, "is planned (a later issue) and has both code and test"),
    ],
)
def test_code_and_tests_must_fit_what_the_table_says(rule, code, tests, problem):
    row = Evidence(rule, code, tests)
    assert row.problem() == problem
    assert problems([row], []) == ([f"{rule} {problem}"] if problem else [])


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("23", ["R-23.1", "R-23.2"]),
        ("23.1", ["R-23.1"]),
        (" r-23.1 ", ["R-23.1"]),
        ("N-1", ["N-1"]),
        ("n-7", ["N-7"]),
    ],
)
def test_a_rule_is_found_by_article_and_by_name(asked, names):
    assert [rule.name for rule in rules_of(asked)] == names


@pytest.mark.parametrize("asked", ["", "1", "35", "23.9", "N-8", "N-", "R-"])
def test_an_article_without_a_rule_is_unknown(asked):
    with pytest.raises(UnknownRule):
        rules_of(asked)


def test_the_page_of_an_article_names_functions_files_and_tests(monkeypatch):
    monkeypatch.setattr(articles, "import_code", lambda: ["app.regulation.calendar"])
    page = show("23.1")
    assert page.startswith("R-23.1  两个工作日内响应  (since 0.1)")
    assert "    app.regulation.calendar:WorkCalendar.deadline" in page
    assert "    app/regulation/calendar.py" in page
    assert "test_calendar.py::test_a_push_around_midnight_belongs_to_the_day_in_shanghai" in page
    assert "tests:\n    none" in show("R-31.1")


def test_the_tables_hold_every_rule_once():
    rows = [Evidence(name, CODE if name == "R-23.1" else (), TESTS) for name in rules()]
    listed = json.loads(as_json(rows, ["a fault"]))
    assert [row["rule"] for row in listed["rules"]] == list(rules())
    assert listed["problems"] == ["a fault"]
    markdown = as_markdown(rows).splitlines()
    assert len(markdown) == len(rules()) + 2
    assert all(line.count("|") == 6 for line in markdown)
    assert sum(line.startswith(("R-", "N-")) for line in as_text(rows).splitlines()) == len(rules())


def test_the_columns_of_the_table_stand_below_each_other():
    lines = as_text([Evidence("R-23.1", CODE * 2, TESTS), Evidence("R-31.1", (), ())]).splitlines()
    wide = [line.encode("gb18030") for line in lines]
    start = wide[0].index(b"code")
    assert wide[2][start:].startswith(b"app.regulation.calendar:")
    assert wide[3][start:].startswith(b"app.regulation.calendar:")
    assert wide[4][start:].startswith(b"-")


@pytest.mark.parametrize("shape", ["--json", "--markdown", None])
def test_the_command_fails_when_something_does_not_fit(monkeypatch, capsys, shape):
    fitting = [Evidence("R-23.1", CODE, TESTS)]
    monkeypatch.setattr(articles, "import_code", list)
    monkeypatch.setattr(articles, "collect_marks", list)
    monkeypatch.setattr(articles, "evidence", lambda _marks: fitting)
    arguments = [shape] if shape else []
    assert articles.main(arguments) == 0
    fitting.append(Evidence("R-2.1", (), TESTS))
    assert articles.main(arguments) == 1
    printed = capsys.readouterr()
    assert "R-2.1 stands since 0.1 and has no code" in printed.err
    assert "R-23.1" in printed.out
