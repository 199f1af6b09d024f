"""A notification is a line in the portal and a mail, once per occasion and person."""

from __future__ import annotations

import time

import pytest

from app.jobs.execution import MOST_ATTEMPTS, run_outbox
from app.notifications.services import register_template
from app.notifications.templates import wording
from tests.notifications.conftest import rows

MAIL_JOBS = "SELECT id FROM outbox WHERE kind = 'notifications.mail' AND state IN ('new', 'pushed')"


def _run_all() -> list[str]:
    return [run_outbox(number) for (number,) in rows(MAIL_JOBS)]


def test_a_mail_arrives_at_a_real_server_in_the_readers_language(mail_app, inbox, tell):
    assert tell("police_clerk", email="clerk@example.org") == 1
    assert _run_all() == ["done"]
    (mail,) = inbox.mails
    assert (mail["To"], mail["From"]) == ("clerk@example.org", "portal@portal.example")
    body = mail.get_payload(decode=True).decode()
    assert "3" in body and "9" in body and "Rows" not in body, "in Chinese"
    assert mail_app.extensions["settings"].base_url + "/messages/" in body
    assert mail["Message-ID"].startswith("<") and "@" in mail["Message-ID"]
    assert rows("SELECT sent_at IS NOT NULL FROM mail WHERE recipient = 'clerk@example.org'") == [(True,)]


def test_the_language_is_the_accounts(mail_app, inbox, tell):
    tell("police_clerk", email="clerk@example.org", locale="en")
    _run_all()
    assert inbox.mails[0]["Subject"] == "Save"
    assert "Rows 3 to 9" in inbox.mails[0].get_payload(decode=True).decode()


def test_the_same_occasion_reaches_a_person_once(mail_app, inbox, tell):
    assert [tell("police_clerk", email="clerk@example.org") for _ in range(3)] == [1, 0, 0]
    _run_all()
    _run_all()
    assert len(inbox.mails) == 1
    assert rows("SELECT count(*) FROM message WHERE key LIKE 'greeting:1:%'") == [(1,)]


def test_a_mail_sent_twice_carries_the_same_message_id(mail_app, inbox, tell):
    from sqlalchemy import text

    from app.db import db

    tell("police_clerk", email="clerk@example.org")
    _run_all()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE mail SET sent_at = NULL"))
        connection.execute(text("UPDATE outbox SET state = 'new' WHERE kind = 'notifications.mail'"))
    _run_all()
    assert len({mail["Message-ID"] for mail in inbox.mails}) == 1
    assert len(inbox.mails) == 2


def test_fictional_addresses_get_no_mail_from_a_real_server(mail_app, inbox, tell):
    tell("police_clerk", email="someone@example.invalid")
    assert _run_all() == ["done"]
    assert inbox.mails == []
    ((note, sent_at),) = rows("SELECT note, sent_at FROM mail WHERE recipient = 'someone@example.invalid'")
    assert note and sent_at is None


def test_an_account_without_mail_still_gets_its_message(mail_app, inbox, tell):
    assert tell("police_clerk", email="no-mail+77@portal.invalid") == 1
    assert rows(MAIL_JOBS) == []
    assert rows("SELECT count(*) FROM message WHERE key LIKE 'greeting:1:%'") == [(1,)]


def test_without_a_mail_server_the_mail_is_in_the_mailbox(own_app, tell):
    tell("police_clerk")
    before = len(rows("SELECT id FROM mail WHERE sent_at IS NOT NULL"))
    assert set(_run_all()) == {"done"}
    assert len(rows("SELECT id FROM mail WHERE sent_at IS NOT NULL")) > before


def test_a_stopped_mail_server_holds_nothing_up_and_is_shown_after_the_last_attempt(
    stopped_mail_app, tell, clock
):
    began = time.monotonic()
    assert tell("police_clerk", email="clerk@example.org") == 1
    assert time.monotonic() - began < 5
    outcomes = []
    for _ in range(MOST_ATTEMPTS):
        outcomes += _run_all()
        clock.advance(hours=2)
    assert outcomes == ["retry"] * (MOST_ATTEMPTS - 1) + ["failed"]
    ((state, error),) = rows(
        "SELECT state, error FROM outbox WHERE kind = 'notifications.mail' AND error <> ''"
    )
    assert state == "failed"
    assert "ConnectionRefusedError" in error and "clerk@example.org" not in error
    assert rows("SELECT count(*) FROM message WHERE key LIKE 'greeting:1:%'") == [(1,)]


def test_a_server_that_comes_back_gets_the_mail(stopped_mail_app, inbox, tell, clock):
    from tests.notifications.conftest import _with_smtp

    tell("police_clerk", email="clerk@example.org")
    assert _run_all() == ["retry"]
    _with_smtp(stopped_mail_app, inbox.port)
    clock.advance(seconds=10)
    assert _run_all() == ["done"]
    assert len(inbox.mails) == 1


def test_a_subject_is_one_line_whatever_the_context_holds(app):
    register_template("test.lines", subject="On %(what)s", body="%(what)s")
    subject, _ = wording("test.lines", {"what": "a\r\nBcc: everybody@example.org"})
    assert "\n" not in subject and "\r" not in subject


def test_a_kind_has_one_wording_and_a_missing_name_is_a_fault():
    register_template("test.once", subject="a", body="%(x)s")
    register_template("test.once", subject="a", body="%(x)s")
    with pytest.raises(ValueError, match="twice"):
        register_template("test.once", subject="b", body="c")
    with pytest.raises(KeyError):
        wording("test.once", {})
