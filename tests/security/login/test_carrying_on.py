"""What was sent with a session that had ended waits for its owner, and for nobody else."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, text
from werkzeug.datastructures import MultiDict

from app.db import db
from app.directories.targets.models import Target
from app.security.login.models import LoginSession
from tests.security.login.people import account_of, log_in, password_of

ENTRY = {
    "name": "很长的名称示例",
    "address": "示例路一号\n二楼",
    "tags": ["甲", "乙"],
    "password": "Geheim-1",
}
PATH = "/targets/add?from=list"


@pytest.fixture
def police(client_as, home):
    client = client_as(None)
    client.ages = True
    assert log_in(client, "police_admin", password_of(home)).status_code == 302
    return client


def send_late(client, clock, data=ENTRY):
    clock.advance(minutes=31)
    answer = client.post(PATH, data=data)
    assert answer.status_code == 302
    assert "/login/" in answer.location


def fields_of(page):
    return re.findall(r'<textarea name="(\w+)"[^>]*>\n(.*?)</textarea>', page, re.S)


def test_the_entry_is_offered_after_the_log_in_with_every_field_but_the_secret_ones(police, clock, home):
    send_late(police, clock)
    answer = log_in(police, "police_admin", password_of(home))
    assert answer.location == "/me/carry-on"
    page = police.get(answer.location).text
    assert f'action="{PATH}"' in page
    assert fields_of(page) == [
        ("name", "很长的名称示例"),
        ("address", "示例路一号\n二楼"),
        ("tags", "甲"),
        ("tags", "乙"),
    ]
    assert "Geheim" not in page


def test_sent_on_it_reaches_the_form_as_if_nothing_had_happened(police, clock, home):
    send_late(police, clock)
    page = police.get(log_in(police, "police_admin", password_of(home)).location).text
    answer = police.post(PATH, data=MultiDict(fields_of(page)))
    assert answer.status_code == 422
    assert "很长的名称示例" in answer.text
    assert db.session.scalars(select(Target.id).where(Target.name == ENTRY["name"])).all() == []


def test_thrown_away_it_is_gone_and_the_page_is_open(police, clock, home):
    send_late(police, clock)
    log_in(police, "police_admin", password_of(home))
    assert police.post("/me/carry-on").location == "/targets/add"
    assert police.get("/me/carry-on").location == "/"
    assert db.session.execute(select(LoginSession.id).where(LoginSession.kept.is_not(None))).all() == []


def test_another_person_at_the_same_machine_is_not_offered_it(police, clock, home):
    send_late(police, clock)
    assert log_in(police, "amr_clerk", password_of(home)).location != "/me/carry-on"
    assert police.get("/me/carry-on").location == "/"


def test_after_an_hour_nothing_is_offered_and_the_next_log_in_clears_it(police, clock, home):
    send_late(police, clock)
    clock.advance(minutes=61)
    assert log_in(police, "police_admin", password_of(home)).location != "/me/carry-on"
    assert db.session.execute(select(LoginSession.id).where(LoginSession.kept.is_not(None))).all() == []


def test_it_lies_sealed_in_the_database(police, clock):
    send_late(police, clock)
    user = account_of("police_admin").id
    stored = db.session.execute(
        text("SELECT kept FROM login_session WHERE user_id = :user AND kept IS NOT NULL"), {"user": user}
    ).scalar_one()
    assert "示例".encode() not in bytes(stored)


def test_neither_a_cookie_that_nobody_gave_out_nor_a_huge_entry_is_kept(police, client_as, clock):
    stranger = client_as(None)
    with stranger.session_transaction() as kept:
        kept.update(_user_id=str(account_of("police_admin").id), token="made-up", _fresh=True)
    stranger.post(PATH, data=ENTRY)
    send_late(police, clock, {"name": "x" * 70_000})
    assert db.session.execute(select(LoginSession.id).where(LoginSession.kept.is_not(None))).all() == []


def test_a_token_of_the_form_is_not_what_the_late_entry_fails_at(app, police, clock, home):
    page = police.get("/targets/add").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        send_late(police, clock, ENTRY | {"csrf_token": token})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert log_in(police, "police_admin", password_of(home)).location == "/me/carry-on"
