"""The shell around every page: log-in, workbench, switch, errors."""

from __future__ import annotations

import pytest


def test_a_clerk_sees_the_workbench_in_chinese(client_as):
    page = client_as("police_clerk").get("/")
    assert page.status_code == 200
    assert "工作台" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_the_workbench_speaks_english_on_request(client_as):
    assert "Workbench" in client_as("police_clerk", locale="en").get("/").text


def test_a_stranger_is_asked_to_log_in_and_comes_back(client_as):
    answer = client_as(None).get("/search?q=x")
    assert answer.status_code == 302
    assert "/login/?next=" in answer.location


def test_log_in_by_name_and_log_out_by_post_only(client_as, app, home):
    client = client_as(None)
    password = (home / "demo_password").read_text()
    answer = client.post("/login/", data={"username": "police_clerk", "password": password})
    assert answer.status_code == 302
    assert client.get("/").status_code == 200
    assert client.get("/logout/").status_code == 405
    client.post("/logout/")
    assert client.get("/").status_code == 302


def test_a_wrong_password_keeps_the_form_and_says_so(client_as):
    page = client_as(None).post("/login/", data={"username": "police_clerk", "password": "nope"})
    assert page.status_code == 200
    assert "police_clerk" in page.text


@pytest.mark.parametrize("address", ["/nothing-here", "/lang/en", "/back"])
def test_what_is_not_there_answers_with_a_page_and_a_way_out(client_as, address):
    page = client_as("police_clerk").get(address)
    assert page.status_code == 404
    assert "Traceback" not in page.text
    assert 'href="/"' in page.text


def test_a_changing_request_without_a_token_is_refused(app, client_as):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = client_as("police_clerk").post("/me/membership", data={"membership": "1"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 400


def test_log_in_and_refusal_stand_in_the_security_log(client_as, session, home):
    from sqlalchemy import select

    from app.security.models import SecurityLog

    client = client_as(None)
    client.post("/login/", data={"username": "police_clerk", "password": "Leise-Tritte-3"})
    client.post(
        "/login/", data={"username": "police_clerk", "password": (home / "demo_password").read_text()}
    )
    client.post("/logout/")
    table = SecurityLog.__table__
    rows = session.execute(select(table).order_by(table.c.id.desc()).limit(3)).all()
    assert [(r.action, r.outcome) for r in reversed(rows)] == [
        ("log_in", "refused"),
        ("log_in", "ok"),
        ("log_out", "ok"),
    ]
    assert all("Leise" not in str(r) for r in rows)


def test_production_keeps_away_from_a_demo_database(app, home):
    from dataclasses import replace

    from app.web.mark import check_start
    from config import SettingsError

    settings = app.extensions["settings"]
    with pytest.raises(SettingsError, match="mark of the demo"):
        check_start(replace(settings, env="production"))


def test_the_clock_moves_on_a_demo_database_only(app, monkeypatch):
    from dataclasses import replace

    from app.web.mark import check_start
    from config import SettingsError

    monkeypatch.setattr("app.web.mark.has_demo_mark", lambda: False)
    settings = replace(app.extensions["settings"], embedded=False, clock="+3d")
    with pytest.raises(SettingsError, match="PORTAL_CLOCK"):
        check_start(settings)
