"""A portal at a name that browsers accept for security keys, people with factors, and browsers half-way in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import Actor, db, unit_of_work
from app.security.login.factors import services
from app.security.login.factors.models import TotpFactor
from app.security.login.factors.rules import RelyingParty
from app.security.models import Account, SecurityLog
from app.security.scope import Scope
from app.security.scoping import unscoped
from tests.conftest import DEMO_PASSWORD
from tests.security.factors.authenticator import Authenticator

ORIGIN, HOST = "https://portal.example.cn", "portal.example.cn"


@pytest.fixture(autouse=True)
def at_a_name(app: Flask):
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, base_url=ORIGIN)
    yield
    app.extensions["settings"] = before


@pytest.fixture
def system(app: Flask, clock: Any):
    return lambda: unit_of_work(Actor.system("log-in"), Scope.system("test"), clock)


@pytest.fixture
def account(session: Any) -> Callable[[str], Account]:
    return lambda name: session.scalars(select(Account).where(Account.username == name)).one()


@pytest.fixture
def with_totp(system: Any, account: Any, clock: Any) -> Callable[[str], tuple[pyotp.TOTP, list[str]]]:
    """The person gets one-time codes; gives what makes them, and the recovery codes. The clock then moves on."""

    def make(name: str) -> tuple[pyotp.TOTP, list[str]]:
        user_id = account(name).id
        with system() as unit:
            secret = services.offer_totp(unit, user_id).secret
            codes = services.confirm_totp(unit, user_id, pyotp.TOTP(secret).at(clock.now()), clock.now())
        clock.advance(seconds=60)
        return pyotp.TOTP(secret), codes

    return make


@pytest.fixture
def with_key(system: Any, account: Any) -> Callable[..., Authenticator]:
    """The person gets a security key."""

    def make(name: str, key_name: str = "蓝色钥匙", **kind: Any) -> Authenticator:
        key, who, party = Authenticator(ORIGIN, HOST, **kind), account(name), PARTY
        with system() as unit:
            number, options = services.offer_key(unit, who, party, "portal")
            challenge = services.take_challenge(unit, who.id, "add", number)
            services.add_key(unit, who, party, challenge, key.create(options), key_name)
        return key

    return make


@pytest.fixture
def half_in(client_as: Any) -> Callable[[str], FlaskClient]:
    """A browser in which name and password were right."""

    def make(name: str) -> FlaskClient:
        client = client_as(None)
        answer = client.post("/login/", data={"username": name, "password": DEMO_PASSWORD})
        assert answer.location == "/login/second", answer.location
        return client

    return make


@pytest.fixture
def log(session: Any) -> Callable[[], list[tuple[str, str, str]]]:
    """(action, outcome, detail) of the security log, oldest first."""

    def read() -> list[tuple[str, str, str]]:
        table = SecurityLog.__table__
        rows = session.execute(select(table.c.action, table.c.outcome, table.c.detail).order_by(table.c.id))
        return [tuple(row) for row in rows]

    return read


def secret_on(page: str) -> str:
    found = re.search(r"data-secret>([A-Z2-7 ]+)<", page)
    assert found, page
    return found.group(1).replace(" ", "")


def codes_on(page: str) -> list[str]:
    return re.findall(r'<li class="eh-mono">([A-Z0-9 ]+)</li>', page)


def stored(user_id: int) -> TotpFactor:
    with unscoped(db.session(), "test"):
        return db.session().get(TotpFactor, user_id, populate_existing=True)


def is_in(client: FlaskClient) -> bool:
    return client.get("/", headers={"Accept": "text/html"}).status_code == 200


PARTY = RelyingParty(HOST, ORIGIN)
