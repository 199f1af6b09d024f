"""Answers that prove nothing: each a sentence, nobody logged in, a line in the log."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import text

from tests.security.oidc.conftest import is_in, lied_to, question


def test_a_right_token_logs_in(client_as, configure, liar):
    configure(liar.issuer)
    client = client_as(None)
    assert lied_to(client, liar).location == "/"
    assert is_in(client)


AN_HOUR = 3600
"""A time in a claim, counted from now: names of cases do not change from second to second."""


def _moved(value: Any) -> Any:
    return int(time.time()) + value if value in (AN_HOUR, -AN_HOUR) else value


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": -AN_HOUR},
        {"exp": None},
        {"iat": None},
        {"iat": AN_HOUR},
        {"nbf": AN_HOUR},
        {"iss": "https://elsewhere.example.cn"},
        {"iss": None},
        {"aud": "another-portal"},
        {"aud": ["another-portal", "third"]},
        {"aud": ["portal", "another-portal"]},
        {"aud": None},
        {"azp": "another-portal"},
        {"nonce": "of another log-in"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"exp": "soon"},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused(client_as, configure, liar, refusals, claims):
    configure(liar.issuer)
    client = client_as(None)
    liar.claims = {name: _moved(value) for name, value in claims.items()}
    assert lied_to(client, liar).location == "/login/"
    assert not is_in(client)
    assert "无法核验" in client.get("/login/").text
    assert len(refusals()) == 1
    assert refusals()[0].startswith("sso_token")


def _part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _by_hand(body, secret):
    """Signed with a shared secret, past the library, which refuses public keys as such."""
    signed = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(body)}"
    signature = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _forged(liar, kind):
    body = json.loads(base64.urlsafe_b64decode(liar.id_token().split(".")[1] + "==="))
    if kind == "foreign key":
        liar.key = RSAKey.generate_key(2048, {"kid": "one"})
        return liar.id_token()
    if kind == "unknown key":
        liar.key = RSAKey.generate_key(2048, {"kid": "two"})
        liar.header = {"kid": "two"}
        return liar.id_token()
    if kind == "public key as secret":
        return _by_hand(body, liar.key.as_pem(private=False))
    if kind == "client secret":
        return _by_hand(body, b"s3cret")
    plain = _part(body)
    if kind == "unsigned":
        return f"{_part({'alg': 'none'})}.{plain}."
    if kind == "changed":
        head, _, signature = liar.id_token().split(".")
        return f"{head}.{plain[:-2]}AA.{signature}"
    return {"empty": "", "text": "no token", "two parts": "a.b", "deep": "[" * 9000}[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "foreign key",
        "unknown key",
        "public key as secret",
        "client secret",
        "unsigned",
        "changed",
        "empty",
        "text",
        "two parts",
        "deep",
    ],
)
def test_a_forged_token_is_refused(client_as, configure, liar, refusals, kind):
    configure(liar.issuer)
    client = client_as(None)
    asked = question(client)
    liar.nonce, liar.challenge = asked["nonce"], asked["code_challenge"]
    liar.raw = _forged(liar, kind)
    answer = client.get("/login/sso/callback", query_string={"code": "c", "state": asked["state"]})
    assert answer.location == "/login/"
    assert not is_in(client)
    assert len(refusals()) == 1


def test_a_key_that_the_provider_took_up_since_is_fetched(client_as, configure, liar, app):
    configure(liar.issuer)
    assert lied_to(client_as(None), liar).location == "/"
    liar.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    liar.header, liar.published = {"kid": "two"}, [liar.key]
    app.extensions["oidc"]._keys_at -= 120
    assert lied_to(client_as(None), liar).location == "/"
    assert liar.asked.count("keys") == 2
    assert liar.asked.count("description") == 1, "discovery is kept"


@pytest.mark.parametrize(
    "token", [{"id_token": None}, {"id_token": 7}, {"access_token": None}, {"error": "invalid_grant"}]
)
def test_an_answer_without_tokens_is_refused(client_as, configure, liar, token, refusals):
    configure(liar.issuer)
    client, liar.token = client_as(None), token
    assert lied_to(client, liar).location == "/login/"
    assert not is_in(client)
    assert len(refusals()) == 1


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://elsewhere.example.cn"},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"code_challenge_methods_supported": ["plain"]},
    ],
    ids=str,
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(client_as, configure, liar, metadata, refusals):
    configure(liar.issuer)
    liar.metadata = metadata
    client = client_as(None)
    assert client.get("/login/sso").location == "/login/"
    assert "没有响应" in client.get("/login/").text
    assert refusals()[0].startswith("sso_down")


def test_without_the_verifier_a_code_is_worth_nothing(client_as, configure, liar):
    configure(liar.issuer)
    client = client_as(None)
    asked = question(client)
    assert asked["code_challenge_method"] == "S256"
    liar.nonce, liar.challenge = asked["nonce"], "of another browser"
    answer = client.get("/login/sso/callback", query_string={"code": "c", "state": asked["state"]})
    assert answer.location == "/login/"
    assert not is_in(client)


def test_an_answer_that_names_another_issuer_is_refused(client_as, configure, liar):
    configure(liar.issuer)
    client = client_as(None)
    assert lied_to(client, liar, iss="https://elsewhere.example.cn").location == "/login/"
    assert not is_in(client)
    assert "token" not in liar.asked


def _again(client, liar, **claims):
    asked = question(client, again="1", next="/tasks/")
    liar.nonce, liar.challenge, liar.claims = asked["nonce"], asked["code_challenge"], claims
    return client.get("/login/sso/callback", query_string={"code": "c", "state": asked["state"]})


def test_showing_again_who_one_is_needs_a_new_log_in_of_the_same_person(
    client_as, configure, liar, session, refusals
):
    configure(liar.issuer)
    client, now = client_as(None), int(time.time())
    assert lied_to(client, liar).location == "/"
    assert _again(client, liar, auth_time=now - 3600).location == "/"
    assert _again(client, liar).location == "/"
    assert _again(client, liar, auth_time=now, sub="s-2").location == "/"
    assert [detail.split()[0] for detail in refusals()] == ["sso_token", "sso_token", "sso_somebody_else"]
    query = text("SELECT count(*) FROM security_log WHERE action = 'authenticated_again' AND detail = 'sso'")
    assert session.execute(query).scalar_one() == 0
    assert _again(client, liar, auth_time=now).location == "/tasks/"
    assert session.execute(query).scalar_one() == 1
    assert is_in(client), "a refusal leaves the session as it was"
