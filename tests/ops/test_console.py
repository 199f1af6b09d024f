"""The console belongs to the system administrator; the security log to the audit administrator."""

from __future__ import annotations

import pytest

from app.jobs.models import Outbox, OutboxState
from app.jobs.services import enqueue

PAGES = [
    "/ops/",
    "/ops/failed/",
    "/ops/open/",
    "/ops/jobs/",
    "/ops/schedules/",
    "/ops/channels/",
    "/ops/storage/",
]


@pytest.mark.parametrize("address", PAGES)
def test_the_system_administrator_sees_every_page(client_as, address):
    page = client_as("sysadmin").get(address)
    assert page.status_code == 200
    assert "eh-tabs" in page.text
    assert "<script>" not in page.text and "onclick" not in page.text and "style=" not in page.text


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("name", ["police_clerk", "office", "secadmin", "auditor"])
def test_for_others_the_console_is_not_there(client_as, name, address):
    assert client_as(name).get(address).status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_strangers_are_asked_to_log_in(client_as, address):
    answer = client_as(None).get(address)
    assert answer.status_code == 302 and "/login/" in answer.location


def test_the_audit_administrator_sees_the_security_log_and_nothing_else(client_as):
    client = client_as("auditadmin")
    assert client.get("/security-log/").status_code == 200
    assert [client.get(address).status_code for address in PAGES] == [404] * len(PAGES)
    assert client_as("sysadmin").get("/security-log/").status_code == 404


def test_the_door_leads_into_the_console(client_as):
    assert client_as("sysadmin").get("/console/").location == "/ops/"
    assert client_as("auditadmin").get("/console/").status_code == 404
    assert client_as("police_clerk").get("/console/").status_code == 404


def _failed_job(act_as_system, session) -> int:
    with act_as_system() as unit:
        number = enqueue(unit, "notifications.mail", "mail:secret-case", {"mail": 987654321}, queue="mail")
        row = unit.session.get(Outbox, number)
        row.state, row.attempts, row.error = OutboxState.FAILED, 8, "SMTPServerDisconnected"
    return number


def test_a_failed_job_is_shown_without_its_arguments_and_tried_again(client_as, act_as_system, session):
    number = _failed_job(act_as_system, session)
    client = client_as("sysadmin")
    page = client.get("/ops/failed/")
    assert "mail:secret-case" in page.text and "SMTPServerDisconnected" in page.text
    assert "987654321" not in page.text
    answer = client.post(
        "/ops/failed/action/", data={"action": "again", "rowid": str(number), "url": "/ops/failed/"}
    )
    assert answer.status_code == 302
    session.expire_all()
    row = session.get(Outbox, number)
    assert (row.state, row.attempts) == (OutboxState.NEW, 0)


def test_nobody_else_can_try_again(client_as, act_as_system, session):
    number = _failed_job(act_as_system, session)
    answer = client_as("police_clerk").post(
        "/ops/failed/action/", data={"action": "again", "rowid": str(number)}
    )
    assert answer.status_code == 404
    session.expire_all()
    assert session.get(Outbox, number).state == OutboxState.FAILED


@pytest.mark.parametrize("query", ["page=-1", "page=99999999999999999999", "page=x", "sort=99", "search=%00"])
def test_odd_arguments_break_nothing(client_as, query):
    assert client_as("sysadmin").get(f"/ops/jobs/?{query}").status_code < 500


def test_redis_down_is_said(client_as, app):
    from dataclasses import replace

    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, redis_url="redis://127.0.0.1:1/0")
    try:
        page = client_as("sysadmin", locale="en").get("/ops/")
    finally:
        app.extensions["settings"] = settings
    assert page.status_code == 200
    assert "Redis is down" in page.text


def test_events_are_shown_within_the_scope(client_as, act_as):
    from app.audit.services import record

    with act_as("police_clerk") as unit:
        record(unit, "task.pushed", "task:991", {})
    assert "task:991" in client_as("auditor").get("/events/?subject=task:991").text
    assert "task:991" in client_as("office").get("/events/").text
    assert client_as("police_clerk").get("/events/").status_code == 404
