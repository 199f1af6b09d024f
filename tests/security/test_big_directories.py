"""The big directories have the choke point alone: no statement reads them past it, but those named here."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.db import db
from app.db.rows import _KEY
from app.directories.targets.models import Target
from app.security.models import Account
from app.security.rowsecurity import WITHOUT
from app.security.scope import Scope
from app.security.scoping import scoped_select
from tests.conftest import _Browser
from tests.finished import finished_app

APP = Path(__file__).resolve().parents[2] / "app"
READS = re.compile(rf'\b(?:FROM|JOIN|USING)\s+"?({"|".join(sorted(WITHOUT))})"?\b(?:\s+AS\s+(\w+))?')
LISTED = re.compile(
    rf',\s+"?({"|".join(sorted(WITHOUT))})"?(?:\s+AS\s+(\w+))?(?=,|\s+(?:WHERE|JOIN|LEFT|ORDER|LIMIT))'
)
WALLS = {
    "target": r"{0}\.region_id (?:IN|= ANY) \(.*? OR \(?{0}\.agency_id (?:IN|= ANY) \(",
    "list_record": r"{0}\.agency_id (?:IN|= ANY) \(",
}
REGIONS = r"{0}\.region_id = ANY \(%\((\w+)\)s"
ROLES = ("police_clerk", "office", "auditor")


class Watch:
    """Statements on the big directories under somebody's scope: how many, and those without the wall."""

    def __init__(self) -> None:
        self.seen = 0
        self.past: list[str] = []

    def __call__(self, connection: Any, cursor: Any, statement: str, bound: Any, *rest: Any) -> None:
        named = [*READS.findall(statement), *LISTED.findall(statement)]
        standing = connection.info.get(_KEY)
        session = standing.asking() if standing and named else None
        scope = session.info.get("scope") or Scope.nothing() if session is not None else None
        if scope is None or scope.everything:
            return
        self.seen += 1
        for table, alias in named:
            walled = re.search(WALLS[table].format(alias or table), statement, re.DOTALL)
            if not walled and not (table == "target" and _in_reach(alias or table, statement, bound, scope)):
                self.past.append(statement)


def _in_reach(name: str, statement: str, bound: Any, scope: Scope) -> bool:
    """Whether the statement asks for regions of the scope alone: the narrower half of the wall is enough then."""
    return any(set(bound[name]) <= scope.region_ids for name in re.findall(REGIONS.format(name), statement))


@pytest.fixture(scope="module")
def watch() -> Iterator[Watch]:
    found = Watch()
    event.listen(Engine, "before_cursor_execute", found)
    yield found
    event.remove(Engine, "before_cursor_execute", found)


@pytest.fixture(scope="module")
def finished(watch: Watch, home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    yield from finished_app(home, tmp_path_factory.mktemp("finished"))


def test_the_journey_reads_no_big_directory_past_the_choke_point(finished: Flask, watch: Watch) -> None:
    assert watch.seen > 20
    assert watch.past == []


@pytest.mark.parametrize("name", ROLES)
def test_no_page_reads_a_big_directory_past_the_choke_point(finished: Flask, watch: Watch, name: str) -> None:
    watch.seen, watch.past = 0, []
    with finished.app_context():
        client = _Browser(finished, finished.response_class, use_cookies=True)
        client.sign_in(db.session.execute(select(Account.id).where(Account.username == name)).scalar_one())
        for path in _paths(finished):
            client.get(path)
        db.session.remove()
    assert watch.seen > 5
    assert watch.past == []


def _paths(app: Flask) -> list[str]:
    """Every page without a key but those that end the session, the pages of the journey, and searches."""
    journey = app.extensions["journey"]
    plain = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and "log" not in rule.rule
    }
    pages = sorted(plain) + ["/targets/?q=示例", "/targets/?region=640100", "/targets/1", "/libraries/1"]
    keys = {"task_id": journey["task"], "draw_id": journey["draw"]}
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.arguments and rule.arguments <= keys.keys():
                built = rule.build({key: keys[key] for key in rule.arguments})
                pages.append(built[1] if built else "")
    return [page for page in pages if page]


