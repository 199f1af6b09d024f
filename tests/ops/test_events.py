"""The event browser: what happened to a record, to a task, by a person; within the scope and without secrets."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import event, select

from app.audit.sealing import seal_now
from app.audit.services import record
from app.db import db
from app.ops.events import history
from app.ops.events.filters import EventFilter
from app.ops.events.queries import lines
from app.ops.subjects import subjects_of
from app.security.models import SecurityLog
from tests.tasks.conftest import SCHEME, new_entry, new_plan


@pytest.fixture
def task(session, act_as):
    from app.tasks import services

    entry = new_entry(session, new_plan(session))
    with act_as("police_clerk") as unit:
        made = services.create_task(unit, entry.id, **SCHEME)
        services.push_task(unit, made.id)
        seal_now(unit)
    session.expire_all()
    return made


def test_what_happened_to_a_task_stands_with_names_and_seals(task, client_as):
    page = client_as("auditor").get(f"/events/record?subject=task:{task.id}").text
    for part in (task.name, "推送任务", "市公安局经办人", "/public/log?index="):
        assert part in page, part


def test_what_changed_in_a_task_is_shown_before_and_after(task, client_as):
    page = client_as("auditor").get(f"/events/record?subject=task:{task.id}&show=changes").text
    assert "<del>草稿</del>" in page and "<ins>已推送</ins>" in page
    assert "参与单位" in page and "银川市卫生健康委" in page


def test_by_this_person_lists_everything_the_person_did(task, client_as, account):
    page = client_as("auditor").get(f"/events/?actor=u{account('police_clerk').id}").text
    assert "推送任务" in page
    by_name = client_as("auditor").get("/events/?actor=市公安局经办人").text
    assert "推送任务" in by_name
    assert "没有符合" in client_as("auditor").get("/events/?actor=system&tag=task.pushed").text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"tag": "task."}, True),
        ({"tag": "task.pushed"}, True),
        ({"tag": "draw."}, False),
        ({"agency": "POLICE-640100"}, True),
        ({"agency": "公安"}, True),
        ({"agency": "HEALTH-640100"}, False),
        ({"since": "2026-11-23", "until": "2026-11-23"}, True),
        ({"until": "2026-11-22"}, False),
        ({"since": "not a day"}, True),
    ],
)
def test_filters_combine(task, act_as, asked, found):
    with act_as("auditor") as unit:
        rows = lines(unit.session, EventFilter.read({"subject": f"task:{task.id}", **asked}))
        assert bool(rows) is found


def test_a_foreign_record_has_no_history(task, client_as, session):
    other = client_as("police_clerk")
    assert other.get(f"/events/record?subject=task:{task.id}").status_code == 404
    auditor = client_as("auditor")
    for subject in ("task:999999", "draw:none", "row_history:1", "ab_user:1", "", "task:" + "9" * 40):
        assert auditor.get("/events/record", query_string={"subject": subject}).status_code == 404, subject


def test_an_office_elsewhere_sees_nothing_of_it(task, act_as, session, clock):
    from app.db import unit_of_work
    from app.security.models import Agency
    from app.security.scope import Scope

    elsewhere = session.scalars(select(Agency.id).where(Agency.code == "OFFICE-640200")).one()
    with act_as("office") as unit:
        actor = unit.actor
    scope = Scope(agency_ids=frozenset({elsewhere}), user_id=actor.user_id, roles=actor.roles)
    with unit_of_work(actor, scope, clock) as unit:
        assert subjects_of(unit.session, [f"task:{task.id}"]) == {}
        assert lines(unit.session, EventFilter(subject=f"task:{task.id}")) == []


def test_subjects_of_several_kinds_come_in_one_question(task, act_as, monkeypatch):
    monkeypatch.setattr("app.ops.subjects._page", lambda shape, key: "")
    asked: list[str] = []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    with act_as("auditor") as unit:
        unit.session.flush()
        event.listen(db.engine.engine, "before_cursor_execute", note)
        try:
            found = subjects_of(
                unit.session, [f"task:{task.id}", f"plan_entry:{task.entry_id}", "target:1", "draw:none"]
            )
        finally:
            event.remove(db.engine.engine, "before_cursor_execute", note)
    assert len([s for s in asked if "UNION ALL" in s]) == 1
    assert found[f"task:{task.id}"].text == f"{task.no} {task.name}"
    assert found[f"plan_entry:{task.entry_id}"].text


@pytest.mark.rule("R-30.1")
def test_protected_columns_only_say_that_they_changed():
    cells = history.cells(
        {"phone": "13900001111", "name": "甲", "risk_class": "A", "phone_digest": "x", "version": 1},
        {"phone": "13900002222", "name": "乙", "risk_class": "D", "phone_digest": "y", "version": 2},
    )
    assert [(c.name, c.covered) for c in cells] == [("name", False), ("phone", True), ("risk_class", True)]
    assert all(c.before == c.after == "" for c in cells if c.covered)


def test_a_target_shows_no_phone_in_its_history(client_as, session, act_as_system):
    from app.directories.targets.models import Target

    with act_as_system() as unit:
        target = unit.session.scalars(select(Target).limit(1)).one()
        number, target.phone = target.id, "13912345678"
    page = client_as("region_office").get(f"/events/record?subject=target:{number}&show=changes").text
    assert "13912345678" not in page
    assert "内容受保护" in page


def test_an_export_is_watermarked_logged_and_harmless(task, client_as, session, act_as):
    with act_as("police_clerk") as unit:
        record(unit, "task.pushed", "=cmd()", {})
    answer = client_as("auditor").post("/events/export", data={"tag": "task."})
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert any("审计监督员" in cell and "2026-11-23" in cell for cell in rows[-1])
    assert any("'=cmd()" in row for row in rows)
    assert (
        session.scalars(select(SecurityLog).where(SecurityLog.action == "exported")).one().subject == "events"
    )


def test_the_list_asks_few_questions_whatever_kinds_it_shows(task, client_as, session, act_as):
    with act_as("police_clerk") as unit:
        for subject in ("plan:1", "item:1", "library:1", "form:1", "visit:1", "target:1", "draw:x", "list:y"):
            record(unit, "task.pushed", subject, {})
    client, asked = client_as("office"), []
    client.get("/events/")

    def note(connection, cursor, statement, *rest):
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            asked.append(statement)

    event.listen(db.engine.engine, "before_cursor_execute", note)
    try:
        assert client.get("/events/").status_code == 200
    finally:
        event.remove(db.engine.engine, "before_cursor_execute", note)
    assert len(asked) <= 12, "\n".join(s[s.find("FROM") :][:60] for s in asked)


@pytest.mark.parametrize("who", ["auditor", "office"])
def test_pages_of_records_lead_to_their_history_for_those_who_may_read_it(task, client_as, who):
    link = f"/events/record?subject=task:{task.id}"
    assert link in client_as(who).get(f"/tasks/{task.id}").text
    assert link not in client_as("police_clerk").get(f"/tasks/{task.id}").text
