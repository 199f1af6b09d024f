"""`/me/factors/`: set up, removed, renewed; and the administrator's reset."""

from __future__ import annotations

import re
from urllib.parse import quote

import pyotp
import pytest
from sqlalchemy import text

from app.security.login.factors import queries
from tests.conftest import DEMO_PASSWORD
from tests.security.factors.authenticator import Authenticator
from tests.security.factors.conftest import HOST, ORIGIN, codes_on, is_in, secret_on

WHO, POLICY = (
    "police_clerk",
    "UPDATE security_policy SET second_factor_roles = :roles, second_factor_offices = false",
)


@pytest.fixture
def required(session):
    """The policy asks clerks for a second factor."""
    session.execute(text(POLICY), {"roles": '["clerk"]'})
    session.commit()


def test_one_time_codes_are_set_up_on_the_page(client_as, clock, account, session, log):
    client = client_as(WHO)
    assert client.post("/me/factors/totp/begin").location == "/me/factors/totp"
    page = client.get("/me/factors/totp")
    assert page.headers["Cache-Control"] == "no-store"
    assert "<svg" in page.text
    secret = secret_on(page.text)
    wrong = client.post("/me/factors/totp", data={"code": "12 34"}).text
    assert "六位数字" in wrong
    assert secret_on(wrong) == secret
    done = client.post("/me/factors/totp", data={"code": pyotp.TOTP(secret).at(clock.now())})
    assert len(codes_on(done.text)) == 10
    assert done.headers["Cache-Control"] == "no-store"
    assert queries.factors_of(session, account(WHO).id) == ["totp"]
    after = client.get("/me/factors/").text
    assert secret not in after.replace(" ", "")
    assert codes_on(after) == []
    assert client.get("/me/factors/totp").location == "/me/factors/"
    assert ("factor_added", "ok", "totp") in log()


def test_the_secret_stands_only_on_the_page_and_in_the_app(client_as, session):
    client = client_as(WHO)
    client.post("/me/factors/totp/begin")
    secret = secret_on(client.get("/me/factors/totp").text)
    with client.session_transaction() as kept:
        assert secret not in str(dict(kept))
    for table in ("event", "security_log", "row_history"):
        rows = session.execute(
            text(f"SELECT count(*) FROM {table} t WHERE t::text LIKE :s"), {"s": f"%{secret}%"}
        )
        assert rows.scalar_one() == 0


def test_a_security_key_is_added_on_the_page(client_as, account, session):
    client, key = client_as(WHO), Authenticator(ORIGIN, HOST)
    answer = key.create(client.post("/me/factors/keys/options").json)
    unnamed = client.post("/me/factors/keys/new", data={"name": "  ", "answer": answer})
    assert "1 到 60 个字" in unnamed.text
    again = client.post("/me/factors/keys/new", data={"name": "蓝色", "answer": answer})
    assert "已经回答过" in again.text, "a challenge is used up by any answer"
    answer = key.create(client.post("/me/factors/keys/options").json)
    done = client.post("/me/factors/keys/new", data={"name": "蓝色", "answer": answer})
    assert len(codes_on(done.text)) == 10
    assert "蓝色" in client.get("/me/factors/").text
    assert queries.factors_of(session, account(WHO).id) == ["webauthn"]


def test_another_person_s_key_is_refused_on_the_page(client_as, with_key):
    foreign, client = with_key("police_reviewer"), client_as(WHO)
    answer = foreign.create(client.post("/me/factors/keys/options").json)
    refused = client.post("/me/factors/keys/new", data={"name": "x", "answer": answer})
    assert "已被使用" in refused.text


GARBAGE = ["x" * 100_000, "\x00\x01\r\n", "<script>{{ 7*7 }}'--", "9" * 40, "-1", '{"a":[', "\ud83d"]
POSTS = [
    ("/me/factors/totp", WHO, ("code",)),
    ("/me/factors/totp/begin", WHO, ("code",)),
    ("/me/factors/keys/new", WHO, ("name", "answer")),
    ("/me/factors/keys/options", WHO, ("name",)),
    ("/me/factors/codes", WHO, ("reason",)),
    ("/login/second", None, ("code", "answer")),
    ("/security-policy/factors", "secadmin", ("name", "reason")),
]


@pytest.mark.parametrize(("address", "name", "fields"), POSTS, ids=[p[0] for p in POSTS])
def test_garbage_gets_an_answer_and_changes_nothing(
    client_as, half_in, with_key, session, address, name, fields
):
    with_key("police_reviewer")
    client = client_as(name) if name else half_in("police_reviewer")
    for junk in GARBAGE:
        data = "&".join(f"{field}={quote(junk, errors='surrogatepass')}" for field in fields)
        answer = client.post(address, data=data, content_type="application/x-www-form-urlencoded")
        assert answer.status_code < 500, (address, junk[:10])
    assert session.execute(text("SELECT count(*) FROM security_key")).scalar_one() == 1
    assert session.execute(text("SELECT count(*) FROM factor_reset")).scalar_one() == 0


