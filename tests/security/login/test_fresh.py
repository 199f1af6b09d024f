"""Asked once more who one is: before a draw and its like, and nobody loses a form."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask, request

from app.security.access import signed_in
from app.security.login.fresh import fresh
from tests.security.login.people import account_of, lines, password_of


@pytest.fixture
def act(app):
    """An act of the test's own, behind the question."""
    done: list[dict] = []
    if "test_act" not in app.view_functions:
        app.view_functions["test_act"] = lambda: ""
        app.url_map.add(app.url_rule_class("/test/act", endpoint="test_act", methods=["GET", "POST"]))

    @signed_in
    @fresh
    def view() -> str:
        done.append({"method": request.method, **request.form.to_dict(flat=False)})
        return "done"

    app.view_functions["test_act"] = view
    yield done
    app.view_functions["test_act"] = signed_in(lambda: "")


@pytest.fixture
def stale(client_as, clock):
    client = client_as("police_clerk")
    client.ages = True
    clock.advance(minutes=16)
    return client


def test_within_a_quarter_of_an_hour_nothing_is_asked(client_as, act, clock):
    client = client_as("police_clerk")
    client.ages = True
    clock.advance(minutes=14)
    assert client.post("/test/act", data={"a": "1"}).text == "done"
    assert act == [{"method": "POST", "a": ["1"]}]


def test_a_form_is_kept_and_sent_on_with_the_answer(stale, act, home):
    page = stale.post("/test/act?x=1", data={"a": ["1", "2"], "text": "甲\n乙 <b>&"}).text
    assert act == []
    assert re.findall(r'name="a" hidden[^>]*>\n(\d)</textarea>', page) == ["1", "2"]
    assert "甲\n乙 &lt;b&gt;&amp;</textarea>" in page
    assert 'action="/test/act?x=1"' in page
    answered = {"a": ["1", "2"], "text": "甲\n乙 <b>&", "fresh_password": password_of(home)}
    assert stale.post("/test/act?x=1", data=answered).text == "done"
    assert act == [{"method": "POST", "a": ["1", "2"], "text": ["甲\n乙 <b>&"]}]
    assert stale.post("/test/act", data={"b": "3"}).text == "done"
    assert lines("authenticated_again", 1)[0].outcome == "ok"


def test_a_page_is_led_to_the_question_and_back(stale, act, home):
    answer = stale.get("/test/act?x=1")
    assert answer.location == "/me/confirm?next=/test/act?x%3D1"
    page = stale.get(answer.location).text
    assert "/test/act?x=1</textarea>" in page
    form = {"next": "/test/act?x=1", "fresh_password": password_of(home)}
    assert stale.post("/me/confirm", data=form).location == "/test/act?x=1"
    assert stale.get("/test/act?x=1").text == "done"


def test_a_wrong_answer_does_nothing_keeps_the_form_and_is_counted(stale, act, home):
    for tries in range(1, 6):
        answer = stale.post("/test/act", data={"a": "1", "fresh_password": "wrong"})
        assert answer.status_code == 401
        assert 'name="a" hidden' in answer.text
        assert account_of("police_clerk").fail_login_count == tries
    assert stale.post("/test/act", data={"a": "1", "fresh_password": password_of(home)}).status_code == 401
    assert act == []
    assert lines("authenticated_again", 1)[0].outcome == "refused"


def test_the_question_leads_nowhere_else(stale, home):
    form = {"next": "//evil.example/", "fresh_password": password_of(home)}
    assert stale.post("/me/confirm", data=form).location == "/"


def test_a_file_is_chosen_again_after_the_question(stale, act):
    sent = {"file": (io.BytesIO(b"x"), "x.txt"), "a": "1"}
    assert stale.post("/test/act", data=sent).location.startswith("/me/confirm?next=/test/act")
    assert act == []


def test_a_draw_is_behind_the_question(app: Flask):
    view = app.view_functions["DrawActs.draw"]
    names = []
    while view is not None:
        names.append(
            view.__code__.co_qualname if hasattr(view.__code__, "co_qualname") else view.__qualname__
        )
        view = getattr(view, "__wrapped__", None)
    assert any("fresh.<locals>" in name for name in names)


def test_a_public_visitor_is_asked_to_log_in_not_to_confirm(client_as, act):
    assert "/login/" in client_as(None).post("/test/act").location
