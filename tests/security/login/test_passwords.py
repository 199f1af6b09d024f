"""What a password has to be, and when it is asked for anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Invalid
from app.security.login.common import common_passwords
from app.security.login.rules import Policy, classes_in, is_common, password_faults
from app.security.login.services import first_password
from tests.security.login.people import NEW, OTHER, account_of, change, lines, log_in, password_of, set_policy

POLICY = Policy()


def codes(password, *about):
    return {code for code, _ in password_faults(POLICY, password, about, common_passwords())}


@pytest.mark.rule("R-5.2")
@pytest.mark.parametrize(
    ("password", "expected"),
    [
        (NEW, set()),
        ("Kurz-1", {"password_short"}),
        ("alleskleinbuchstaben", {"password_classes"}),
        ("alleskleinmit123zahl", {"password_classes"}),
        ("中文密码很长也可以A1b", set()),
        ("P@ssw0rd123!", {"password_common"}),
        ("Admin@2026!!", {"password_common"}),
        ("Woaini1314520!", {"password_common"}),
        ("Qwer1234!@#$", {"password_common"}),
        ("Aa1!Aa1!Aa1!", {"password_common"}),
        ("Yinchuan@123456", {"password_common"}),
        ("x\x00" + NEW, {"password_unreadable"}),
        (NEW + "\ud800", {"password_unreadable"}),
        ("Aa1-" * 33, {"password_long"}),
    ],
)
def test_what_a_password_has_to_be(password, expected):
    assert codes(password) == expected


def test_nobody_s_name_phone_or_mail_stands_in_the_password():
    assert codes("Police_Clerk-77", "police_clerk") == {"password_about"}
    assert codes("Ab-13912345678", "x", "13912345678") == {"password_about"}
    assert codes("王小明-Abc-2026", "王小明") == {"password_about"}
    assert codes("Abc-Wagen-2026", "abc") == set()


def test_the_list_of_common_ones_is_long_and_clean():
    known = common_passwords()
    assert len(known) > 800
    assert all(word == word.strip().casefold() and len(word) >= 3 for word in known)
    assert {"woaini", "5201314", "woaini1314", "qwerty", "password", "yinchuan"} <= known


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=140))
def test_every_text_gets_an_answer(text):
    found = codes(text, "police_clerk")
    assert found or (len(text) >= POLICY.password_length and classes_in(text) >= POLICY.classes)


def test_first_passwords_fit_the_policy_and_differ():
    made = {first_password() for _ in range(200)}
    assert len(made) == 200
    assert all(codes(word) == set() and not set(word) & set("lI1O0") for word in made)
    assert not any(is_common(word, common_passwords()) for word in made)


def form(old, new, again=None):
    return {"old": old, "new": new, "again": again or new}


def test_i_change_my_password_and_log_in_with_the_new_one(client_as, home):
    client = client_as("police_clerk")
    assert client.post("/me/password", data=form(password_of(home), NEW)).location == "/me/"
    assert log_in(client_as(None), "police_clerk", password_of(home)).status_code == 200
    assert log_in(client_as(None), "police_clerk", NEW).status_code == 302
    assert "修改" in client_as("police_clerk").get("/me/history").text


def test_the_last_five_are_not_taken_again_and_the_sixth_is(client_as, home, app):
    from app.db import Actor, db, unit_of_work
    from app.security.login.services import set_password
    from app.security.models import Account
    from app.security.scope import Scope

    def take(word):
        with unit_of_work(Actor.system(), Scope.system("test"), app.extensions["clock"]) as unit:
            account = unit.session.get(Account, account_of("police_clerk").id)
            set_password(unit, account, word, temporary=False)

    words = [f"Wagen-Birke-{n}{n}{n}" for n in "23456"]
    for word in words:
        take(word)
    for word in words:
        with pytest.raises(Invalid) as refused:
            take(word)
        assert [fault.code for fault in refused.value.faults] == ["password_used"]
    take(OTHER)
    take(words[0])
    db.session.rollback()


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (("wrong-Old-1", NEW, NEW), "old"),
        (("right", NEW, OTHER), "again"),
        (("right", "short", "short"), "new"),
        (("right", "right", "right"), "new"),
        (("right", "x" * 200_000, "x" * 200_000), "new"),
        (("", "", ""), "old"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_stored(client_as, home, sent, field):
    before = account_of("police_clerk").password
    old, new, again = (password_of(home) if word == "right" else word for word in sent)
    page = client_as("police_clerk").post("/me/password", data={"old": old, "new": new, "again": again})
    assert page.status_code == 422
    assert f'id="{field}-err"' in page.text
    assert account_of("police_clerk").password == before


def test_guessing_the_present_password_locks_as_at_log_in(client_as, home):
    client = client_as("police_clerk")
    for _ in range(5):
        client.post("/me/password", data=form("wrong-Old-1", NEW))
    assert account_of("police_clerk").locked_until is not None
    assert client.post("/me/password", data=form(password_of(home), NEW)).status_code == 422


def test_a_password_from_a_slip_opens_one_page_only_until_it_is_changed(client_as, home, app, clock):
    change(app, "police_clerk", must_change_password=True, password_changed_at=clock.now())
    client = client_as(None)
    log_in(client, "police_clerk", password_of(home))
    for path in ("/", "/tasks/", "/me/", "/me/sessions", "/search?q=x"):
        assert client.get(path).location == "/me/password", path
    answer = client.get("/api/v1/targets/")
    assert answer.status_code == 403
    assert answer.json["message"]
    assert client.post("/tasks/new", data={}).location == "/me/password"
    assert "/me/sessions" not in client.get("/me/password").text.split("<main")[1]
    assert client.post("/me/password", data=form(password_of(home), NEW)).location == "/"
    assert client.get("/").status_code == 200


def test_a_slip_is_good_for_two_weeks(client_as, home, app, clock):
    change(app, "police_clerk", must_change_password=True, password_changed_at=clock.now())
    clock.advance(days=14)
    page = log_in(client_as(None), "police_clerk", password_of(home))
    assert "初始密码已失效" in page.text
    assert lines("log_in", 1)[0].detail == "first_password_expired"


def test_after_ninety_days_a_new_one_is_asked_for(client_as, home, app, clock):
    set_policy(app, expiry_days=90)
    change(app, "police_clerk", password_changed_at=clock.now() - timedelta(days=89))
    client = client_as(None)
    log_in(client, "police_clerk", password_of(home))
    assert "天后到期" in client.get("/").text
    clock.advance(days=1)
    client = client_as(None)
    log_in(client, "police_clerk", password_of(home))
    assert client.get("/").location == "/me/password"
    client.post("/me/password", data=form(password_of(home), NEW))
    assert client.get("/").status_code == 200
    assert account_of("police_clerk").password_changed_at == clock.now()


def test_a_password_whose_age_nobody_knows_is_asked_for_anew(client_as, home, app):
    set_policy(app, expiry_days=90)
    change(app, "police_clerk", password_changed_at=None)
    client = client_as(None)
    log_in(client, "police_clerk", password_of(home))
    assert client.get("/tasks/").location == "/me/password"


def test_hashes_stand_neither_in_the_history_of_rows_nor_in_the_log(client_as, home, session):
    from sqlalchemy import text

    client_as("police_clerk").post("/me/password", data=form(password_of(home), NEW))
    found = session.execute(
        text(
            "SELECT count(*) FROM row_history WHERE after::text LIKE '%scrypt%' OR before::text LIKE '%scrypt%'"
        )
    ).scalar_one()
    assert found == 0
    assert all("scrypt" not in str(line) and NEW not in str(line) for line in lines())
