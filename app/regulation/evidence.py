"""What stands behind a rule: the code that says `@implements`, the tests that say `@pytest.mark.rule`."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.regulation.registry import Implementation, implementations, rules

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"

# Every domain keeps its decisions and verbs in these; other modules are imported when they use `implements`.
_ALWAYS = frozenset({"rules", "services"})


@dataclass(frozen=True, slots=True)
class MarkedTest:
    """One test and the rule that it says it proves; `test` is its pytest id, `path::Class::name`."""

    rule: str
    test: str


class FaultyMark(ValueError):
    """A mark whose argument is not the plain name of a rule."""


def import_code(root: Path = ROOT, package: str = "app") -> list[str]:
    """Import every `rules` and `services` module and every other module that uses `implements`.

    `root` must be on the import path. Returns the names; an error while importing is not caught.
    """
    modules = _modules(root, package)
    names = [name for name, path in modules if _ALWAYS & set(name.split(".")) or _registers(path)]
    for name in names:
        importlib.import_module(name)
    return names


def _modules(root: Path, package: str) -> Iterator[tuple[str, Path]]:
    # By files, not by pkgutil: walking packages would import each of them on the way.
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts[-1] == "__main__":
            continue
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _registers(path: Path) -> bool:
    source = path.read_text(encoding="utf-8")
    if "implements" not in source:
        return False
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").startswith("app.regulation")
        and any(alias.name == "implements" for alias in node.names)
        for node in ast.walk(ast.parse(source, str(path)))
    )


def source_file(code: Implementation) -> str:
    """The file of an implementation, relative to the checkout."""
    path = Path(sys.modules[code.module].__file__ or "").resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def collect_marks(folder: Path = TESTS, root: Path = ROOT) -> list[MarkedTest]:
    """Every rule mark of every test under the folder, read from the source; skipped tests prove nothing.

    Raises `FaultyMark` for a mark without a plain name, `SyntaxError` for a file that Python cannot read.
    """
    marks: list[MarkedTest] = []
    for path in sorted(folder.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "mark.rule" in source:
            name = path.relative_to(root).as_posix()
            marks.extend(_marks_of(ast.parse(source, str(path)), name, frozenset(), name))
    return marks


def _marks_of(
    node: ast.Module | ast.ClassDef, test_id: str, inherited: frozenset[str], file: str
) -> Iterator[MarkedTest]:
    inherited = inherited | _named_by(_pytestmarks(node), file)
    for child in node.body:
        if isinstance(child, ast.ClassDef):
            own = _named_by(child.decorator_list, file)
            if not _is_skipped(child):
                yield from _marks_of(child, f"{test_id}::{child.name}", inherited | own, file)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and child.name.startswith("test"):
            own = _named_by(child.decorator_list, file)
            if not _is_skipped(child):
                yield from (MarkedTest(rule, f"{test_id}::{child.name}") for rule in sorted(inherited | own))


def _pytestmarks(node: ast.Module | ast.ClassDef) -> list[ast.expr]:
    return [
        child.value
        for child in node.body
        if isinstance(child, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in child.targets)
    ]


def _named_by(expressions: list[ast.expr], file: str) -> frozenset[str]:
    names: set[str] = set()
    for call in (node for expression in expressions for node in ast.walk(expression)):
        if not (isinstance(call, ast.Call) and _is_mark(call.func, "rule")):
            continue
        for argument in call.args:
            if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                raise FaultyMark(f"{file}:{argument.lineno}: a rule is named by a plain string")
            names.add(argument.value)
        if call.keywords or not call.args:
            raise FaultyMark(f"{file}:{call.lineno}: a rule is named by plain strings, and by at least one")
    return frozenset(names)


def _is_skipped(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        _is_mark(decorator.func if isinstance(decorator, ast.Call) else decorator, "skip")
        for decorator in node.decorator_list
    )


def _is_mark(node: ast.expr, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "mark"
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Code and tests of one rule."""

    rule: str
    code: tuple[Implementation, ...]
    tests: tuple[str, ...]

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(sorted({source_file(code) for code in self.code}))

    def problem(self) -> str | None:
        """Why this does not fit what `rules.toml` says of the rule, or None."""
        rule = rules()[self.rule]
        if rule.planned:
            both = bool(self.code and self.tests)
            return f"is planned ({rule.planned}) and has both code and test" if both else None
        missing = [what for what, there in (("code", self.code), ("test", self.tests)) if not there]
        return f"stands since {rule.since} and has no {' and no '.join(missing)}" if missing else None


def evidence(marks: list[MarkedTest]) -> list[Evidence]:
    """Code (of what has been imported) and tests of every rule, in the regulation's order."""
    tests: dict[str, list[str]] = {}
    for mark in marks:
        tests.setdefault(mark.rule, []).append(mark.test)
    return [Evidence(name, implementations(name), tuple(tests.get(name, ()))) for name in rules()]


def strange_marks(marks: list[MarkedTest]) -> list[MarkedTest]:
    """Marks that name a rule which the regulation does not have."""
    return [mark for mark in marks if mark.rule not in rules()]
