"""What every request leaves: refusals once a minute, mass reading once a window, and otherwise nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from app.db import db
from app.ops import watching
from app.ops.counters import Counters
from app.security.models import SecurityLog
from app.security.scope import Scope


def noted(session, action: str) -> list[SecurityLog]:
    session.rollback()
    session.expire_all()
    session.info["scope"] = Scope.system("test")
    return list(
        session.scalars(select(SecurityLog).where(SecurityLog.action == action).order_by(SecurityLog.id))
    )


def test_a_page_without_the_right_to_it_is_noted_once_a_minute(client_as, session, clock):
    from datetime import timedelta

    client = client_as("police_clerk")
    for _ in range(3):
        assert client.get("/events/").status_code == 404
    assert [line.subject for line in noted(session, "refused")] == ["GET /events/"]
    clock.at = clock.now() + timedelta(minutes=1)
    client.get("/events/")
    lines = noted(session, "refused")
    assert len(lines) == 2
    assert lines[0].outcome == "refused" and lines[0].user_id is not None and lines[0].address


def test_a_foreign_record_is_noted_with_its_key(client_as, session):
    assert client_as("police_clerk").get("/tasks/999999").status_code == 404
    line = noted(session, "refused")[-1]
    assert (line.subject, line.detail) == ("GET /tasks/<pk>", "pk=999999 not_in_scope")


def test_another_person_or_another_route_is_another_line(client_as, session):
    client_as("police_clerk").get("/events/")
    client_as("amr_clerk").get("/events/")
    client_as("police_clerk").get("/security-log/")
    assert len(noted(session, "refused")) == 3


def test_the_public_and_unknown_addresses_leave_nothing(client_as, session):
    client_as(None).get("/events/")
    client_as("police_clerk").get("/no-such-address")
    client_as("police_clerk").get("/tasks/")
    assert noted(session, "refused") == []


def test_tokens_of_links_do_not_reach_the_log(client_as, session):
    token = "T" * 43
    client_as("police_clerk").get(f"/tasks/respond/{token}")
    assert all(token not in line.subject + line.detail for line in session.scalars(select(SecurityLog)))


@pytest.mark.rule("R-30.1")
def test_mass_reading_is_noted_when_the_limit_is_reached_and_once(client_as, session, monkeypatch):
    monkeypatch.setattr(watching, "MASS_READING", 5)
    client = client_as("police_clerk")
    target = session.execute(
        db.text(
            "SELECT id FROM target WHERE region_id IN (SELECT id FROM region WHERE code LIKE '6401%') LIMIT 1"
        )
    ).scalar()  # noqa: E501
    for number in range(8):
        assert client.get(f"/targets/{target}").status_code == 200
        assert len(noted(session, "mass_reading")) == (1 if number >= 4 else 0)
    line = noted(session, "mass_reading")[0]
    assert (line.outcome, line.detail) == ("ok", "5")


def test_counting_costs_no_query(client_as, session, monkeypatch):
    counted = []
    monkeypatch.setattr(watching.counters, "hit", lambda *given: counted.append(given) or 1)
    client, asked = client_as("police_clerk"), []
    target = session.execute(db.text("SELECT id FROM target LIMIT 1")).scalar()
    client.get(f"/targets/{target}")

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    event.listen(db.engine.engine, "before_cursor_execute", note)
    try:
        client.get(f"/targets/{target}")
    finally:
        event.remove(db.engine.engine, "before_cursor_execute", note)
    assert counted
    assert not [statement for statement in asked if "security_log" in statement]


def test_without_redis_each_process_counts_for_itself_and_nobody_waits(app):
    import time
    from dataclasses import replace

    settings = replace(app.extensions["settings"], redis_url="redis://127.0.0.1:1/0")
    counters, begin = Counters(), time.monotonic()
    assert [counters.hit(settings, "k", 60) for _ in range(200)] == list(range(1, 201))
    assert counters.hit(settings, "other", 60) == 1
    assert time.monotonic() - begin < 2


def test_with_redis_all_processes_count_together(app):
    import secrets

    key, one, other = secrets.token_hex(8), Counters(), Counters()
    settings = app.extensions["settings"]
    assert [one.hit(settings, key, 60), other.hit(settings, key, 60), one.hit(settings, key, 60)] == [1, 2, 3]
