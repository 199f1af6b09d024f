"""Requests on one connection whose work is taken back after each, so that every one meets the same world."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy import Connection, event

from app.db import db
from tests.hostile.hits import hits_in
from tests.hostile.strings import MARK, NAP

BINARY = "application/x-www-form-urlencoded"


@dataclass
class Tally:
    """What was sent and what came of it. `slow`: seconds of the slowest answer."""

    sent: int = 0
    reached: int = 0
    strings: int = 0
    hits: list[str] = field(default_factory=list)
    slow: float = 0.0
    doors: int = 0
    inputs: int = 0

    def note(self, where: str, found: list[str], sent: str) -> None:
        self.hits += [f"{where}: {hit} | {sent[:160]!r}" for hit in found]


def encoded(pairs: list[tuple[str, str]]) -> str:
    """As a browser would write it, lone surrogates included."""
    return "&".join(f"{quote(name)}={quote(text, safe='', errors='surrogatepass')}" for name, text in pairs)


@contextmanager
def taken_back(app: Flask) -> Iterator[None]:
    """Everything that is stored within is gone afterwards."""
    connection = db.engines[None]
    outer = connection.begin()
    try:
        yield
    finally:
        db.session.remove()
        outer.rollback()


@contextmanager
def one_connection(app: Flask) -> Iterator[list[str]]:
    """All sessions on one connection. Yields the statements that had an entry in their words."""
    engine = db.engine
    connection: Connection = engine.connect()
    leaked: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if MARK in statement.lower():
            leaked.append(statement[:300])

    db.session.remove()
    event.listen(engine, "before_cursor_execute", look)
    db.engines[None] = connection
    db.session.session_factory.kw["join_transaction_mode"] = "create_savepoint"
    try:
        yield leaked
    finally:
        db.session.remove()
        db.session.session_factory.kw.pop("join_transaction_mode", None)
        db.engines[None] = engine
        event.remove(engine, "before_cursor_execute", look)
        connection.close()


class Sender:
    def __init__(self, app: Flask, people: dict[str, Any], leaked: list[str], tally: Tally) -> None:
        self.app, self.people, self.leaked, self.tally = app, people, leaked, tally
        # An act may log out or choose another language: the next begins as this one began.
        self._kept = {name: dict(browser._cookies) for name, browser in people.items()}

    def send(self, where: str, role: str, method: str, url: str, strings: list[str], **request: Any) -> Any:
        """One request; all that is wrong with its answer goes to the tally under `where`."""
        before = len(self.leaked)
        answer, seconds = self._once(role, method, url, **request)
        sent = url + repr(strings) + "".join(strings)
        found = hits_in(answer, sent)
        found += [f"entry in a statement: {text}" for text in self.leaked[before:]]
        if seconds > NAP - 1 and any("pg_sleep" in text for text in strings):
            again, without = (self._once(role, method, u, **r)[1] for u, r in _awake(url, request))
            if again > NAP - 1 and again > 3 * without:
                found.append(f"slept {again:.1f} s, {without:.1f} s without")
        self.tally.sent += 1
        self.tally.strings += len(strings)
        self.tally.slow = max(self.tally.slow, seconds)
        away = answer.status_code == 302 and "/login" in (answer.location or "")
        self.tally.reached += answer.status_code not in {401, 403, 404} and not away
        self.tally.note(f"{role} {method} {where}", found, " ".join(strings) or url)
        return answer

    def _once(self, role: str, method: str, url: str, **request: Any) -> tuple[Any, float]:
        self.people[role]._cookies = dict(self._kept[role])
        with taken_back(self.app):
            begun = time.perf_counter()
            answer = self.people[role].open(url, method=method, **request)
            return answer, time.perf_counter() - begun


def _awake(url: str, request: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The request once more, and with naps of no length."""
    calm = dict(request)
    if isinstance(calm.get("data"), str):
        calm["data"] = calm["data"].replace("pg_sleep%284%29", "pg_sleep%280%29")
    return [(url, request), (url.replace("pg_sleep%284%29", "pg_sleep%280%29"), calm)]
