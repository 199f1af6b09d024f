"""Random attempts of people of one city at the rows of others: pages, acts, choices, filters, sorts, exports, API, files.

A few thousand by default; `PROBES=50000` for the full run of `make scope-matrix FULL=1`. Fifty threads share one
application, as under a threaded server, so that a scope that slips from one request into another is seen as well.
"""

from __future__ import annotations

import os
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.db import db
from tests.sweep.addresses import is_about_a_row, values
from tests.sweep.browsing import PACKED, SHORT, browsers, is_open
from tests.sweep.matrix import EVERYBODY
from tests.sweep.test_reading import address, routes
from tests.sweep.test_writing import ENDS_THE_SESSION, USUAL
from tests.sweep.units import LOWER, UNITS, Elsewhere
from tests.sweep.world import Ids
from tests.sweep.world import ids as read_ids

PROBES = int(os.environ.get("PROBES", "2000"))
THREADS = 50
PATIENCE = 600
"""Seconds."""
HALVES = (1, 2)
WATCHES_BELOW = frozenset({"office", "office_reviewer", "auditor"})
SEES_ALL = frozenset({"region_office"})
NO_LEAK = {
    # The base directory of a county belongs to everybody in its city, and so does which system feeds and contradicts it.
    "lower": ("对象示例", "路1号", "路2号", "系统示例"),
    # Low-code lists and roles that an office composed are offered to the units below it.
    "upper": ("登记", "角色"),
}
WORDS = (
    "任务",
    "计划",
    "项目",
    "清单",
    "事项",
    "登记",
    "人员",
    "专家",
    "对象示例",
    "SWEEP",
    "640200",
    "640000",
    "640104",
)
ARGUMENTS = (
    "q", "search", "name", "code", "agency", "agency_id", "region", "region_id", "user", "person", "task", "target",
    "inspector", "library", "list", "subject", "state", "kind", "year", "sort", "order", "after", "before", "since",
    "joint", "plan", "entry", "item", "draw", "format", "page", "psize",
)  # fmt: skip
FILTERS = ("agency", "target", "inspector", "task", "region", "user", "list", "item", "plan", "draw")


@dataclass
class Tally:
    asked: int = 0
    leaks: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    answered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Prober:
    """Makes probes from a seed, sends them, and judges the answers."""

    def __init__(self, app: Flask, ids: Ids, seed: int) -> None:
        self.app, self.ids, self.chance = app, ids, random.Random(seed)
        self.rules = [
            (method, rule)
            for method in ("GET", "POST")
            for rule in routes(app, method)
            if rule.rule not in ENDS_THE_SESSION
        ]
        self.roles = [name for name in EVERYBODY if name not in SEES_ALL]

    def probe(self) -> tuple[str, str, str, Elsewhere, dict[str, str]]:
        """`(role, method, address, unit, entry)`."""
        pick = self.chance.choice
        while True:
            method, rule = pick(self.rules)
            place = pick(UNITS)
            theirs = self.ids.around[place.relation]
            keys = values(
                rule, theirs if is_about_a_row(rule) and self.chance.random() < 0.8 else self.ids.own
            )
            if keys is None:
                continue
            url = address(rule, keys)
            entry: dict[str, str] = {}
            if method == "GET":
                url += "?" + "&".join(self._argument(theirs) for _ in range(self.chance.randint(0, 3)))
            else:
                names = self.chance.sample(USUAL + ARGUMENTS, 4)
                entry = {name: str(pick(list(theirs.values()))) for name in names}
            return pick(self.roles), method, url, place, entry

    def _argument(self, theirs: dict[str, Any]) -> str:
        pick = self.chance.choice
        kind = self.chance.random()
        if kind < 0.4:
            return f"{pick(ARGUMENTS)}={pick(WORDS)}"
        if kind < 0.7:
            return f"{pick(ARGUMENTS)}={pick([v for v in theirs.values() if isinstance(v, int)])}"
        if kind < 0.85:
            return f"_flt_{self.chance.randint(0, 3)}_{pick(FILTERS)}={pick(list(theirs.values()))}"
        column, word = pick(("name", "code", "agency", "id", "phone")), pick(WORDS)
        return f"q=(filters:!((col:{column},opr:{pick(('ct', 'eq', 'rel_o_m'))},value:'{word}')))"


def _is_leak(role: str, place: Elsewhere, content: str) -> bool:
    if place is LOWER and role in WATCHES_BELOW:
        return False
    for name in NO_LEAK.get(place.relation, ()):
        content = content.replace(place.mark + name, "")
    return place.mark in content


def _twin(browser: Any) -> Any:
    """Another browser with the same cookies: one is not safe for several threads."""
    twin = FlaskClient(browser.application, browser.response_wrapper, use_cookies=True)
    twin._cookies = dict(browser._cookies)
    return twin


def _send(people: Any, tally: Tally, probe: tuple[str, str, str, Elsewhere, dict[str, str]]) -> None:
    role, method, url, place, entry = probe
    answer = people[role].open(url, method=method, data=entry or None, headers=SHORT)
    packed = answer.mimetype in PACKED | {"application/octet-stream"}
    content = "" if packed else answer.get_data(as_text=True)
    shown = content.replace(url, "")
    for given in sorted(entry.values(), key=len, reverse=True):
        shown = shown.replace(given, "")
    with tally.lock:
        tally.asked += 1
        tally.answered += is_open(answer)
        if answer.status_code >= 500:
            tally.faults.append(f"{role} {method} {url} {entry}: {answer.status_code}")
        for unit in UNITS:
            if _is_leak(role, unit, shown):
                tally.leaks.append(f"{role} {method} {url} {entry}: {unit.mark}")


@pytest.mark.slow
@pytest.mark.parametrize("half", HALVES)
def test_no_probe_finds_a_row_of_another_unit(fresh, half):
    ids = read_ids(db.session())
    prober, tally = Prober(fresh, ids, half), Tally()
    people = browsers(fresh)
    db.session.remove()
    # Fifty threads take turns at ten connections; on a busy machine that is a long queue, and no fault.
    db.engine.pool._timeout = PATIENCE
    local = threading.local()

    def one(probe: Any) -> None:
        if not hasattr(local, "people"):
            local.people = {role: _twin(browser) for role, browser in people.items()}
        _send(local.people, tally, probe)

    with ThreadPoolExecutor(THREADS) as hands:
        list(hands.map(one, (prober.probe() for _ in range(PROBES // len(HALVES)))))
    assert tally.asked == PROBES // len(HALVES)
    assert tally.answered > tally.asked // 20
    assert not tally.leaks, "\n".join(tally.leaks[:50])
    assert not tally.faults, "\n".join(tally.faults[:50])