def test_the_watch_sees_a_statement_without_the_wall(finished: Flask, watch: Watch) -> None:
    table = Target.__table__
    with finished.app_context():
        session: Session = db.session()
        session.info["scope"] = Scope(agency_ids=frozenset({1}), region_ids=frozenset({1}))
        watch.past = []
        session.execute(scoped_select(session, Target, table.c.id).limit(1))
        session.execute(select(Target.id).limit(1))
        session.execute(scoped_select(session, Target, table.c.id, regions=[1]).limit(1))
        session.execute(scoped_select(session, Target, table.c.id, regions=[1, 2]).limit(1))
        assert watch.past == []
        session.execute(select(table.c.id).limit(1))
        session.execute(text("SELECT 1 FROM list_record LIMIT 1"))
        other = table.alias("t")
        session.execute(select(other.c.id).where(other.c.region_id.in_([1, 2])).limit(1))
        assert len(watch.past) == 3
        watch.past = []
        db.session.remove()


# Files that write Core statements on a big directory, and why that is no way past the choke point.
CORE = {
    "directories/bulk_edits/targets.py": "columns of scoped_select; the judged rows are written with the criterion",
    "directories/children/importing.py": "columns of scoped_select: the targets that rows of a file name",
    "directories/children/listing.py": "the target of a permit or of premises, joined with the criterion",
    "directories/importing/linked.py": "columns of scoped_select: the targets that rows of a file name",
    "inspections/national/listing.py": "the target of a result, joined with the criterion, and targets of a search",
    "directories/libraries/importing/kind.py": "names and ids of targets, by scoped_select",
    "directories/libraries/preview.py": "columns of scoped_select",
    "directories/libraries/queries/belonging.py": "one target, by scoped_select",
    "directories/libraries/queries/composition.py": "columns of scoped_select",
    "directories/libraries/queries/difference.py": "columns of `members`, which is scoped_select",
    "directories/libraries/queries/selecting.py": "columns of scoped_select",
    "directories/libraries/views/picking.py": "the ids of a list's chosen rows, whose engine takes scoped_select",
    "directories/merging/queries.py": "columns of scoped_select",
    "directories/merging/services.py": "two rows that were locked within the scope; a code stands once",
    "directories/outside/queries.py": "a criterion for scoped_select",
    "directories/permits/listing.py": "a criterion of a list, whose engine takes scoped_select",
    "directories/permits/seeding.py": "the demo, as system work",
    "directories/premises/listing.py": "a criterion of a list, whose engine takes scoped_select",
    "directories/regions.py": "criterion of the scope",
    "directories/seeding.py": "set-up, as system work",
    "directories/targets/criteria.py": "criteria of scoped_select",
    "directories/targets/listing.py": "columns and criteria of a list, whose engine takes scoped_select",
    "directories/recusals/listing.py": "the other side of a pair, joined with the criterion of the scope",
    "directories/targets/queries.py": "columns of scoped_select; the estimate of system work",
    "directories/targets/search.py": "criteria of scoped_select",
    "directories/targets/services/comparing.py": "a code stands once in the whole directory; the rest with the criterion",
    "directories/targets/services/importing.py": "a code stands once in the whole directory; the rest is checked",
    "designer/queries.py": "whether a list has any row, for whoever changes its definition",
    "designer/serving.py": "what the rows of a list are mapped to, with a wall of their own",
    "draws/outlook.py": "columns of select_targets",
}


def _named(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "__table__"
        and isinstance(node.value, ast.Name)
        and node.value.id in {"Target", "ListRecord"}
        for node in ast.walk(tree)
    )


def _sql(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = re.search(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+\"?(?:target|list_record)\b", node.value)
            if found:
                yield node.value


def _sources() -> Iterator[tuple[str, ast.AST]]:
    for path in sorted(APP.rglob("*.py")):
        yield path.relative_to(APP).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_whoever_writes_core_on_a_big_directory_stands_here_with_the_reason() -> None:
    assert {name for name, tree in _sources() if _named(tree)} == set(CORE)


def test_no_sql_text_reads_a_big_directory() -> None:
    assert [(name, sql) for name, tree in _sources() for sql in _sql(tree)] == []


def test_every_look_past_the_scope_is_known() -> None:
    """A new `unscoped(...)` or `as_owner(...)` is added to the list by whoever has thought about it."""
    found: Counter[str] = Counter()
    for name, tree in _sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                if node.func.id == "unscoped":
                    found[f"{name} | {ast.unparse(node.args[1])}"] += 1
                elif node.func.id == "as_owner":
                    found[f"{name} | as_owner"] += 1
    listed = (Path(__file__).parent / "past_the_scope.txt").read_text(encoding="utf-8").splitlines()
    known = dict(line.rsplit(" | ", 1) for line in listed if line and not line.startswith("#"))
    assert {key: str(number) for key, number in sorted(found.items())} == known
