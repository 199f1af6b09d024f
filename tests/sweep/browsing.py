"""Browsers of all roles, and what an answer means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.db import db
from app.directories.inspectors.models import Inspector
from app.matching.models import Assignment
from app.security.models import Account, Agency
from app.security.scope import Scope
from tests.conftest import _Browser
from tests.sweep.matrix import EVERYBODY, PUBLIC
from tests.sweep.world import HOME

CLOSED = frozenset({401, 403, 404})
SHORT = {"Accept": "application/json"}
"""Refusals come as JSON, which is quicker than a page; pages stay pages."""

PACKED = frozenset({"application/zip", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"})
"""Answers that are no text."""


@dataclass(frozen=True)
class Traces:
    """How far the history of rows, the log and the outbox have come."""

    rows: int
    events: int
    jobs: int


TRACES = "SELECT " + ", ".join(
    f"(SELECT coalesce(max(id), 0) FROM {name})" for name in ("row_history", "event", "outbox")
)


def traces() -> Traces:
    found = db.session.execute(text(TRACES)).one()
    db.session.rollback()
    return Traces(*found)


def browsers(app: Flask, locale: str = "zh_CN") -> dict[str, FlaskClient]:
    session = db.session()
    session.info["scope"] = Scope.system("browsers of the sweep")
    ids: dict[str, Any] = dict(session.execute(select(Account.username, Account.id)).tuples().all())
    ids["inspector"] = session.scalars(
        select(Inspector.user_id)
        .join(Assignment, Assignment.inspector_id == Inspector.id)
        .join(Agency, Agency.id == Assignment.agency_id)
        .where(Agency.code == f"POLICE-{HOME}", Assignment.state == "confirmed")
        .order_by(Assignment.id)
        .limit(1)
    ).one()
    session.rollback()
    made = {}
    for name in EVERYBODY:
        made[name] = _Browser(app, app.response_class, use_cookies=True)
        if name != PUBLIC:
            made[name].sign_in(ids[name], locale)
            continue
        with made[name].session_transaction() as kept:
            kept["locale"] = locale
    return made


def is_open(answer: Any) -> bool:
    """Whether the route let the person in; the way to the log-in is a closed door."""
    if answer.status_code == 302 and answer.location and "/login/" in answer.location:
        return False
    return answer.status_code not in CLOSED
