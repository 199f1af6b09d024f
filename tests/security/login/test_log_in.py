"""The page of log-in: who gets in, what the others are told, what is counted and written down."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest
from sqlalchemy import select
from werkzeug.security import generate_password_hash

from app.db import db
from app.security.login.models import LoginSession
from tests.security.login.people import account_of, change, lines, log_in, password_of, set_policy


@pytest.mark.rule("R-5.2")
def test_right_name_and_password_open_a_session_of_its_own(client_as, session, home):
    client = client_as(None)
    assert log_in(client, "police_clerk", password_of(home)).location == "/"
    assert client.get("/").status_code == 200
    table = LoginSession.__table__
    row = session.execute(select(table).order_by(table.c.id.desc()).limit(1)).one()
    assert (row.kind, row.factors, row.pending, row.ended_at) == ("web", "password", "", None)
    with client.session_transaction() as kept:
        assert kept["token"].encode() not in bytes(row.token_digest)


def test_by_phone_and_by_mail_address_as_well_in_full_width_too(client_as, app, home):
    change(app, "police_clerk", phone="13912345678", email="Clerk@example.org")
    for name in (
        "13912345678",
        "139-1234-5678",
        "１３９１２３４５６７８",
        "clerk@EXAMPLE.org",
        " police_clerk ",
    ):
        client = client_as(None)
        assert log_in(client, name, password_of(home)).status_code == 302, name
    for name in ("5678", "91234567", "clerk@example", "police"):
        assert log_in(client_as(None), name, password_of(home)).status_code == 200, name


def test_unknown_name_wrong_password_locked_and_closed_get_the_same_answer(client_as, app, home, clock):
    from datetime import timedelta

    change(app, "amr_clerk", locked_until=clock.now() + timedelta(minutes=5))
    change(app, "health_clerk", active=False)
    change(app, "police_admin", left_at=clock.now())
    answers = set()
    for name, password in (
        ("nobody_at_all", "x"),
        ("police_clerk", "wrong"),
        ("amr_clerk", password_of(home)),
        ("health_clerk", password_of(home)),
        ("police_admin", password_of(home)),
        ("police_clerk", ""),
    ):
        answer = log_in(client_as(None), name, password)
        page = answer.text.replace(name, "NAME")
        answers.add((answer.status_code, "密码" in page, page.count("eh-note is-bad")))
        assert client_as(None).get("/").status_code == 302
    assert len({a for a in answers if a[2]}) == 1


def test_the_same_time_is_spent_on_an_unknown_name_and_on_a_wrong_password(client_as, app):
    set_policy(app, failures=100)
    client = client_as(None)

    def spent(name: str) -> float:
        found = []
        for _ in range(5):
            begin = time.process_time()
            log_in(client, name, "wrong-Password-1")
            found.append(time.process_time() - begin)
        return median(found)

    log_in(client, "police_clerk", "warm up")
    unknown, known = spent("nobody_here"), spent("police_clerk")
    assert abs(unknown - known) < 0.4 * max(unknown, known), (unknown, known)


@pytest.mark.rule("R-5.2")
def test_five_failures_lock_for_half_an_hour_and_the_right_password_does_not_help(client_as, clock, home):
    for _ in range(5):
        log_in(client_as(None), "police_clerk", "wrong")
    row = account_of("police_clerk")
    assert row.fail_login_count == 5
    assert (row.locked_until - clock.now()).total_seconds() == 1800
    assert log_in(client_as(None), "police_clerk", password_of(home)).status_code == 200
    assert [line.action for line in lines(most=2)] == ["log_in", "account_locked"]
    clock.advance(minutes=31)
    client = client_as(None)
    assert log_in(client, "police_clerk", password_of(home)).status_code == 302
    row = account_of("police_clerk")
    assert (row.fail_login_count, row.locked_until) == (0, None)
    page = client.get("/").text
    assert "6" in page and "127.0.0.1" in page and "失败" in page


def test_after_a_lock_is_over_the_count_begins_anew(client_as, clock):
    for _ in range(5):
        log_in(client_as(None), "police_clerk", "wrong")
    clock.advance(minutes=31)
    log_in(client_as(None), "police_clerk", "wrong")
    row = account_of("police_clerk")
    assert (row.fail_login_count, row.locked_until) == (1, None)


def test_of_parallel_attempts_no_more_than_five_are_weighed(own_app, home):
    password, gate = password_of(home), threading.Barrier(12)

    def try_one(number: int) -> int:
        with own_app.app_context():
            client = own_app.test_client()
            gate.wait()
            return log_in(client, "police_clerk", f"wrong-{number}").status_code

    with ThreadPoolExecutor(12) as hands:
        assert set(hands.map(try_one, range(12))) == {200}
    row = account_of("police_clerk")
    assert row.fail_login_count == 5
    assert row.locked_until is not None
    details = [line.detail for line in lines("log_in")]
    assert (details.count("wrong_password"), details.count("account_locked")) == (5, 7)
    db.session.rollback()
    assert log_in(own_app.test_client(), "police_clerk", password).status_code == 200


def test_the_last_log_in_is_shown_after_the_next(client_as, home, clock):
    log_in(client_as(None), "police_clerk", password_of(home))
    clock.advance(hours=1)
    client = client_as(None)
    log_in(client, "police_clerk", password_of(home))
    assert "2026-11-23 09:00" in client.get("/").text


def test_an_old_kind_of_hash_is_replaced_at_the_next_log_in(client_as, app, home):
    change(app, "police_clerk", password=generate_password_hash(password_of(home), "pbkdf2:sha256:1000"))
    assert log_in(client_as(None), "police_clerk", password_of(home)).status_code == 302
    assert account_of("police_clerk").password.startswith("scrypt:32768:8:1$")
    assert log_in(client_as(None), "police_clerk", password_of(home)).status_code == 302


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/%0d%0aX: y\r\nX: y",
        "http:evil",
        "/" + "x" * 3000,
    ],
)
def test_no_way_leads_out_of_the_portal(client_as, home, wanted):
    client = client_as(None)
    client.get("/login/", query_string={"next": wanted})
    assert log_in(client, "police_clerk", password_of(home), next=wanted).location == "/"


def test_after_log_in_one_is_where_one_wanted_to_go(client_as, home):
    client = client_as(None)
    asked = client.get("/tasks/?state=open")
    client.get(asked.location)
    found = client.post(asked.location, data={"username": "police_clerk", "password": password_of(home)})
    assert found.location == "/tasks/?state=open"


@pytest.mark.parametrize("name", ["police_clerk\x00", "\ud800", "x" * 5000, "张三", "' OR 1=1 --", "%", "​"])
def test_strange_names_are_refused_with_the_usual_sentence(app, session, name):
    from app.db import Actor, unit_of_work
    from app.security.login.services import attempt
    from app.security.scope import Scope

    with unit_of_work(Actor.system(), Scope.system("test"), app.extensions["clock"]) as unit:
        assert attempt(unit, name, "some-Password-1").code == "unknown_name"
    assert lines(most=1)[0].outcome == "refused"


@pytest.mark.parametrize("password", ["\x00", "a\x00b", "\ud800", "x" * 1_000_000, " "])
def test_strange_passwords_are_refused_with_the_usual_sentence(app, session, password):
    from app.db import Actor, unit_of_work
    from app.security.login.services import attempt
    from app.security.scope import Scope

    with unit_of_work(Actor.system(), Scope.system("test"), app.extensions["clock"]) as unit:
        assert attempt(unit, "police_clerk", password).code == "wrong_password"


def test_a_password_typed_as_a_name_does_not_stand_in_the_log(client_as):
    log_in(client_as(None), "My-Secret-Password-99", "x")
    line = lines("log_in", 1)[0]
    assert "Secret" not in str(line)
    assert line.subject.startswith("My-")


def test_a_planted_cookie_opens_nothing_after_somebody_logs_in_with_it(client_as, home, app):
    victim, thief = client_as(None), client_as(None)
    victim.get("/login/?next=/tasks/")
    planted = victim.get_cookie("portal").value
    log_in(victim, "police_clerk", password_of(home))
    thief.set_cookie("portal", planted)
    assert thief.get("/").status_code == 302
    assert victim.get_cookie("portal").value != planted


def test_none_of_the_framework_s_own_account_pages_is_there(app, client_as):
    known = {rule.endpoint.partition(".")[0] for rule in app.url_map.iter_rules()}
    stock = {
        "UserDBModelView",
        "UserInfoEditView",
        "ResetPasswordView",
        "ResetMyPasswordView",
        "RoleModelView",
        "PermissionModelView",
        "ViewMenuModelView",
        "PermissionViewModelView",
        "RegisterUserModelView",
        "RegisterUserDBView",
        "UserStatsChartView",
        "GroupModelView",
        "UserApi",
        "RoleApi",
        "GroupApi",
        "ApiKeyApi",
        "SecurityApi",
    }
    assert not known & stock
    client = client_as("secadmin")
    for path in (
        "/users/list/",
        "/users/add",
        "/roles/list/",
        "/resetpassword/form?pk=1",
        "/resetmypassword/form",
        "/register/form",
        "/registeruser/list/",
        "/api/v1/security/users/",
        "/api/v1/security/roles/",
        "/userinfo/",
    ):
        assert client.get(path).status_code == 404, path
