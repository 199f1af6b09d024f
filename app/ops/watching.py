"""After each request of a signed-in person: note a refusal, count the reading of records.

A refusal is written once per person, route and minute. Reading costs a counter in Redis and no query; only the
request that reaches the limit writes a line, which sets off the alert.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from app.db import Unit, db
from app.ops.alerts.rules import MASS_READING, READING_WINDOW, window_of
from app.ops.counters import counters
from app.security.context import Person, current_clock, person, request_unit
from app.security.refusals import is_written, remembered
from app.security.services import note_security

CLOSED = frozenset({403, 404})
NOT_RECORDS = ("static", "appbuilder.static", "JobPage.", "DrawPages.changed", "MessagesView.", "UtilView.")
"""Endpoints with keys in their address that are no reading of records."""


def install(app: Flask) -> None:
    @app.after_request
    def look(response: Response) -> Response:
        who = person()
        if who is not None and request.url_rule is not None:
            if response.status_code in CLOSED or remembered():
                if not is_written():
                    _refused(who)
            elif _is_reading(response):
                _count(who)
        return response


def _refused(who: Person) -> None:
    minute = int(current_clock().now().timestamp() // 60)
    key = f"refused:{who.account.id}:{request.method}:{request.endpoint}:{minute}"
    if counters.hit(current_app.extensions["settings"], key, 120) == 1:
        _write(lambda unit: note_security(unit, "refused", "refused", subject=_route(), detail=_detail()))


def _route() -> str:
    """The rule, not the path: a path may carry the token of a link."""
    return f"{request.method} {request.url_rule.rule if request.url_rule else ''}"


def _detail() -> str:
    keys = [
        f"{k}={v}" for k, v in (request.view_args or {}).items() if str(v).isdecimal() and len(str(v)) < 19
    ]
    return " ".join([*keys, remembered()]).strip()


def _is_reading(response: Response) -> bool:
    if response.status_code != 200 or (request.endpoint or "").startswith(NOT_RECORDS):
        return False
    if "attachment" in response.headers.get("Content-Disposition", ""):
        return True
    return request.method == "GET" and bool(request.view_args)


def _count(who: Person) -> None:
    window = window_of(current_clock().now())
    seconds = int(READING_WINDOW.total_seconds())
    number = counters.hit(
        current_app.extensions["settings"], f"reading:{who.account.id}:{window}", 2 * seconds
    )
    if number == MASS_READING:
        _write(lambda unit: note_security(unit, "mass_reading", "ok", detail=str(number)))


def _write(act: Callable[[Unit], None]) -> None:
    db.session.rollback()
    with request_unit() as unit:
        act(unit)
