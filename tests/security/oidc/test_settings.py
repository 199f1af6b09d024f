"""What the operator writes is checked at the start, each fault with a sentence."""

from __future__ import annotations

import json

import pytest

from app.kernel.claim_mapping import MappingFault, read_mapping
from app.kernel.decisions import Refusal
from app.security.login.oidc.rules import Lookup, agency_of, lookups, roles_of, shows_second_factor
from config import SettingsError, load_settings

GOOD = {
    "account": [
        {"claim": "employee_number", "field": "username"},
        {"claim": "phone_number", "field": "phone", "verified_by": "phone_number_verified"},
    ],
    "agency": {"claim": "dept", "values": {"1": "A", "2": "B", "3": "A"}},
    "roles": {"claim": "groups", "values": {"g": "clerk"}},
    "second_factor": {"amr": ["otp"], "acr": ["gold"]},
}


def _environment(tmp_path, **changes):
    claims, secret = tmp_path / "claims.json", tmp_path / "secret"
    claims.write_text(json.dumps(GOOD), encoding="utf-8")
    secret.write_text("s3cret\n", encoding="utf-8")
    given = {
        "PORTAL_ENV": "testing",
        "PORTAL_HOME": str(tmp_path / "home"),
        "PORTAL_OIDC_ISSUER": "https://sso.example.cn/realm",
        "PORTAL_OIDC_CLIENT_ID": "portal",
        "PORTAL_OIDC_CLIENT_SECRET_FILE": str(secret),
        "PORTAL_OIDC_CLAIMS_FILE": str(claims),
    }
    return {k: v for k, v in (given | changes).items() if v is not None}


def test_all_four_settings_make_single_sign_on(tmp_path):
    oidc = load_settings(_environment(tmp_path)).oidc
    assert (oidc.issuer, oidc.client_id, oidc.client_secret) == (
        "https://sso.example.cn/realm",
        "portal",
        "s3cret",
    )
    assert oidc.mapping == read_mapping(json.dumps(GOOD))


def test_without_any_of_them_there_is_none(tmp_path):
    names = [name for name in _environment(tmp_path) if name.startswith("PORTAL_OIDC_")]
    assert load_settings(_environment(tmp_path, **dict.fromkeys(names))).oidc is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"PORTAL_OIDC_CLIENT_ID": None}, "PORTAL_OIDC_CLIENT_ID"),
        ({"PORTAL_OIDC_CLAIMS_FILE": None}, "PORTAL_OIDC_CLAIMS_FILE"),
        ({"PORTAL_OIDC_ISSUER": "sso.example.cn"}, "https://"),
        ({"PORTAL_OIDC_ISSUER": "http://sso.example.cn"}, "https://"),
        ({"PORTAL_OIDC_ISSUER": "https://sso.example.cn/?a=b"}, "without query"),
        ({"PORTAL_OIDC_CLIENT_SECRET_FILE": "/nowhere/secret"}, "cannot be read"),
        ({"PORTAL_OIDC_CLAIMS_FILE": "/nowhere/claims"}, "cannot be read"),
        ({"PORTAL_OIDC_CA_FILE": "/nowhere/ca"}, "cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_the_start(tmp_path, changes, sentence):
    with pytest.raises(SettingsError, match=sentence):
        load_settings(_environment(tmp_path, **changes))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"roles": {"claim": "g", "values": {"x": "security_admin"}}},
            "“roles.values.x” is 'security_admin'",
        ),
        ({"roles": {"claim": "g", "values": {"x": "system_admin"}}}, "nothing else"),
        ({"roles": {"claim": "g", "values": {"x": "audit_admin"}}}, "nothing else"),
        ({"roles": {"claim": "g", "values": {}}}, "roles.values"),
        ({"account": []}, "“account”"),
        ({"account": [{"claim": "a", "field": "shoe_size"}]}, "one of username, phone, email"),
        ({"account": [{"claim": "a", "field": "email"}]}, "lacks verified_by"),
        ({"scopes": ["profile"]}, "lacks openid"),
        ({"acount": []}, "acount"),
        ({"agency": {"claim": "d"}}, "lacks values"),
    ],
)
def test_a_mapping_with_a_fault_names_its_place(tmp_path, change, sentence):
    claims = tmp_path / "claims.json"
    environment = _environment(tmp_path)
    claims.write_text(json.dumps(GOOD | change), encoding="utf-8")
    with pytest.raises(SettingsError) as fault:
        load_settings(environment)
    assert sentence in str(fault.value)
    assert str(fault.value).startswith("PORTAL_OIDC_CLAIMS_FILE")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7"])
def test_what_is_no_json_object_is_no_mapping(text):
    with pytest.raises(MappingFault):
        read_mapping(text)


def test_accounts_are_looked_up_in_the_mapping_s_order_and_by_verified_claims_only():
    mapping = read_mapping(json.dumps(GOOD))
    both = {"phone_number": "1", "phone_number_verified": True, "employee_number": 4711}
    assert lookups(mapping, both) == [Lookup("username", "4711"), Lookup("phone", "1")]
    for said in (False, None, "true", 1):
        assert lookups(mapping, {"phone_number": "1", "phone_number_verified": said}) == []
    for empty in ("", "  ", None, True, [], {"a": 1}):
        assert lookups(mapping, {"employee_number": empty}) == []


def test_an_agency_is_named_exactly_once():
    mapping = read_mapping(json.dumps(GOOD))
    assert agency_of(mapping, {"dept": "1"}).facts == {"code": "A"}
    assert agency_of(mapping, {"dept": ["1", "3", "unknown"]}).facts == {"code": "A"}
    for said, code in (
        (["1", "2"], "sso_agency_unclear"),
        ("9", "sso_agency_unknown"),
        (None, "sso_agency_unknown"),
    ):
        found = agency_of(mapping, {"dept": said})
        assert isinstance(found, Refusal)
        assert found.code == code


def test_roles_are_those_that_are_mapped():
    mapping = read_mapping(json.dumps(GOOD))
    assert roles_of(mapping, {"groups": ["x", "g", 7]}).facts == {"roles": frozenset({"clerk"})}
    assert not roles_of(mapping, {"groups": ["x"]})
    assert not roles_of(mapping, {"groups": {"g": True}})


def test_a_second_factor_counts_by_the_listed_words_only():
    mapping = read_mapping(json.dumps(GOOD))
    assert shows_second_factor(mapping, {"amr": ["pwd", "otp"]})
    assert shows_second_factor(mapping, {"acr": "gold"})
    for claims in (
        {},
        {"amr": "otp"},
        {"amr": ["pwd"]},
        {"amr": [["otp"]]},
        {"acr": "silver"},
        {"acr": None},
        {"acr": ["gold"]},
    ):
        assert not shows_second_factor(mapping, claims)
    bare = read_mapping(json.dumps({"account": GOOD["account"]}))
    assert not shows_second_factor(bare, {"amr": ["otp"], "acr": "gold"})
