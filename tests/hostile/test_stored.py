"""What was stored stays text: in every page that shows it later, in every file that is handed out.

Hostile strings come in through every form, a file of targets and the interface, and stay. Then every page and every
file is asked for, and links in pages that show them are followed.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import text

from app.db import db
from app.directories.sources.services.registering import register_system
from app.kernel.identifiers import make_uscc
from app.web.demo.actors import acting_as
from app.web.demo.checking import run_jobs
from tests.hostile.hits import hits_in
from tests.hostile.inputs import Door, doors
from tests.hostile.sending import Sender, Tally
from tests.hostile.strings import FORMULA, MARK, SCRIPT, TEMPLATE, Hostile, filled, hostile_strings
from tests.hostile.tables import in_csv, in_file
from tests.hostile.throwing import Thrower
from tests.sweep.browsing import SHORT, browsers
from tests.sweep.world import ids as read_ids

FULL = bool(os.environ.get("FULL"))
TARGETS = 5000 if FULL else 200
FOLLOWED = 1500 if FULL else 120
"""Links in pages that show a stored string."""
MAKING = re.compile(
    r"/(add|new|edit|declare|ask|change|note|keep|save|invite|evidence|reason|remarks|import)\b"
)
NOT_TOUCHED = re.compile(
    r"^/(login|logout|me/(password|sessions|factors)|people|setup|roles|security|oidc|console|ops)"
)
"""Acts on people and sessions: the browsers would lose theirs."""
_LINK = re.compile(r'href="(/[^"#]*)"')


class Keeper(Sender):
    """Sends, and what is stored stays."""

    def _once(self, role: str, method: str, url: str, **request: Any) -> tuple[Any, float]:
        self.people[role]._cookies = dict(self._kept[role])
        return self.people[role].open(url, method=method, **request), 0.0


@dataclass
class World:
    people: dict[str, Any]
    doors: list[Door]
    tally: Tally
    tables: set[str] = field(default_factory=set)
    read: int = 0
    files: int = 0


def _texts() -> list[Hostile]:
    """Short ones, because what is too long is not stored."""
    known = [Hostile(filled(text), "known") for text in (*SCRIPT, *FORMULA, *TEMPLATE)]
    others = [one for one in hostile_strings(1000) if len(one.text) < 60]
    return [pair for pairs in zip(known, others, strict=False) for pair in pairs]


@pytest.fixture(scope="module")
def world(fresh_once: Any) -> Iterator[World]:
    people = browsers(fresh_once)
    made = World(people, doors(fresh_once, read_ids(db.session()), people), Tally())
    begun = db.session.execute(text("SELECT coalesce(max(id), 0) FROM row_history")).scalar_one()
    _by_file(made)
    _by_interface(made)
    _by_forms(fresh_once, made)
    run_jobs()
    changed = text("SELECT DISTINCT table_name FROM row_history WHERE id > :id AND after::text ILIKE :mark")
    made.tables = set(db.session.scalars(changed, {"id": begun, "mark": f"%{MARK}%"}))
    db.session.rollback()
    yield made


def _rows(number: int) -> list[dict[str, str]]:
    texts = [one.text for one in _texts() if one.text.isprintable()]
    turn = [texts[n % len(texts)] for n in range(4 * number)]
    return [
        {
            "code": make_uscc("9", "1", "640104", f"YY9{n:05d}"),
            "name": turn[4 * n], "region": "640104", "address": turn[4 * n + 1],
            "legal_representative": turn[4 * n + 2], "contact": turn[4 * n + 3],
        }
        for n in range(number)
    ]  # fmt: skip


def _by_file(made: World) -> None:
    rows, out, office = _rows(TARGETS), io.StringIO(), made.people["office"]
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    # Besides, a few that are refused: they come back as a table of their own.
    writer.writerows([{**row, "code": row["name"]} for row in rows[:60]])
    sent = {"file": (io.BytesIO(out.getvalue().encode()), f"<{MARK}>.csv"), "mode": "update"}
    answer = office.post("/imports/targets/new", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text[:2000]
    run_jobs()
    for ending in ("bad-rows", "faults.csv"):
        refused = office.get(f"{answer.location.rstrip('/')}/{ending}")
        if refused.status_code == 200:
            made.files += 1
            made.tally.note(ending, in_file(refused.get_data(), refused.mimetype), ending)
    office.post(f"{answer.location}/commit", data={"skip_bad": "yes"})
    run_jobs()


def _by_interface(made: World) -> None:
    with acting_as("office") as unit:
        register_system(unit, code="hostile", name=f"<{MARK}>", agency_id=None)
    sent = [{"source_id": f"<{MARK} {n}>", **row, "address": f"<{MARK}>"} for n, row in enumerate(_rows(40))]
    answer = made.people["office"].post("/api/v1/sync/targets", json={"source": "hostile", "rows": sent})
    made.tally.note("sync", hits_in(answer, repr(sent)), "")
    assert answer.status_code == 200


def _by_forms(app: Any, made: World) -> None:
    """Every act that takes text, in the order of the least harm: what makes and changes before what ends."""
    thrower = Thrower(Keeper(app, made.people, [], made.tally), _texts(), 7)
    posts = [d for d in made.doors if d.method == "POST" and not NOT_TOUCHED.match(d.rule.rule)]
    posts.sort(key=lambda door: (not MAKING.search(door.rule.rule), door.rule.rule))
    for door in posts:
        for role in door.roles[: 3 if FULL else 1]:
            thrower._one_field(door, role)
            thrower._one_field(door, role)


def test_strings_are_stored_in_many_places(world):
    assert len(world.tables) > 12, sorted(world.tables)


def test_no_page_and_no_file_brings_them_to_life(world):
    links: dict[str, str] = {}
    for door in world.doors:
        if door.method != "GET":
            continue
        for role in door.roles[: 14 if FULL else 2]:
            _look(world, role, door.url, links)
    for link, role in list(links.items())[:FOLLOWED]:
        _look(world, role, link, {})
    assert world.read > 400
    assert not world.tally.hits, f"{len(world.tally.hits)} hits\n" + "\n".join(world.tally.hits[:60])


def _look(world: World, role: str, url: str, links: dict[str, str]) -> None:
    answer = world.people[role].get(url.replace("&amp;", "&"), headers=SHORT)
    world.read += 1
    content = answer.get_data()
    world.files += content[:2] == b"PK" or answer.mimetype == "text/csv"
    found = hits_in(answer, MARK) + in_file(content, answer.mimetype)
    world.tally.note(f"{role} {url}", found, url)
    if MARK.encode() in content and answer.mimetype == "text/html":
        for link in _LINK.findall(answer.get_data(as_text=True)):
            links.setdefault(link, role)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("listing", ["targets", "inspectors"])
def test_an_export_computes_nothing(world, listing, kind):
    role = "office" if listing == "targets" else "police_admin"
    with world.people[role].session_transaction() as kept:
        kept["_fresh"] = True
    sent = {"all": "1", "q": MARK if listing == "targets" else "", "format": kind}
    answer = world.people[role].post(f"/exports/{listing}/take", data=sent)
    assert answer.status_code == 200 and answer.mimetype != "text/html", answer.text[:500]
    content = answer.get_data()
    assert listing != "targets" or content[:2] == b"PK" or content.count(MARK.encode()) > TARGETS // 2
    assert not in_file(content, answer.mimetype)


def test_a_table_that_computes_is_seen():
    assert in_csv(b"a,=1\r\n") and in_csv(b"a, =1\r\n") and not in_csv(b"a,'=1\r\n-5,--\r\n")
