"""Tokens of programs obey the rules of log-in, and stop at once."""

from __future__ import annotations

import pytest

from app.security.login.places import one_time_codes, second_factors
from tests.security.login.people import NEW, account_of, change, lines, password_of, set_policy

LOGIN, REFRESH, TARGETS = (
    "/api/v1/security/login",
    "/api/v1/security/refresh",
    "/api/v1/targets/?q=(page_size:1)",
)


def ask(client, home, name="police_clerk", **more):
    body = {"username": name, "password": password_of(home), "provider": "db", **more}
    return client.post(LOGIN, json=body)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def token(client_as, home):
    return ask(client_as(None), home, refresh=True).json


def test_a_token_and_its_renewal(client_as, token):
    client = client_as(None)
    assert client.get(TARGETS, headers=bearer(token["access_token"])).status_code == 200
    fresh = client.post(REFRESH, headers=bearer(token["refresh_token"]))
    assert fresh.status_code == 200
    assert client.get(TARGETS, headers=bearer(fresh.json["access_token"])).status_code == 200
    assert client.get(TARGETS, headers=bearer(token["refresh_token"])).status_code == 401
    assert client.post(REFRESH, headers=bearer(token["access_token"])).status_code == 401
    assert lines("log_in", 1)[0].detail == "password (api)"


def stops(client, token):
    return {
        client.get(TARGETS, headers=bearer(token["access_token"])).status_code,
        client.post(REFRESH, headers=bearer(token["refresh_token"])).status_code,
    }


def test_it_stops_when_the_account_is_disabled_or_left(client_as, token, app, clock):
    change(app, "police_clerk", active=False)
    assert stops(client_as(None), token) == {401}
    change(app, "police_clerk", active=True)
    assert stops(client_as(None), token) == {200}
    change(app, "police_clerk", left_at=clock.now())
    assert stops(client_as(None), token) == {401}


def test_it_stops_with_the_password(client_as, token, home):
    form = {"old": password_of(home), "new": NEW, "again": NEW}
    assert client_as("police_clerk").post("/me/password", data=form).status_code == 302
    assert stops(client_as(None), token) == {401}


def test_it_stops_when_it_is_ended_in_the_list_of_sessions(client_as, token, session):
    from sqlalchemy import select

    from app.security.login.models import LoginSession

    client, table = client_as("police_clerk"), LoginSession.__table__
    number = session.scalar(
        select(table.c.id).where(table.c.kind == "api").order_by(table.c.id.desc()).limit(1)
    )
    assert "令牌" in client.get("/me/sessions").text
    client.post(f"/me/sessions/{number}/end")
    assert stops(client_as(None), token) == {401}


def test_it_ends_with_the_longest_time_of_a_session(client_as, token, clock):
    clock.advance(hours=12)
    assert stops(client_as(None), token) == {401}


@pytest.mark.parametrize(
    "header", ["Bearer x.y.z", "Bearer ", "Bearer", "Basic eDp5", "Bearer " + "a" * 5000, "Bearer ÿ"]
)
def test_forged_ones_open_nothing(client_as, header):
    answer = client_as(None).get(TARGETS, headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_token_without_a_session_of_ours_opens_nothing(app, client_as):
    from flask_jwt_extended import create_access_token

    for claims in ({}, {"sid": 987654321}, {"sid": "1"}, {"sid": None}):
        token = create_access_token(identity=str(account_of("police_clerk").id), additional_claims=claims)
        assert client_as(None).get(TARGETS, headers=bearer(token)).status_code == 401, claims


def test_five_failures_lock_here_too(client_as, home):
    client = client_as(None)
    for _ in range(5):
        assert ask(client, home, password="wrong").status_code == 401  # noqa: S106
    assert ask(client, home).status_code == 401
    assert account_of("police_clerk").locked_until is not None


def test_a_password_that_must_be_changed_gives_none(client_as, home, app, clock):
    change(app, "police_clerk", must_change_password=True, password_changed_at=clock.now())
    answer = ask(client_as(None), home)
    assert answer.status_code == 401
    assert answer.json["message"]
    change(app, "police_clerk", must_change_password=False)
    set_policy(app, expiry_days=1)
    clock.advance(days=1)
    assert ask(client_as(None), home).status_code == 401


def test_who_needs_a_second_factor_and_has_none_gets_none(client_as, home, app):
    set_policy(app, second_factor_roles=["clerk"])
    answer = ask(client_as(None), home)
    assert answer.status_code == 401
    assert lines("log_in", 1)[0].detail == "pending: factor (api)"


@pytest.fixture
def with_factor(app):
    """Somebody who has a second factor whose code is 123456."""
    mine = account_of("police_clerk").id

    def kinds(session, user_id):
        return ["totp"] if user_id == mine else []

    def check(unit, user_id, code):
        return "totp" if user_id == mine and code == "123456" else None

    second_factors.add(kinds)
    one_time_codes.add(check)
    yield
    second_factors._things[:] = [pair for pair in second_factors._things if pair[1] is not kinds]
    one_time_codes._things[:] = [pair for pair in one_time_codes._things if pair[1] is not check]


def test_with_a_second_factor_its_code_is_asked_for(client_as, home, with_factor):
    client = client_as(None)
    assert ask(client, home).status_code == 401
    assert account_of("police_clerk").fail_login_count in {0, None}
    assert ask(client, home, otp="000000").status_code == 401
    assert account_of("police_clerk").fail_login_count == 1
    assert ask(client, home, otp="123456").status_code == 200
    assert account_of("police_clerk").fail_login_count == 0


def test_on_the_page_the_second_step_comes_and_nothing_is_open_before(client_as, home, with_factor):
    client = client_as(None)
    answer = client.post("/login/", data={"username": "police_clerk", "password": password_of(home)})
    assert answer.location == "/login/second"
    assert client.get("/tasks/").status_code == 302
    with client.session_transaction() as kept:
        assert set(kept["half"]) == {"user", "at"}
        assert "_user_id" not in kept
        assert "token" not in kept


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b'{"username": 1, "password": 2}',
        b'{"username": "x"}',
        b'{"username": null}',
        b"\xff",
    ],
)
def test_nonsense_is_refused_with_a_sentence(client_as, body):
    answer = client_as(None).post(LOGIN, data=body, content_type="application/json")
    assert answer.status_code in {400, 401}
    assert answer.json["message"]


def test_another_provider_is_refused(client_as, home):
    assert ask(client_as(None), home, provider="ldap").status_code == 400
