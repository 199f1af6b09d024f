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
