"""Security keys, with one in software: what is accepted, and everything that is not."""

from __future__ import annotations

import json

import pytest

from app.kernel.errors import Invalid, Refused
from app.security.login.factors import queries, services
from app.security.login.factors.models import KeyChallenge, SecurityKey
from tests.security.factors.authenticator import Authenticator
from tests.security.factors.conftest import HOST, ORIGIN, PARTY

WHO = "police_clerk"


def _add(unit, who, answer_of, name="key"):
    number, options = services.offer_key(unit, who, PARTY, "portal")
    challenge = services.take_challenge(unit, who.id, "add", number)
    return services.add_key(unit, who, PARTY, challenge, answer_of(options), name)


def _pass(system, who, answer_of):
    with system() as unit:
        number, options = services.offer_pass(unit, who.id, PARTY)
    with system() as unit:
        return services.pass_with_key(unit, who.id, PARTY, number, answer_of(options))


def test_a_key_is_added_and_opens(system, account, with_key, session):
    key, who = with_key(WHO), account(WHO)
    assert queries.factors_of(session, who.id) == ["webauthn"]
    assert queries.codes_left(session, who.id) == 10
    assert _pass(system, who, key.get).facts == {"factor": "webauthn"}
    row = session.query(SecurityKey).one()
    assert (row.name, row.sign_count, row.transports) == ("蓝色钥匙", 1, ["usb"])


def test_each_of_several_keys_opens_and_none_is_added_twice(system, account, with_key):
    who, keys = account(WHO), [with_key(WHO, "甲"), with_key(WHO, "乙", count=None)]
    for key in keys:
        assert _pass(system, who, key.get)
        assert _pass(system, who, key.get)
    with system() as unit:
        _, options = services.offer_key(unit, who, PARTY, "portal")
        assert len(options["excludeCredentials"]) == 2
        with pytest.raises(Invalid) as fault:
            _add(unit, who, keys[0].create, "丙")
        assert fault.value.faults[0].code == "key_known"
        with pytest.raises(Invalid) as fault:
            _add(unit, who, Authenticator(ORIGIN, HOST).create, "甲")
        assert fault.value.faults[0].code == "duplicate"


def test_another_person_s_key_opens_nothing_and_cannot_be_added(system, account, with_key):
    foreign = with_key("police_reviewer")
    with_key(WHO)
    assert _pass(system, account(WHO), foreign.get).code == "key_wrong"
    with system() as unit, pytest.raises(Invalid) as fault:
        _add(unit, account(WHO), foreign.create)
    assert fault.value.faults[0].code == "key_known"


@pytest.mark.parametrize(
    "changes",
    [
        {"client": {"origin": "https://portal.example.com"}},
        {"client": {"origin": "http://portal.example.cn"}},
        {"client": {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}},
        {"client": {"type": "payment.get"}},
        {"rp_id": "example.cn"},
        {"flags": 0},
    ],
)
def test_an_answer_for_another_origin_challenge_or_purpose_is_refused(system, account, with_key, changes):
    key = with_key(WHO)
    assert _pass(system, account(WHO), lambda options: key.get(options, **changes)).code == "key_wrong"
    if "flags" not in changes:
        with system() as unit, pytest.raises(Invalid) as fault:
            _add(unit, account(WHO), lambda o: Authenticator(ORIGIN, HOST).create(o, **changes), "x")
        assert fault.value.faults[0].code == "key_not_added"


def test_a_forged_signature_is_refused(system, account, with_key):
    key = with_key(WHO)
    forged = Authenticator(ORIGIN, HOST, credential_id=key.credential_id)
    assert _pass(system, account(WHO), forged.get).code == "key_wrong"


def test_a_key_that_counts_backwards_opens_nothing_and_is_logged(system, account, with_key, log):
    key = with_key(WHO)
    copy = Authenticator(ORIGIN, HOST, key=key.key, credential_id=key.credential_id)
    assert _pass(system, account(WHO), key.get)
    assert _pass(system, account(WHO), key.get)
    found = _pass(system, account(WHO), copy.get)
    assert (found.code, found.facts) == ("key_copied", {"name": "蓝色钥匙"})
    assert ("key_count_went_back", "refused", "蓝色钥匙: 1 after 2") in log()


def test_a_challenge_is_answered_once_and_within_five_minutes(system, account, with_key, clock):
    key, who = with_key(WHO), account(WHO)
    with system() as unit:
        number, options = services.offer_pass(unit, who.id, PARTY)
    answer = key.get(options)
    with system() as unit:
        assert services.pass_with_key(unit, who.id, PARTY, number, answer)
        assert services.pass_with_key(unit, who.id, PARTY, number, answer).code == "challenge_gone"
    with system() as unit:
        number, options = services.offer_pass(unit, who.id, PARTY)
    clock.advance(minutes=5, seconds=1)
    with system() as unit:
        assert services.pass_with_key(unit, who.id, PARTY, number, key.get(options)).code == "challenge_old"


def test_a_challenge_serves_its_person_and_its_purpose_only(system, account, with_key, session):
    key, who, other = with_key(WHO), account(WHO), account("police_reviewer")
    with system() as unit:
        number, options = services.offer_pass(unit, who.id, PARTY)
        adding, _ = services.offer_key(unit, other, PARTY, "portal")
        assert (
            services.pass_with_key(unit, other.id, PARTY, number, key.get(options)).code == "challenge_gone"
        )
        assert (
            services.pass_with_key(unit, other.id, PARTY, adding, key.get(options)).code == "challenge_gone"
        )
        assert services.pass_with_key(unit, who.id, PARTY, None, key.get(options)).code == "challenge_gone"
    assert session.query(KeyChallenge).count() == 2


CLIENT = {"clientDataJSON": "e30"}
SHAPED = {"id": "AA", "rawId": "AA", "type": "public-key"}
GARBAGE = [
    "",
    "{}",
    "null",
    "[]",
    "1",
    '"x"',
    "{",
    json.dumps(SHAPED | {"response": {}}),
    json.dumps(SHAPED | {"response": CLIENT | {"attestationObject": "oA"}}),
    json.dumps(SHAPED | {"response": CLIENT | {"authenticatorData": "AA", "signature": "AA"}}),
    json.dumps({"id": 1, "rawId": [], "type": {}, "response": 7}),
    "\x00",
    "\ud800",
    "9" * 30_000,
    "[" * 5000,
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_refused_with_a_sentence(system, account, with_key, garbage):
    with_key(WHO)
    assert _pass(system, account(WHO), lambda options: garbage).code == "key_wrong"
    with system() as unit, pytest.raises(Invalid) as fault:
        _add(unit, account(WHO), lambda options: garbage, "x")
    assert fault.value.faults[0].code == "key_not_added"


def test_nobody_has_more_than_ten_keys(system, account):
    who = account(WHO)
    with system() as unit:
        for n in range(10):
            _add(unit, who, Authenticator(ORIGIN, HOST).create, f"key {n}")
        with pytest.raises(Refused, match="key_too_many"):
            services.offer_key(unit, who, PARTY, "portal")
