"""Hostile strings through every argument, field, part of the path, header and file of every route.

A request in a few ways for each route by default, with strings in turn; `FULL=1` (as `make hostile FULL=1` says) sends
5,000 different ones, every input meeting every family several times.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.db import db
from tests.hostile.inputs import doors
from tests.hostile.sending import Sender, Tally, one_connection
from tests.hostile.strings import MARK, hostile_strings
from tests.hostile.throwing import Thrower
from tests.sweep.browsing import browsers
from tests.sweep.world import ids as read_ids

FULL = bool(os.environ.get("FULL"))
STRINGS = 5000
ROUNDS = int(os.environ.get("ROUNDS", "40")) if FULL else 2


@pytest.fixture(scope="module")
def thrown(fresh_once: Any, home: Path) -> Iterator[Tally]:
    people = browsers(fresh_once)
    found = doors(fresh_once, read_ids(db.session()), people)
    tally = Tally()
    with one_connection(fresh_once) as leaked:
        sender = Sender(fresh_once, people, leaked, tally)
        thrower = Thrower(sender, hostile_strings(STRINGS), 4)
        for number in range(ROUNDS):
            for door in found:
                thrower.throw(door, number)
    tally.inputs, tally.doors = sum(door.inputs for door in found), len(found)
    print(f"{tally.sent} requests, {tally.strings} strings, {tally.doors} routes, {tally.inputs} inputs")
    yield tally


def test_nothing_hits(thrown):
    assert not thrown.hits, f"{len(thrown.hits)} hits\n" + "\n".join(thrown.hits[:80])


def test_the_strings_come_to_where_they_should(thrown):
    assert thrown.doors > 400
    assert thrown.inputs > 3 * thrown.doors
    assert thrown.sent == thrown.doors * ROUNDS
    assert thrown.reached > thrown.sent // 3


def test_no_file_lies_outside_its_folder(thrown, home):
    places = [Path.cwd(), Path(tempfile.gettempdir()), Path("/"), home, home.parent]
    assert not [path for place in places for path in place.iterdir() if MARK in path.name]
    assert not [path for path in home.rglob("*") if MARK in path.name]
