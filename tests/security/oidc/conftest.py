"""A portal that knows a provider, and a browser that goes there and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from oidc_provider_mock import User, run_server_in_thread
from sqlalchemy import select

from app.kernel.claim_mapping import read_mapping
from app.kernel.clock import SystemClock
from app.security.models import Account, SecurityLog
from config import OidcSettings
from tests.security.oidc.provider import CLIENT, Liar, running

BASE = "https://portal.example.cn"
MAPPING: dict[str, Any] = {
    "scopes": ["openid", "profile", "phone", "email"],
    "account": [{"claim": "employee_number", "field": "username"}],
    "second_factor": {"amr": ["otp"], "acr": ["urn:level:2"]},
}
PEOPLE = [
    User(sub="s-clerk", claims={"employee_number": "police_clerk", "name": "示例"}),
    User(sub="s-strong", claims={"employee_number": "police_clerk", "amr": ["pwd", "otp"]}),
    User(sub="s-nobody", claims={"employee_number": "no_such_account"}),
    User(sub="s-empty", claims={}),
    User(sub="s-other", claims={"employee_number": "police_clerk"}),
    User(
        sub="s-agency",
        claims={"employee_number": "police_clerk", "department": "0101", "groups": ["x", "chk"]},
    ),
    User(sub="s-far", claims={"employee_number": "police_clerk", "department": "0202", "groups": ["chk"]}),
    User(sub="s-unmapped", claims={"employee_number": "police_clerk", "department": "9", "groups": ["y"]}),
    User(sub="s-phone", claims={"phone_number": "+86 139-0000 4711", "phone_number_verified": True}),
    User(sub="s-unproved", claims={"phone_number": "+86 139-0000 4711", "phone_number_verified": False}),
]


@pytest.fixture
def configure(app: Flask) -> Iterator[Callable[..., OidcSettings]]:
    """Single sign-on with a provider, as settings would; the machine's clock, by which tokens go."""
    before, clock = app.extensions["settings"], app.extensions["clock"]

    def set_up(issuer: str, mapping: dict[str, Any] | None = None, **changes: Any) -> OidcSettings:
        text = json.dumps(mapping or MAPPING)
        given: dict[str, Any] = {
            "client_secret": "s3cret",
            "ca_file": None,
            "label": "政务统一认证",
        } | changes
        oidc = OidcSettings(issuer=issuer, client_id=CLIENT, mapping=read_mapping(text), **given)
        app.extensions["settings"] = replace(before, base_url=BASE, oidc=oidc)
        app.extensions["clock"] = SystemClock()
        return oidc

    yield set_up
    app.extensions["settings"], app.extensions["clock"] = before, clock
    app.extensions.pop("oidc", None)


@pytest.fixture(scope="session")
def honest() -> Iterator[str]:
    """The address of a real provider, live on loopback."""
    with run_server_in_thread(user_claims=PEOPLE, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def liar() -> Iterator[Liar]:
    with running(Liar()) as found:
        yield found


def question(client: FlaskClient, **query: str) -> dict[str, str]:
    """What the browser carries to the provider."""
    answer = client.get("/login/sso", query_string=query)
    assert answer.status_code == 302, answer.text
    return {k: v[0] for k, v in parse_qs(urlsplit(answer.location).query).items()} | {"url": answer.location}


def there_and_back(client: FlaskClient, sub: str, **query: str) -> Any:
    """Sign on at the real provider as `sub`; the portal's answer to what comes back."""
    asked = question(client, **query)
    answer = requests.post(asked["url"], data={"sub": sub}, allow_redirects=False, timeout=5)
    assert answer.headers["Location"].startswith(f"{BASE}/login/sso/callback?"), answer.text
    return client.get(answer.headers["Location"].removeprefix(BASE))


def lied_to(client: FlaskClient, liar: Liar, **changes: Any) -> Any:
    """The portal's answer to the liar's."""
    asked = question(client)
    liar.nonce, liar.challenge = asked["nonce"], asked["code_challenge"]
    return client.get("/login/sso/callback", query_string={"code": "c", "state": asked["state"]} | changes)


@pytest.fixture
def refusals(session: Any) -> Callable[[], list[str]]:
    """Details of `sso_refused` in the security log."""
    log = SecurityLog.__table__
    return lambda: list(
        session.scalars(select(log.c.detail).where(log.c.action == "sso_refused").order_by(log.c.id))
    )


@pytest.fixture
def account(session: Any) -> Callable[[str], Account]:
    return lambda name: session.scalars(select(Account).where(Account.username == name)).one()


def is_in(client: FlaskClient) -> bool:
    return client.get("/", headers={"Accept": "text/html"}).status_code == 200
