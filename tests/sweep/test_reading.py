"""Every page, for every role: who gets it, what stands in it, and what it leaves behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from werkzeug.routing import Rule

from app.audit.models import Event
from app.db import db
from tests.sweep import matrix
from tests.sweep.addresses import STRANGE, absent, is_about_a_row, values
from tests.sweep.browsing import PACKED, SHORT, browsers, is_open, traces
from tests.sweep.personal import known_numbers, numbers_in
from tests.sweep.world import SECRET, Ids

LOGGED = {"dossier.downloaded", "bundle.taken"}
"""Downloads that leave an event on GET; nothing else changes anything."""
SEES_BOTH_CITIES = {"region_office"}


@dataclass
class Swept:
    """What the walk through all pages found."""

    open: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    faults: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    personal: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    left: set[str] = field(default_factory=set)
    requests: int = 0
    known: frozenset[str] = frozenset()


def routes(app: Flask, method: str) -> list[Rule]:
    found = [r for r in app.url_map.iter_rules() if method in r.methods and "static" not in r.endpoint]
    return sorted(found, key=lambda r: r.rule)


def address(rule: Rule, keys: dict[str, object]) -> str:
    return rule.build(keys)[1].lstrip("|")


@pytest.fixture(scope="module")
def walk(swept: Flask, ids: Ids) -> Iterator[Swept]:
    """All GET routes by all roles, with real keys; where one gets in, also with foreign and absent ones."""
    found, before = Swept(known=known_numbers()), traces()
    people = browsers(swept)

    for rule in routes(swept, "GET"):
        own = values(rule, ids.own)
        for role, browser in people.items():
            if own is None:
                continue
            first = _visit(found, role, browser, address(rule, own))
            if not is_open(first):
                continue
            found.open[rule.rule].add(role)
            if is_about_a_row(rule):
                _others(found, role, browser, rule, ids)
    session = db.session()
    session.rollback()
    found.left = set(session.scalars(select(Event.tag).where(Event.id > before.events)))
    found.left |= {
        f"row of {name}"
        for name in session.scalars(
            text("SELECT DISTINCT table_name FROM row_history WHERE id > :id"), {"id": before.rows}
        )
    }
    yield found


def _visit(found: Swept, role: str, browser: Any, url: str) -> Any:
    answer = browser.get(url, headers=SHORT)
    found.requests += 1
    content = "" if answer.mimetype in PACKED else answer.get_data(as_text=True)
    if answer.status_code >= 500 or "Traceback" in content:
        found.faults.append(f"{role} {url}: {answer.status_code}")
    if SECRET in content and role not in SEES_BOTH_CITIES:
        found.leaks.append(f"{role} {url}")
    if numbers_in(content, answer.get_data()) & found.known:
        found.personal.append(f"{role} {url}")
    return answer


def _others(found: Swept, role: str, browser: Any, rule: Rule, ids: Ids) -> None:
    nothing = absent(rule, ids)
    foreign = values(rule, ids.foreign)
    missing = _visit(found, role, browser, address(rule, nothing)) if nothing else None
    if missing is None or foreign is None or role in SEES_BOTH_CITIES:
        return
    theirs = _visit(found, role, browser, address(rule, foreign))
    if (theirs.status_code, theirs.get_data()) != (missing.status_code, missing.get_data()):
        found.differing.append(
            f"{role} {address(rule, foreign)}: {theirs.status_code}, not {missing.status_code}"
        )


def test_no_page_fails_and_none_shows_a_trace(walk):
    assert walk.requests > 2000
    assert not walk.faults, "\n".join(walk.faults)


def test_every_route_is_open_to_whom_the_matrix_says(walk, swept):
    declared = {path: roles for (method, path), roles in matrix.read().items() if method == "GET"}
    found = {rule.rule: frozenset(walk.open.get(rule.rule, ())) for rule in routes(swept, "GET")}
    wrong = [matrix.line("GET", path, roles) for path, roles in found.items() if declared.get(path) != roles]
    assert not wrong, "\n".join(wrong)
    assert not sorted(declared.keys() - found.keys()), "\n".join(sorted(declared.keys() - found.keys()))


def test_a_foreign_key_answers_like_one_that_is_not_there(walk):
    assert not walk.differing, "\n".join(walk.differing)


def test_nothing_of_another_city_stands_in_any_page(walk):
    assert not walk.leaks, "\n".join(walk.leaks)


@pytest.mark.rule("R-30.1")
def test_no_number_of_a_person_stands_in_any_page_or_file(walk):
    assert len(walk.known) > 10_000
    assert not walk.personal, "\n".join(walk.personal)


def test_looking_changes_nothing_but_logged_downloads(walk):
    assert walk.left <= LOGGED


def test_strange_keys_are_not_there(swept, ids, walk):
    people, wrong = browsers(swept), []
    for rule in routes(swept, "GET"):
        roles = sorted(walk.open.get(rule.rule, ()))
        if not roles or not is_about_a_row(rule):
            continue
        for strange in STRANGE:
            kept = dict(values(rule, ids.own) or {})
            marked = {
                name: "4242424242" if isinstance(kept[name], int) else "MARK" for name in rule.arguments
            }
            url = address(
                rule, marked if rule.rule[:8] != "/public/" else {**kept, **marked, "word": kept.get("word")}
            )
            url = url.replace("4242424242", strange).replace("MARK", strange)
            answer = people[roles[0]].get(url, headers=SHORT)
            content = answer.get_data(as_text=True)
            if answer.status_code not in {400, 404, 308, 302} or "Traceback" in content:
                wrong.append(f"{roles[0]} {url}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_a_refusal_is_a_page_with_a_sentence_and_a_way_out(swept, locale):
    people = browsers(swept, locale)
    for role, path, status in (
        ("police_clerk", "/tasks/987654321", 404),
        ("sysadmin", "/tasks/", 404),
        ("inspector", "/experts/add", 403),
        ("public", "/nothing", 404),
        ("police_clerk", "/institutions/list/?page_InstitutionView=x", 400),
    ):
        answer = people[role].get(path, headers={"Accept": "text/html"})
        page = answer.get_data(as_text=True)
        assert answer.status_code == status, path
        main = page[page.index("<main") : page.index("</main")]
        assert "<p" in main and "<a " in main, path


def test_a_method_that_is_not_offered_is_405(swept):
    browser = browsers(swept)["office"]
    offered: dict[str, set[str]] = defaultdict(set)
    for rule in swept.url_map.iter_rules():
        offered[rule.rule] |= rule.methods
    wrong = []
    for path, methods in sorted(offered.items()):
        if "<" in path:
            continue
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            answer = browser.open(path, method=method, headers=SHORT)
            if answer.status_code != 405:
                wrong.append(f"{method} {path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
