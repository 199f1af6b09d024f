"""Every POST route, for every role, with what nobody should send: no fault, and never half a change."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import text

from app.db import db
from tests.sweep import matrix
from tests.sweep.addresses import is_about_a_row, values
from tests.sweep.browsing import SHORT, browsers, is_open, traces
from tests.sweep.forms import forms_in
from tests.sweep.test_reading import address, routes
from tests.sweep.world import SECRET, Ids
from tests.sweep.world import ids as read_ids

# Without a form of their own on a page: what their buttons send.
USUAL = (
    "reason", "evidence", "text", "version", "remarks", "basis", "action", "rowid", "target", "included",
    "membership", "locale", "next", "value", "nonce", "commitment", "witness", "skip_bad", "first_day",
)  # fmt: skip
GARBAGE = {
    "long": "x" * 100_000,
    "control": "\x00\x01\x1b\r\nX-Evil: y",
    "mixed": "<script>alert(1)</script>'; DROP TABLE task; --{{ 7*7 }}{% raise %}=cmd|' /C calc'!A0",
    "number": "9" * 40,
    "negative": "-1",
    "float": "1e309",
    "day": "2026-13-45",
    "json": '{"a":[',
}
ENDS_THE_SESSION = {"/logout/"}
COUNTED = ("/me/password", "/me/confirm")
"""A wrong password is counted."""


def _fields(browser: Any, url: str) -> dict[str, list[str]]:
    """The form as the page offers it, else the usual names."""
    page = browser.get(url, headers=SHORT)
    if page.status_code == 200 and page.mimetype == "text/html":
        found = forms_in(url, page.get_data(as_text=True)).get(url)
        if found:
            return {name: given for name, given in found.items() if name != "csrf_token"}
    return {name: [""] for name in USUAL}


class _Sender:
    """Sends, and notes faults and changes that are only half."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def send(self, role: str, browser: Any, url: str, what: str, body: Any) -> Any:
        before = traces()
        kind = {"content_type": "application/x-www-form-urlencoded"} if isinstance(body, str) else {}
        answer = browser.post(url, data=body, headers=SHORT, **kind)
        after = traces()
        changed, told = before.rows != after.rows, before.events != after.events
        if answer.status_code >= 500:
            self.faults.append(f"{role} {url} {what}: {answer.status_code}")
        if before != after and answer.status_code >= 400 and not url.startswith(COUNTED):
            self.faults.append(f"{role} {url} {what}: refused with {answer.status_code}, and yet changed")
        if changed and not told and not url.startswith(("/me/", "/messages/", "/login/")):
            self.faults.append(f"{role} {url} {what}: changed without an event")
        if SECRET.encode() in answer.get_data() and role != "region_office":
            self.faults.append(f"{role} {url} {what}: shows another city")
        return answer


def test_every_act_by_every_role_with_every_kind_of_garbage(fresh):
    ids, people, sender = read_ids(db.session()), browsers(fresh), _Sender()
    declared = {path: roles for (method, path), roles in matrix.read().items() if method == "POST"}
    wrong = []
    for rule in routes(fresh, "POST"):
        own = values(rule, ids.own)
        if own is None or rule.rule in ENDS_THE_SESSION:
            continue
        url = address(rule, own)
        let_in = set()
        for role, browser in people.items():
            if is_open(sender.send(role, browser, url, "empty", {})):
                let_in.add(role)
        if declared.get(rule.rule) != frozenset(let_in):
            wrong.append(matrix.line("POST", rule.rule, let_in))
        for role in sorted(let_in)[:1]:
            _garbage(sender, role, people[role], url)
        _foreign(sender, rule, ids, people, let_in)
    assert not sender.faults, "\n".join(sender.faults)
    assert not wrong, "\n".join(wrong)


def _garbage(sender: _Sender, role: str, browser: Any, url: str) -> None:
    fields = _fields(browser, url)
    surrogates = "&".join(f"{quote(name)}=%ED%A0%80" for name in fields)
    sender.send(role, browser, url, "surrogates", surrogates)
    for what, value in GARBAGE.items():
        sender.send(role, browser, url, what, dict.fromkeys(list(fields)[:12], value))
    if "version" in fields:
        sender.send(role, browser, url, "stale", {**fields, "version": "0"})


def _foreign(sender: _Sender, rule: Any, ids: Ids, people: Any, let_in: set[str]) -> None:
    keys = values(rule, ids.foreign)
    if keys is None or not is_about_a_row(rule):
        return
    for role in sorted(let_in - {"region_office", "public"})[:2]:
        answer = sender.send(role, people[role], address(rule, keys), "foreign", {})
        if answer.status_code != 404:
            sender.faults.append(f"{role} {address(rule, keys)}: {answer.status_code} for a foreign key")


def _make_expert(app: Flask, code: str) -> int:
    browser = browsers(app)["police_admin"]
    form = {"code": code, "name": "双击示例", "institution": "示例大学", "qualification": "", "phone": ""}
    return browser.post("/experts/add", data=form, headers=SHORT).status_code


def _times(code: str) -> int:
    found = db.session.execute(
        text("SELECT count(*) FROM expert WHERE code = :code"), {"code": code}
    ).scalar_one()
    db.session.rollback()
    return found


def test_sent_twice_it_is_stored_once(fresh):
    first, second = _make_expert(fresh, "TWICE-1"), _make_expert(fresh, "TWICE-1")
    assert (first, second) == (302, 200)
    assert _times("TWICE-1") == 1


def test_sent_by_two_hands_at_once_it_is_stored_once(fresh):
    def send(_: int) -> int:
        with fresh.app_context():
            return _make_expert(fresh, "TWICE-2")

    with ThreadPoolExecutor(2) as hands:
        answers = sorted(hands.map(send, range(2)))
    assert answers == [200, 302]
    assert _times("TWICE-2") == 1


def test_the_text_of_a_fault_is_shown_as_text(fresh):
    browser = browsers(fresh)["police_admin"]
    form = {"code": "<script>x</script>", "name": "", "institution": ""}
    page = browser.post("/experts/add", data=form, headers=SHORT).get_data(as_text=True)
    assert re.search(r"<script>x", page) is None
    assert "&lt;script&gt;x" in page


@pytest.mark.parametrize("path", ["/imports/targets/new", "/imports/inspectors/new"])
def test_a_file_that_is_no_table_is_refused_with_a_sentence(fresh, path):
    from io import BytesIO

    browser, before = browsers(fresh)["police_admin"], traces()
    for name, content in (
        ("x.xlsx", b"PK\x03\x04broken"),
        ("x.csv", b"\xff\xfe\x00\x01"),
        ("x.exe", b"MZ"),
        ("", b""),
    ):
        answer = browser.post(path, data={"file": (BytesIO(content), name), "mode": "update"}, headers=SHORT)
        assert answer.status_code in {200, 302, 400, 422}, name
    assert traces().rows == before.rows
