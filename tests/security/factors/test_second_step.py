"""`/login/second`: what a half-done log-in may, and what it may not."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.security.login.factors import services
from app.security.models import Account
from tests.conftest import DEMO_PASSWORD
from tests.security.factors.conftest import is_in, stored

WHO = "police_clerk"


def _send(client, code):
    return client.post("/login/second", data={"code": code})


def test_password_and_code_open_a_session_that_names_both(with_totp, half_in, clock, log):
    totp, _ = with_totp(WHO)
    client = half_in(WHO)
    assert _send(client, totp.at(clock.now())).location == "/"
    assert is_in(client)
    assert ("log_in", "ok", "password, totp") in log()


def test_a_half_done_log_in_is_the_public_everywhere_else(with_totp, half_in):
    with_totp(WHO)
    client = half_in(WHO)
    for address in ("/", "/me/factors/", "/tasks/", "/me/factors/totp", "/security-policy/factors"):
        answer = client.get(address)
        assert (answer.status_code, answer.location.split("?")[0]) == (302, "/login/"), address
    assert client.get("/api/v1/targets/", headers={"Accept": "application/json"}).status_code == 401
    assert client.post("/me/factors/totp/remove").location.startswith("/login/")


def test_a_half_done_log_in_ends_after_five_minutes(with_totp, half_in, clock):
    totp, _ = with_totp(WHO)
    client = half_in(WHO)
    clock.advance(minutes=5, seconds=1)
    answer = _send(client, totp.at(clock.now()))
    assert answer.location == "/login/"
    assert not is_in(client)
    assert "五分钟" in client.get("/login/").text


def test_without_the_password_there_is_no_second_step(client_as, with_totp, clock):
    totp, _ = with_totp(WHO)
    client = client_as(None)
    assert client.get("/login/second").location == "/login/"
    assert _send(client, totp.at(clock.now())).location == "/login/"
    assert client.post("/login/second/options").status_code == 404
    assert not is_in(client)


@pytest.mark.parametrize("width", ["ascii", "full"])
def test_a_code_is_taken_with_blanks_and_in_full_width(with_totp, half_in, clock, width):
    totp, _ = with_totp(WHO)
    code = totp.at(clock.now())
    typed = f"{code[:3]} {code[3:]}"
    if width == "full":
        typed = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in typed)
    assert _send(half_in(WHO), typed).location == "/"


def test_a_wrong_code_is_told_and_five_lock_the_account(with_totp, half_in, clock, session, log):
    totp, _ = with_totp(WHO)
    client, right = half_in(WHO), totp.at(clock.now())
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        answer = _send(client, wrong)
        assert answer.status_code == 401
        assert "验证码不正确" in answer.text
    locked = _send(client, right)
    assert locked.location == "/login/"
    assert not is_in(client)
    account = session.execute(select(Account.__table__).where(Account.username == WHO)).one()
    assert account.locked_until is not None
    assert [line for line in log() if line[0] == "account_locked"]
    assert client.post("/login/", data={"username": WHO, "password": DEMO_PASSWORD}).status_code == 200


def test_what_cannot_be_a_code_is_told_and_does_not_count(with_totp, half_in, session):
    with_totp(WHO)
    client = half_in(WHO)
    for typed in ("", "12345", "abcdef", "1234567", "\x00" * 6, "x" * 5000):
        assert "六位数字" in _send(client, typed).text
    account = session.execute(select(Account.__table__).where(Account.username == WHO)).one()
    assert not account.fail_login_count
    assert client.get("/login/second").status_code == 200


def test_a_phone_that_is_five_minutes_ahead_is_told_the_server_s_time(with_totp, half_in, clock):
    totp, _ = with_totp(WHO)
    answer = _send(half_in(WHO), totp.at(clock.now().timestamp() + 300))
    assert "手机时钟" in answer.text
    assert "09:01:00" in answer.text


def test_a_recovery_code_opens_and_the_last_ones_are_announced(with_totp, half_in, clock, account, system):
    _, codes = with_totp(WHO)
    with system() as unit:
        for code in codes[:7]:
            assert services.pass_with_code(unit, account(WHO).id, code, clock.now())
    client = half_in(WHO)
    assert _send(client, codes[7].lower()).location == "/"
    assert "还剩 2 个" in client.get("/").text


def test_a_used_code_does_not_open_a_second_browser(with_totp, half_in, clock):
    totp, _ = with_totp(WHO)
    first, second, code = half_in(WHO), half_in(WHO), totp.at(clock.now())
    assert _send(first, code).location == "/"
    answer = _send(second, code)
    assert "已经用过" in answer.text
    assert not is_in(second)


def test_a_security_key_opens_and_its_answer_only_once(with_key, half_in, log):
    key, client = with_key(WHO), half_in(WHO)
    assert 'data-module="security-key"' in client.get("/login/second").text
    answer = key.get(client.post("/login/second/options").json)
    other = half_in(WHO)
    assert client.post("/login/second", data={"answer": answer}).location == "/"
    assert is_in(client)
    assert ("log_in", "ok", "password, webauthn") in log()
    refused = other.post("/login/second", data={"answer": answer})
    assert refused.status_code == 401
    assert not is_in(other)


def test_a_closed_account_does_not_finish(with_totp, half_in, clock, account, system):
    totp, _ = with_totp(WHO)
    client = half_in(WHO)
    with system() as unit:
        unit.session.get(Account, account(WHO).id).active = False
    assert _send(client, totp.at(clock.now())).location == "/login/"
    assert not is_in(client)


def test_the_way_on_is_kept_over_the_second_step(with_totp, client_as, clock):
    totp, _ = with_totp(WHO)
    client = client_as(None)
    client.post("/login/?next=/tasks/", data={"username": WHO, "password": DEMO_PASSWORD})
    assert _send(client, totp.at(clock.now())).location == "/tasks/"


def test_programs_send_the_code_with_name_and_password(with_totp, client_as, clock, account):
    totp, _ = with_totp(WHO)
    client = client_as(None)
    sent = {"username": WHO, "password": DEMO_PASSWORD}
    assert client.post("/api/v1/security/login", json=sent).status_code == 401
    answer = client.post("/api/v1/security/login", json={**sent, "otp": totp.at(clock.now())})
    assert answer.status_code == 200
    assert answer.json["access_token"]
    assert stored(account(WHO).id).last_step == int(clock.now().timestamp()) // 30
