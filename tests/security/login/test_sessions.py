"""Sessions on the server's side: idle and longest time, at most two, ended at once, and why."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from app.db import Actor, db, unit_of_work
from app.security.login.models import LoginSession
from app.security.login.services import end_sessions_of
from app.security.scope import Scope
from tests.security.login.people import NEW, account_of, change, lines, log_in, password_of, set_policy


def signed_in(client_as, home, name="police_clerk"):
    client = client_as(None)
    assert log_in(client, name, password_of(home)).status_code == 302
    client.get("/")
    return client


def rows_of(name):
    table = LoginSession.__table__
    query = select(table).where(table.c.user_id == account_of(name).id).order_by(table.c.id)
    return list(db.session.execute(query))


def why(client):
    """What the page of log-in says to somebody whose session is over."""
    answer = client.get("/")
    assert answer.status_code == 302
    assert "/login/" in answer.location
    return client.get(answer.location).text


@pytest.mark.rule("R-5.2")
def test_half_an_hour_without_activity_ends_it_with_a_sentence_and_a_line_in_the_log(client_as, home, clock):
    client = signed_in(client_as, home)
    clock.advance(minutes=29)
    assert client.get("/").status_code == 200
    clock.advance(minutes=29)
    assert client.get("/").status_code == 200
    clock.advance(minutes=30)
    assert "长时间没有操作" in why(client)
    assert lines("session_ended", 1)[0].detail == "idle"
    assert rows_of("police_clerk")[-1].ended_why == "idle"


def test_twelve_hours_end_it_however_busy_one_is(client_as, home, clock):
    client = signed_in(client_as, home)
    for _ in range(35):
        clock.advance(minutes=20)
        assert client.get("/me/").status_code == 200
    clock.advance(minutes=20)
    assert "最长时间" in why(client)


def test_a_page_that_fetches_by_itself_does_not_keep_it_alive(client_as, home, clock):
    client = signed_in(client_as, home)
    for _ in range(4):
        clock.advance(minutes=9)
        answer = client.get("/me/", headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 302


def test_use_is_written_down_once_a_minute_at_most(client_as, home, clock):
    client = signed_in(client_as, home)
    begun = rows_of("police_clerk")[-1].seen_at
    clock.advance(seconds=59)
    client.get("/me/")
    assert rows_of("police_clerk")[-1].seen_at == begun
    clock.advance(seconds=1)
    client.get("/me/")
    assert rows_of("police_clerk")[-1].seen_at == clock.now()


def test_a_third_log_in_ends_the_oldest_which_is_told_so(client_as, home):
    clients = [signed_in(client_as, home) for _ in range(3)]
    assert "其他地方登录" in why(clients[0])
    assert [client.get("/").status_code for client in clients[1:]] == [200, 200]


def test_parallel_log_ins_leave_two(own_app, home):
    from concurrent.futures import ThreadPoolExecutor

    def one(_: int) -> int:
        with own_app.app_context():
            return log_in(own_app.test_client(), "police_clerk", password_of(home)).status_code

    with ThreadPoolExecutor(6) as hands:
        assert set(hands.map(one, range(6))) == {302}
    assert sum(row.ended_at is None for row in rows_of("police_clerk")) == 2
    db.session.rollback()


def test_whoever_leaves_is_out_at_the_next_request(client_as, home, app, clock):
    client = signed_in(client_as, home)
    with unit_of_work(Actor.system(), Scope.system("test"), clock) as unit:
        assert end_sessions_of(unit, account_of("police_clerk").id, why="left") == 1
    assert "账号已关闭" in why(client)


def test_a_disabled_account_is_out_even_when_nobody_ended_its_sessions(client_as, home, app):
    client = signed_in(client_as, home)
    change(app, "police_clerk", active=False)
    assert client.get("/").status_code == 302


def test_a_clock_that_was_set_back_ends_it(client_as, home, clock):
    client = signed_in(client_as, home)
    clock.advance(hours=-2)
    assert "时钟" in why(client)
    assert lines("session_ended", 1)[0].detail == "clock"


def test_a_clock_corrected_by_seconds_does_not(client_as, home, clock):
    client = signed_in(client_as, home)
    clock.advance(seconds=-20)
    assert client.get("/").status_code == 200


def test_a_token_that_nobody_gave_out_opens_nothing_and_is_logged_once_a_minute(client_as, home, app):
    app.extensions.pop("refused_tokens", None)
    for _ in range(3):
        client = signed_in(client_as, home)
        with client.session_transaction() as kept:
            kept["token"] = "x" * 43
        assert "无效" in why(client)
    assert len(lines("session_refused")) == 1


def test_a_token_of_somebody_else_opens_nothing(client_as, home):
    mine, theirs = signed_in(client_as, home), signed_in(client_as, home, "amr_clerk")
    with theirs.session_transaction() as kept:
        stolen = kept["token"]
    with mine.session_transaction() as kept:
        kept["token"] = stolen
    assert mine.get("/").status_code == 302


def test_a_forged_cookie_opens_nothing_and_is_logged(client_as, app):
    app.extensions.pop("refused_tokens", None)
    client = client_as(None)
    client.set_cookie("portal", "eyJfdXNlcl9pZCI6IjEifQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb")
    assert client.get("/").status_code == 302
    assert lines(most=1)[0].action == "session_refused"


def test_after_log_out_the_old_cookie_opens_nothing(client_as, home):
    client = signed_in(client_as, home)
    cookie = client.get_cookie("portal").value
    client.post("/logout/")
    thief = client_as(None)
    thief.set_cookie("portal", cookie)
    assert thief.get("/").status_code == 302
    assert [line.action for line in lines(most=2)][0] == "log_out"


def test_i_see_my_sessions_and_end_the_other_one(client_as, home):
    here, there = signed_in(client_as, home), signed_in(client_as, home)
    page = here.get("/me/sessions").text
    assert page.count("结束此会话") >= 2
    mine = rows_of("police_clerk")
    assert here.post(f"/me/sessions/{mine[-1].id}/end").status_code == 302
    assert "从会话列表" in why(there)
    assert here.get("/").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(client_as, home):
    client, other = signed_in(client_as, home), signed_in(client_as, home, "amr_clerk")
    theirs = rows_of("amr_clerk")[-1].id
    assert client.post(f"/me/sessions/{theirs}/end").status_code == 404
    assert client.post("/me/sessions/987654321/end").status_code == 404
    assert other.get("/").status_code == 200


def test_a_new_password_ends_all_others_and_renews_the_token(client_as, home):
    here, there = signed_in(client_as, home), signed_in(client_as, home)
    copy = here.get_cookie("portal").value
    form = {"old": password_of(home), "new": NEW, "again": NEW}
    assert here.post("/me/password", data=form).location == "/me/"
    assert "密码已修改" in why(there)
    assert here.get("/").status_code == 200
    thief = client_as(None)
    thief.set_cookie("portal", copy)
    assert thief.get("/").status_code == 302


def test_the_session_costs_one_question_with_account_and_policy(client_as, home, app):
    client = signed_in(client_as, home)
    asked: list[str] = []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        client.get("/me/password")
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    about = [s for s in asked if "login_session" in s or "security_policy" in s or "FROM ab_user" in s]
    assert len(about) == 1, "\n".join(about)


def test_the_policy_s_numbers_hold_from_the_next_request_on(client_as, home, app, clock):
    client = signed_in(client_as, home)
    set_policy(app, idle_minutes=5)
    clock.advance(minutes=6)
    assert client.get("/").status_code == 302


def test_another_log_in_in_the_same_browser_ends_the_session_before(client_as, home):
    client = signed_in(client_as, home)
    log_in(client, "amr_clerk", password_of(home))
    assert rows_of("police_clerk")[-1].ended_why == "log_out"
    assert "amr_clerk" in client.get("/me/").text


def test_rows_of_long_ended_sessions_go_at_the_next_log_in(client_as, home, clock):
    signed_in(client_as, home)
    first = rows_of("police_clerk")[-1].id
    clock.advance(days=31)
    signed_in(client_as, home)
    assert first not in {row.id for row in rows_of("police_clerk")}


def test_a_change_of_roles_ends_the_sessions_and_says_so(client_as, home, app, clock, session):
    from app.security.models import Membership
    from app.security.roles.services import grant_role

    client = signed_in(client_as, home)
    table = Membership.__table__
    number = session.scalar(select(table.c.id).where(table.c.user_id == account_of("police_clerk").id))
    with unit_of_work(Actor.system(), Scope.system("test"), clock) as unit:
        grant_role(unit, number, "reviewer", until=None, reason="替班")
    assert "角色已变更" in why(client)


def test_the_cookie_is_strict_where_the_portal_is_served_securely(app):
    from dataclasses import replace

    from app.web.options import flask_options

    settings = app.extensions["settings"]
    secure = flask_options(replace(settings, base_url="https://portal.example"))
    assert secure["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert secure["SESSION_COOKIE_SECURE"] is True
    assert secure["SESSION_COOKIE_HTTPONLY"] is True
