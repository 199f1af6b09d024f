"""Every route about a row, for every role, with rows of the units beside, above and below: the scope matrix.

With `SCOPE_MATRIX=full` (`make scope-matrix`) really every role; otherwise those that have the route for their own rows
and those that watch other units, because for the others the door is closed before a row is looked for.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask

from app.db import db
from tests.sweep import matrix, relations
from tests.sweep.addresses import is_about_a_row, values
from tests.sweep.browsing import PACKED, SHORT, browsers, is_open
from tests.sweep.test_reading import address, routes
from tests.sweep.units import UNITS
from tests.sweep.world import ids as read_ids


@dataclass
class Answers:
    """`seen[method, route][relation]`: the accounts that got an answer about a row of that unit."""

    seen: dict[tuple[str, str], dict[str, set[str]]] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    requests: int = 0


IS_FULL = os.environ.get("SCOPE_MATRIX") == "full"
WATCHERS = frozenset({"region_office", "office", "office_reviewer", "auditor", "public"})


@pytest.fixture(scope="module")
def answers(fresh_once: Flask) -> Iterator[Answers]:
    found, ids, people = Answers(), read_ids(db.session()), browsers(fresh_once)
    offered = matrix.read()
    for method in ("GET", "POST"):
        for rule in routes(fresh_once, method):
            if not is_about_a_row(rule):
                continue
            seen = found.seen[method, rule.rule] = defaultdict(set)
            for place in UNITS:
                keys = values(rule, ids.around[place.relation])
                if keys is None:
                    continue
                url = address(rule, keys)
                for role, browser in people.items():
                    if not IS_FULL and role not in offered.get((method, rule.rule), frozenset()) | WATCHERS:
                        continue
                    answer = browser.open(url, method=method, headers=SHORT)
                    found.requests += 1
                    text = "" if answer.mimetype in PACKED else answer.get_data(as_text=True)
                    if answer.status_code >= 500:
                        found.faults.append(f"{method} {url} {role}: {answer.status_code}")
                    if is_open(answer):
                        seen[place.relation].add(role)
                    elif place.mark in text:
                        found.leaks.append(f"{method} {url} {role}")
    yield found


def test_every_route_about_a_row_is_declared_for_every_unit(answers):
    declared = relations.read()
    missing = [relations.line(*route, seen) for route, seen in answers.seen.items() if route not in declared]
    gone = [f"{method} {path} is no route" for method, path in declared.keys() - answers.seen.keys()]
    assert not missing + gone, "\n".join(missing + gone)


def test_every_answer_is_the_declared_one(answers):
    declared = relations.read()
    wrong = [
        relations.line(*route, seen)
        for route, seen in answers.seen.items()
        for name in relations.RELATIONS
        if route in declared and declared[route].get(name, frozenset()) != seen.get(name, set())
    ]
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def test_nobody_reaches_the_unit_beside_or_above_but_the_office_of_the_region(answers):
    wrong = [
        f"{method} {path} {name}: {sorted(seen[name] - allowed)}"
        for (method, path), seen in answers.seen.items()
        for name, allowed in relations.SEES_AROUND.items()
        if seen.get(name, set()) - allowed and not (name == "upper" and path in relations.OFFERED_BELOW)
    ]
    assert not wrong, "\n".join(wrong)


def test_nobody_gets_further_with_a_foreign_row_than_with_the_own(answers):
    """A role without the route in the matrix has no answer about any unit's row."""
    offered = matrix.read()
    wrong = [
        f"{method} {path} {name}: {sorted(roles - offered.get((method, path), frozenset()))}"
        for (method, path), seen in answers.seen.items()
        for name, roles in seen.items()
        if roles - offered.get((method, path), frozenset()) - {"region_office", "office", "office_reviewer"}
    ]
    assert not wrong, "\n".join(wrong)


def test_no_refusal_shows_a_name_and_none_is_a_fault(answers):
    assert not answers.leaks + answers.faults, "\n".join(answers.leaks + answers.faults)
