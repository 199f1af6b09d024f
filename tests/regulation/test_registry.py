"""The rules of the regulation, and the decorator that ties code to them."""

import importlib
import subprocess
import sys

import pytest

from app.regulation import implements
from app.regulation.evidence import ROOT
from app.regulation.registry import (
    FaultyRule,
    Implementation,
    UnknownRule,
    implementations,
    parse_rules,
    rules,
)

# How many rules each article has, chapter by chapter.
RULES_OF_ARTICLE = (
    {2: 1, 3: 3, 4: 1, 5: 5, 6: 2, 7: 3}
    | {8: 4, 9: 2, 10: 3}
    | {11: 5, 12: 1, 13: 1}
    | {14: 2, 15: 3, 16: 1, 17: 1}
    | {18: 4, 19: 1, 20: 1}
    | {21: 2, 22: 1, 23: 2, 24: 3, 25: 2, 26: 1, 27: 1, 28: 1, 29: 1}
    | {30: 1, 31: 1, 32: 1, 33: 2, 34: 1}
)
LATER_RULES = 7

FULL = 'article = "1"\ntitle_zh = "甲"\ntext_zh = "乙。"\ntext_en = "C."\n'


def test_every_rule_of_the_regulation_has_its_table():
    of_2022 = [f"R-{article}.{n}" for article, count in RULES_OF_ARTICLE.items() for n in range(1, count + 1)]
    assert list(rules()) == of_2022 + [f"N-{n}" for n in range(1, LATER_RULES + 1)]


def test_every_rule_stands_in_its_article():
    for rule in rules().values():
        assert rule.article == (rule.name if rule.name.startswith("N-") else rule.name[2:].split(".")[0])


def test_every_rule_is_told_in_both_languages():
    for rule in rules().values():
        assert any("\u4e00" <= character <= "\u9fff" for character in rule.title_zh), rule.name
        assert len(rule.title_zh) <= 16, rule.name
        assert rule.text_zh.endswith("。"), rule.name
        assert rule.text_en.endswith("."), rule.name
        assert not any("\u4e00" <= character <= "\u9fff" for character in rule.text_en), rule.name


def test_the_rules_cannot_be_changed_at_run_time():
    with pytest.raises(TypeError):
        rules()["R-99.9"] = rules()["R-2.1"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('["R-1.1"]\n' + FULL, "exactly one"),
        ('["R-1.1"]\n' + FULL + 'since = "0.1"\nplanned = "issue 9"\n', "exactly one"),
        ('["R-1.1"]\nsince = "0.1"\n', "missing"),
        ('["R-1.1"]\n' + FULL + 'since = "0.1"\nnote = "x"\n', "unknown"),
        ('["R-1.1"]\n' + FULL + "since = 0.1\n", "must be text"),
        ('["R-1.1"]\n' + FULL.replace("甲", " ") + 'since = "0.1"\n', "must be text"),
    ],
)
def test_a_faulty_table_is_refused_by_name(text, reason):
    with pytest.raises(FaultyRule, match=f"R-1.1: .*{reason}"):
        parse_rules(text)


def test_the_decorator_returns_the_function_unchanged_and_remembers_it(monkeypatch):
    monkeypatch.setattr("app.regulation.registry._implementations", {})

    def decide() -> str:
        return "decided"

    assert implements("R-9.2", "N-7")(decide) is decide
    implements("R-9.2")(decide)
    expected = (Implementation(__name__, decide.__qualname__),)
    assert implementations("R-9.2") == implementations("N-7") == expected
    assert implementations("R-7.1") == ()


def test_an_unknown_rule_stops_the_import(tmp_path, monkeypatch):
    (tmp_path / "faulty_domain.py").write_text(
        'from app.regulation import implements\n\n@implements("R-23.9")\ndef decide(): ...\n',
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UnknownRule, match=r"R-23\.9"):
        importlib.import_module("faulty_domain")


def test_the_decorator_without_a_name_is_refused():
    with pytest.raises(TypeError):
        implements()
    with pytest.raises(TypeError):
        implements(lambda: None)  # type: ignore[arg-type]
    with pytest.raises(UnknownRule):
        implementations("R-0.0")


def test_the_regulation_and_the_kernel_need_nothing_but_the_standard_library():
    # In a fresh interpreter: what the import adds beyond our own and Python's. tzdata is data, not code.
    program = (
        "import sys; before = set(sys.modules)\n"
        "import app.regulation.articles, app.regulation.calendar, app.regulation.vocabulary\n"
        "import app.kernel.identifiers\n"
        "added = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "added -= sys.stdlib_module_names | {'app', 'tzdata'}\n"
        "print(*sorted(name for name in added if not name.startswith('_sysconfigdata')))\n"
        "print(*sorted(name for name in set(sys.modules) - before if name.startswith('app.')))\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=ROOT)
    foreign, ours = done.stdout.splitlines()
    assert foreign == ""
    assert all(name.startswith(("app.kernel", "app.regulation")) for name in ours.split())
