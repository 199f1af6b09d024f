"""The own messages and mails, and nobody else's."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from app.jobs.models import JobProgress
from app.jobs.services import enqueue
from app.notifications.models import Mail, Message
from app.notifications.queries import PAGE, unread_count
from app.notifications.services import notify
from app.security.models import Account
from app.security.scope import Scope
from tests.notifications import conftest as greeting

assert greeting


@pytest.fixture
def told(act_as_system, session):
    def tell(name: str, count: int = 1) -> list[int]:
        with act_as_system() as unit:
            account = unit.session.scalars(select(Account).where(Account.username == name)).one()
            for n in range(count):
                notify(
                    unit, [account], "test.greeting", f"told:{name}:{n}", {"first": n, "last": 9}, "/mailbox/"
                )
        return list(
            session.scalars(select(Message.id).where(Message.key.like(f"told:{name}:%")).order_by(Message.id))
        )

    return tell


def _unread(session, name: str) -> int:
    session.info["scope"] = Scope.system("test")
    return unread_count(session, session.scalars(select(Account.id).where(Account.username == name)).one())


def test_opening_a_message_marks_it_read_and_leads_to_its_subject(client_as, told, session):
    (message_id,) = told("police_clerk")
    client = client_as("police_clerk", locale="en")
    assert client.get("/messages/").status_code == 200
    before = _unread(session, "police_clerk")
    answer = client.post(f"/messages/{message_id}/open")
    assert (answer.status_code, answer.location) == (302, "/mailbox/")
    assert _unread(session, "police_clerk") == before - 1
    assert client.get(f"/messages/{message_id}/open").status_code == 405, "no change on GET"


def test_other_peoples_messages_are_not_there(client_as, told, session):
    (message_id,) = told("police_clerk")
    assert client_as("amr_clerk").post(f"/messages/{message_id}/open").status_code == 404
    session.info["scope"] = Scope.system("test")
    assert session.get(Message, message_id).read_at is None
    assert client_as(None).get("/messages/").status_code == 302


def test_all_can_be_marked_read_at_once_but_only_the_own(client_as, told, session):
    told("police_clerk", 3)
    told("amr_clerk", 2)
    client_as("police_clerk").post("/messages/read")
    session.expire_all()
    assert _unread(session, "police_clerk") == 0
    assert _unread(session, "amr_clerk") >= 2


def test_the_list_goes_on_by_key(client_as, told):
    ids = told("police_clerk", PAGE + 5)
    client = client_as("police_clerk")
    first = client.get("/messages/").text
    assert f"before={ids[-PAGE]}" in first
    second = client.get(f"/messages/?before={ids[-PAGE]}").text
    assert f"/messages/{ids[0]}/open" in second and f"/messages/{ids[-1]}/open" not in second


@pytest.mark.parametrize("before", ["x", "-1", "99999999999999999999", "%00"])
def test_an_odd_key_is_not_there(client_as, before):
    assert client_as("police_clerk").get(f"/messages/?before={before}").status_code in (400, 404)


def test_the_mailbox_shows_the_own_mails_only(client_as, told, session):
    told("police_clerk")
    mail = session.scalars(select(Mail).where(Mail.key.like("told:police_clerk:%"))).one()
    assert mail.recipient in client_as("police_clerk").get("/mailbox/").text
    assert mail.recipient not in client_as("amr_clerk").get("/mailbox/").text


def test_progress_is_shown_to_whoever_started_the_job(client_as, act_as, session):
    with act_as("police_clerk") as unit:
        number = enqueue(unit, "notifications.mail", "own:1", {"mail": 0})
        unit.session.execute(
            text("INSERT INTO job_progress (outbox_id, done, total, at) VALUES (:id, 30, 120, now())"),
            {"id": number},
        )
    client = client_as("police_clerk")
    assert "<progress" in client.get(f"/jobs/{number}").text
    assert client.get(f"/jobs/{number}/part").status_code == 200
    found = client.get(f"/jobs/{number}.json").json
    assert (found["done"], found["total"], found["percent"], found["over"]) == (30, 120, 25, False)
    assert client_as("amr_clerk").get(f"/jobs/{number}").status_code == 404
    assert client.get("/jobs/999999999999").status_code == 404
    assert session.get(JobProgress, number) is not None
