"""Single sign-on with a real provider on loopback: who gets in, as whom, and what stays outside."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
import requests
from sqlalchemy import select, text

from app.db import Actor, unit_of_work
from app.kernel.clock import FixedClock, SystemClock
from app.security.login.factors import services as factor_services
from app.security.login.oidc.models import SsoLink
from app.security.models import Account
from app.security.scope import Scope
from tests.conftest import DEMO_PASSWORD
from tests.security.oidc.conftest import BASE, MAPPING, is_in, question, there_and_back

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib")
AGENCY = {"claim": "department", "values": {"0101": "POLICE-640100", "0202": "AMR-640100"}}
ROLES = {"claim": "groups", "values": {"chk": "inspector", "wrk": "clerk"}}


def _in(client, sub, **query):
    assert there_and_back(client, sub, **query).location == query.get("next", "/")
    assert is_in(client)


def test_without_a_provider_there_is_no_button_and_no_route(client_as):
    client = client_as(None)
    assert "/login/sso" not in client.get("/login/").text
    assert client.get("/login/sso").status_code == 404
    assert client.get("/login/sso/callback?code=a&state=b").status_code == 404


def test_the_first_sign_on_links_the_account_and_the_next_one_needs_no_claim(
    client_as, configure, honest, session, account
):
    configure(honest)
    client = client_as(None)
    assert "政务统一认证" in client.get("/login/").text
    _in(client, "s-clerk", next="/tasks/")
    link = session.execute(select(SsoLink.__table__)).one()
    assert (link.issuer, link.subject, link.user_id) == (honest, "s-clerk", account("police_clerk").id)
    raw = session.execute(text("SELECT id_token FROM sso_link")).scalar_one()
    assert link.id_token.encode() not in bytes(raw), "sealed"
    account("police_clerk").username = "renamed"
    session.commit()
    _in(client_as(None), "s-clerk")


def test_an_account_that_has_its_person_is_not_given_to_another(client_as, configure, honest, refusals):
    configure(honest)
    _in(client_as(None), "s-clerk")
    client = client_as(None)
    assert there_and_back(client, "s-other").location == "/login/"
    assert not is_in(client)
    assert "属于另一个人" in client.get("/login/").text
    assert refusals() == ["sso_other_subject"]


@pytest.mark.parametrize("sub", ["s-nobody", "s-empty"])
def test_claims_that_fit_no_account_open_nothing(client_as, configure, honest, refusals, session, sub):
    configure(honest)
    client = client_as(None)
    assert there_and_back(client, sub).location == "/login/"
    assert not is_in(client)
    assert "没有与您相符的账号" in client.get("/login/").text
    assert refusals() == ["sso_no_account"]
    assert session.execute(text("SELECT count(*) FROM sso_link")).scalar_one() == 0
    assert (
        session.execute(text("SELECT count(*) FROM ab_user WHERE username LIKE 'no_such%'")).scalar_one() == 0
    )


def test_a_phone_number_counts_only_when_the_provider_has_verified_it(
    client_as, configure, honest, account, session
):
    line = {"claim": "phone_number", "field": "phone", "verified_by": "phone_number_verified"}
    configure(honest, MAPPING | {"account": [line]})
    account("police_clerk").phone = "13900004711"
    session.commit()
    assert there_and_back(client_as(None), "s-unproved").location == "/login/"
    _in(client_as(None), "s-phone")


@pytest.mark.parametrize("change", [{"active": False}, {"left_at": "now"}, {"locked_until": "later"}])
def test_a_closed_or_locked_account_stays_closed(
    client_as, configure, honest, account, session, change, refusals
):
    configure(honest)
    now = SystemClock().now()
    times = {"now": now, "later": now + timedelta(minutes=9)}
    for name, value in change.items():
        setattr(account("police_clerk"), name, times.get(value, value) if isinstance(value, str) else value)
    session.commit()
    client = client_as(None)
    assert there_and_back(client, "s-clerk").location == "/login/"
    assert not is_in(client)
    assert refusals() == ["sso_account_closed"]


def _roles(session):
    query = (
        "SELECT r.name FROM membership_role m JOIN ab_role r ON r.id = m.role_id JOIN membership s ON s.id ="
        " m.membership_id JOIN ab_user u ON u.id = s.user_id WHERE u.username = 'police_clerk' ORDER BY 1"
    )
    return list(session.execute(text(query)).scalars())


def test_agency_and_roles_come_from_the_claims_as_mapped(client_as, configure, honest, session):
    configure(honest, MAPPING | {"agency": AGENCY, "roles": ROLES})
    _in(client_as(None), "s-agency")
    assert _roles(session) == ["clerk", "inspector"]
    log = "SELECT detail FROM security_log WHERE action = 'role_granted' ORDER BY id DESC LIMIT 1"
    assert session.execute(text(log)).scalar_one() == "inspector @ POLICE-640100: single sign-on: groups"


def test_roles_that_the_claims_no_longer_give_are_taken_where_the_mapping_says_so(
    client_as, configure, honest, session
):
    configure(honest, MAPPING | {"agency": AGENCY, "roles": ROLES | {"take_away": True}})
    _in(client_as(None), "s-agency")
    assert _roles(session) == ["inspector"]


@pytest.mark.parametrize(
    ("sub", "mapping", "code"),
    [
        ("s-unmapped", {"agency": AGENCY}, "sso_agency_unknown"),
        ("s-unmapped", {"roles": ROLES}, "sso_roles_unknown"),
        ("s-clerk", {"agency": AGENCY}, "sso_agency_unknown"),
        ("s-far", {"agency": AGENCY, "roles": ROLES}, "sso_not_a_member"),
        ("s-agency", {"roles": ROLES | {"values": {"chk": "office_admin"}}}, "sso_roles_refused"),
    ],
)
def test_a_claim_that_maps_to_nothing_leaves_nothing_behind(
    client_as, configure, honest, session, refusals, sub, mapping, code
):
    configure(honest, MAPPING | mapping)
    before, client = _roles(session), client_as(None)
    assert there_and_back(client, sub).location == "/login/"
    assert not is_in(client)
    assert refusals() == [code]
    assert _roles(session) == before
    assert session.execute(text("SELECT count(*) FROM sso_link")).scalar_one() == 0


def _with_totp(account):
    clock = FixedClock(SystemClock().now() - timedelta(minutes=5))
    with unit_of_work(Actor.system(), Scope.system("test"), clock) as unit:
        user_id = account("police_clerk").id
        totp = pyotp.TOTP(factor_services.offer_totp(unit, user_id).secret)
        factor_services.confirm_totp(unit, user_id, totp.at(clock.now()), clock.now())
    return totp


def test_whoever_has_a_second_factor_shows_it_after_the_provider_too(client_as, configure, honest, account):
    configure(honest)
    totp, client = _with_totp(account), client_as(None)
    assert there_and_back(client, "s-clerk", next="/tasks/").location == "/login/second"
    assert not is_in(client)
    answer = client.post("/login/second", data={"code": totp.at(SystemClock().now())})
    assert answer.location == "/tasks/"
    assert is_in(client)


def test_the_second_factor_counts_as_shown_when_the_provider_says_so(client_as, configure, honest, account):
    configure(honest)
    _with_totp(account)
    _in(client_as(None), "s-strong")


def test_the_policy_asks_for_a_second_factor_after_the_provider_too(client_as, configure, honest, session):
    configure(honest)
    policy = "UPDATE security_policy SET second_factor_roles = '[\"clerk\"]'"
    session.execute(text(policy))
    session.commit()
    client = client_as(None)
    there_and_back(client, "s-clerk")
    assert client.get("/tasks/").location == "/me/factors/"


def test_an_answer_counts_once_and_for_its_own_browser(client_as, configure, honest, refusals):
    configure(honest)
    client, other = client_as(None), client_as(None)
    asked = question(client)
    answer = requests.post(asked["url"], data={"sub": "s-clerk"}, allow_redirects=False, timeout=5)
    back = answer.headers["Location"].removeprefix(BASE)
    assert other.get(back).location == "/login/"
    with client.session_transaction() as kept:
        attempt = dict(kept["sso"])
    assert client.get(back).location == "/"
    thief = client_as(None)
    with thief.session_transaction() as kept:
        kept["sso"] = attempt
    assert thief.get(back).location == "/login/"
    assert not is_in(other)
    assert not is_in(thief)
    assert refusals() == ["sso_state", "sso_state"]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"code": "c"},
        {"state": "forged", "code": "c"},
        {"state": "状态", "code": "码"},
        {"state": "x" * 5000, "error": "access_denied"},
    ],
)
def test_a_forged_answer_is_a_sentence(client_as, configure, honest, query):
    configure(honest)
    client = client_as(None)
    question(client)
    assert client.get("/login/sso/callback", query_string=query).location == "/login/"
    assert "不符" in client.get("/login/").text
    assert not is_in(client)


@pytest.mark.parametrize("query", [{"error": "access_denied"}, {}, {"code": ""}])
def test_whoever_cancels_at_the_provider_is_told_so(client_as, configure, honest, query):
    configure(honest)
    client = client_as(None)
    asked = question(client)
    answer = client.get("/login/sso/callback", query_string={"state": asked["state"]} | query)
    assert answer.location == "/login/"
    assert "被取消或被拒绝" in client.get("/login/").text


def test_an_answer_after_ten_minutes_is_too_late(client_as, configure, honest, app):
    configure(honest)
    client = client_as(None)
    asked = question(client)
    app.extensions["clock"] = FixedClock(SystemClock().now() + timedelta(minutes=11))
    answer = client.get("/login/sso/callback", query_string={"state": asked["state"], "code": "c"})
    assert answer.location == "/login/"
    assert "超过了十分钟" in client.get("/login/").text


def test_while_the_provider_is_down_the_password_still_opens(client_as, configure, refusals):
    configure("http://127.0.0.1:9")
    client = client_as(None)
    assert client.get("/login/sso").location == "/login/"
    assert "没有响应" in client.get("/login/").text
    assert refusals()[0].startswith("sso_down")
    assert (
        client.post("/login/", data={"username": "police_clerk", "password": DEMO_PASSWORD}).location == "/"
    )
    assert is_in(client)


def test_whoever_leaves_is_led_out_at_the_provider_too(client_as, configure, honest):
    configure(honest)
    client = client_as(None)
    _in(client, "s-clerk")
    answer = client.post("/logout/")
    assert answer.location == "/login/sso/left"
    page = client.get("/login/sso/left")
    target = page.headers["Refresh"].removeprefix("1; url=")
    assert target.startswith(f"{honest}/oauth2/end_session?")
    assert "id_token_hint=" in target
    assert requests.get(target, timeout=5).status_code == 200
    assert not is_in(client)
    assert client.get("/login/sso/left").location == "/login/"


def test_whoever_came_by_password_leaves_as_ever(client_as, configure, honest):
    configure(honest)
    assert client_as("police_clerk").post("/logout/").location == "/login/"


def test_the_way_on_stays_in_the_portal(client_as, configure, honest):
    configure(honest)
    for wanted in ("https://elsewhere.example.cn/", "//elsewhere.example.cn", "/\\elsewhere"):
        assert there_and_back(client_as(None), "s-clerk", next=wanted).location == "/"


def test_showing_again_who_one_is_asks_the_provider_for_a_new_log_in(client_as, configure, honest):
    configure(honest)
    client = client_as(None)
    _in(client, "s-clerk")
    asked = question(client, again="1", next="/tasks/")
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")


def test_no_account_is_found_by_a_hidden_placeholder_of_a_mail_address(session, configure, honest):
    from app.security.login.oidc.rules import Lookup
    from app.security.login.oidc.services import _accounts

    row = session.scalars(select(Account).where(Account.username == "police_clerk")).one()
    row.email = "u12@nowhere.invalid"
    session.flush()
    assert session.scalars(_accounts(Lookup("email", "u12@nowhere.invalid"))).all() == []
    row.email = "clerk@example.cn"
    session.flush()
    assert session.scalars(_accounts(Lookup("email", "Clerk@Example.cn"))).one().id == row.id


def test_an_operator_lets_the_account_go_to_its_person_s_new_subject(
    app, client_as, configure, honest, session
):
    configure(honest)
    _in(client_as(None), "s-clerk")
    run = app.test_cli_runner().invoke
    assert run(args=["sso", "unlink", "no_such_account", "--reason", "verzogen"]).exit_code == 1
    assert run(args=["sso", "unlink", "police_clerk", "--reason", " "]).exit_code == 1
    done = run(args=["sso", "unlink", "police_clerk", "--reason", "目录更换", "--json"])
    assert done.output.strip() == '{"account": "police_clerk", "unlinked": 1}'
    log = "SELECT detail FROM security_log WHERE action = 'sso_unlinked'"
    assert session.execute(text(log)).scalar_one() == "目录更换"
    _in(client_as(None), "s-other")