def test_where_browsers_refuse_security_keys_they_are_not_offered(app, client_as, with_key, half_in):
    from dataclasses import replace

    with_key(WHO)
    app.extensions["settings"] = replace(app.extensions["settings"], base_url="http://127.0.0.1:8080")
    client = client_as(WHO)
    assert "/me/factors/keys/new" not in client.get("/me/factors/").text
    assert client.get("/me/factors/keys/new").location == "/me/factors/"
    refused = client.post("/me/factors/keys/options")
    assert refused.status_code == 409
    assert "https" in refused.json["message"]
    assert "security-key" not in half_in(WHO).get("/login/second").text


def test_removing_asks_for_the_password_again_and_is_logged(
    client_as, with_totp, clock, account, session, log
):
    with_totp(WHO)
    client = client_as(WHO)
    client.ages = True
    clock.advance(minutes=20)
    question = client.post("/me/factors/totp/remove")
    assert "fresh_password" in question.text
    assert queries.factors_of(session, account(WHO).id) == ["totp"]
    wrong = client.post("/me/factors/totp/remove", data={"fresh_password": "nonsense"})
    assert wrong.status_code == 401
    assert queries.factors_of(session, account(WHO).id) == ["totp"]
    client.post("/me/factors/totp/remove", data={"fresh_password": DEMO_PASSWORD})
    assert queries.factors_of(session, account(WHO).id) == []
    assert ("factor_removed", "ok", "totp") in log()


def test_a_stranger_s_key_is_not_there(client_as, with_key, session):
    with_key(WHO)
    pk = session.execute(text("SELECT id FROM security_key")).scalar_one()
    for bad in (pk, 0, "9" * 30, "x", "１"):
        assert client_as("police_reviewer").post(f"/me/factors/keys/{bad}/remove").status_code == 404
    assert client_as(WHO).post(f"/me/factors/keys/{pk}/remove").location == "/me/factors/"
    assert session.execute(text("SELECT count(*) FROM security_key")).scalar_one() == 0


def test_new_recovery_codes_are_shown_once(client_as, with_totp):
    with_totp(WHO)
    client = client_as(WHO)
    assert len(codes_on(client.post("/me/factors/codes").text)) == 10
    assert codes_on(client.get("/me/factors/").text) == []
    nothing = client_as("police_reviewer").post("/me/factors/codes")
    assert nothing.location == "/me/factors/"


def test_whoever_must_have_a_factor_sees_only_the_page_to_set_one_up(client_as, required, clock):
    client = client_as(None)
    assert client.post("/login/", data={"username": WHO, "password": DEMO_PASSWORD}).location == "/"
    for address in ("/", "/tasks/", "/me/account", "/search?q=a"):
        assert client.get(address).location == "/me/factors/", address
    assert "setup" not in client.get("/me/factors/").text
    clock.advance(minutes=20)
    client.post("/me/factors/totp/begin")
    secret = secret_on(client.get("/me/factors/totp").text)
    done = client.post("/me/factors/totp", data={"code": pyotp.TOTP(secret).at(clock.now())})
    assert len(codes_on(done.text)) == 10
    assert is_in(client)
    last = client.post(
        "/me/factors/totp/remove", data={"fresh_password": DEMO_PASSWORD}, follow_redirects=True
    )
    assert "先设置另一种" in last.text


@pytest.mark.rule("R-30.1")
def test_the_security_administrator_resets_factors_and_the_person_is_told(
    client_as, with_totp, half_in, clock, account, session, log
):
    totp, _ = with_totp(WHO)
    theirs = half_in(WHO)
    theirs.post("/login/second", data={"code": totp.at(clock.now())})
    assert is_in(theirs)
    office = client_as("secadmin")
    page = office.get(f"/security-policy/factors?name={WHO}").text
    assert re.search(r"name=\"reason\"", page)
    assert office.post("/security-policy/factors", data={"name": WHO, "reason": " "}).status_code == 422
    done = office.post("/security-policy/factors", data={"name": WHO, "reason": "手机丢失，电话核实"})
    assert done.location == "/security-policy/factors"
    assert queries.factors_of(session, account(WHO).id) == []
    assert ("factors_reset", "ok", "totp: 手机丢失，电话核实") in log()
    assert not is_in(theirs), "sessions end with the factors"
    again = client_as(None)
    assert again.post("/login/", data={"username": WHO, "password": DEMO_PASSWORD}).location == "/"
    assert "手机丢失，电话核实" in again.get("/").text
    again.post("/logout/")
    again.post("/login/", data={"username": WHO, "password": DEMO_PASSWORD})
    assert "手机丢失" not in again.get("/").text


@pytest.mark.parametrize("name", ["office", "sysadmin", "auditadmin", "police_admin", WHO])
def test_nobody_else_resets_factors(client_as, with_totp, account, session, name):
    with_totp(WHO)
    client = client_as(name)
    assert client.get("/security-policy/factors").status_code == 404
    assert client.post("/security-policy/factors", data={"name": WHO, "reason": "because"}).status_code == 404
    assert queries.factors_of(session, account(WHO).id) == ["totp"]


def test_the_security_administrator_does_not_reset_the_own_factors(client_as, with_totp):
    with_totp("secadmin")
    answer = client_as("secadmin").post(
        "/security-policy/factors", data={"name": "secadmin", "reason": "verloren"}
    )
    assert answer.status_code == 422
    assert "另一位安全管理员" in answer.text
