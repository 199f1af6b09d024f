"""The interfaces and the pages, as systems and people use them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from app.inspections.national.models import NationalConflict, NationalResult
from app.inspections.national.services import approve
from app.notifications.due import lines_for
from tests.inspections.national.world import DAY, PROBLEM, SYSTEM, results, task

TASKS, RESULTS = "/api/v1/sync/tasks", "/api/v1/sync/results"


def post(client, address, *rows, source=SYSTEM, **headers):
    return client.post(address, json={"source": source, "rows": list(rows)}, headers=headers)


def conflict_of(act_as, rows, session):
    number = results(act_as, rows.result(1))["rows"][0]["id"]
    with act_as("police_reviewer") as unit:
        approve(unit, number)
    results(act_as, rows.result(1, corrected_on="2026-03-20"))
    return session.scalars(select(NationalConflict.id)).one()


@pytest.mark.rule("R-6.2")
def test_tasks_and_results_over_the_interface_once_per_key(rows, client_as, session):
    client = client_as("police_admin")
    assert post(client, TASKS, task(2)).json["counts"]["new"] == 1
    key = {"Idempotency-Key": "k1"}
    first = post(client, RESULTS, rows.result(1, task="T2"), **key)
    again = post(client, RESULTS, rows.result(1, task="T2"), **key)
    assert first.status_code == 200 and first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert post(client, RESULTS, rows.result(2), **key).json["code"] == "sync_key_reused"
    assert post(client, TASKS, rows.result(1, task="T2"), **key).status_code == 409
    assert session.scalar(select(func.count()).select_from(NationalResult)) == 1


def test_who_may_not_push_gets_nothing_and_a_bad_body_a_sentence(rows, client_as):
    assert post(client_as(None), RESULTS).status_code == 401
    for name in ("police_clerk", "police_reviewer", "amr_clerk", "office", "auditor"):
        assert post(client_as(name), RESULTS, rows.result(1)).status_code == 404
    client = client_as("police_admin")
    for body, status, code in ((b"[]", 400, "sync_body"), (b"[" * 100_000, 400, "sync_body")):
        answer = client.post(RESULTS, data=body, content_type="application/json")
        assert (answer.status_code, answer.json["code"]) == (status, code)
    many = post(client, RESULTS, *[0] * 10_001)
    assert (many.status_code, many.json["code"]) == (409, "sync_too_many")
    assert post(client, RESULTS, source="nobody").json["code"] == "source_unknown"


def test_both_addresses_are_described(client_as):
    paths = client_as("police_admin").get("/api/v1/_openapi").json["paths"]
    assert "post" in paths[TASKS] and "post" in paths[RESULTS] and "post" in paths["/api/v1/sync/targets"]


def test_the_lists_show_the_own_rows_to_the_agency_and_to_its_office(rows, act_as, client_as):
    results(act_as, rows.result(1), rows.result(2, 1, result=PROBLEM, problem_text="未登记"))
    for name in ("police_clerk", "police_reviewer", "office", "auditor"):
        page = client_as(name).get("/national/results/")
        assert page.status_code == 200 and rows.targets[0].name in page.text and "公安专网系统" in page.text
        assert "第1号专网任务" in client_as(name).get("/national/tasks/").text
    foreign = client_as("amr_clerk").get("/national/results/").text
    assert rows.targets[0].name not in foreign
    assert client_as("sysadmin").get("/national/results/").status_code == 404
    client = client_as("police_clerk")
    problems = client.get("/national/results/?kind=problem").text
    assert rows.targets[1].name in problems and rows.targets[0].name not in problems
    assert rows.targets[0].name in client.get(f"/national/results/?q={rows.targets[0].code}").text
    for query in (
        "state=received",
        "since=2026-01-01",
        f"system={SYSTEM}",
        "agency=POLICE-640100",
        "sort=publish_due_at",
    ):
        assert client.get(f"/national/results/?{query}").status_code == 200
    for query in ("random=yes", "sort=received_at", "q=专网"):
        assert "第1号专网任务" in client.get(f"/national/tasks/?{query}").text


def test_the_record_of_a_result_and_of_its_target_and_task(rows, act_as, client_as, session):
    number = results(act_as, rows.result(1))["rows"][0]["id"]
    stored = session.get(NationalResult, number)
    client = client_as("police_clerk")
    page = client.get(f"/national/results/{number}").text
    assert all(
        text in page for text in ("公安专网系统", "旅馆业治安检查", DAY, rows.people[0].certificate_no)
    )
    assert "/approve" not in page
    assert rows.targets[0].name in client.get(f"/national/tasks/{stored.task_id}").text
    record = client.get(f"/targets/{stored.target_id}").text
    assert "国家系统检查结果" in record and f"/national/results/{number}" in record
    assert client_as("amr_clerk").get(f"/national/results/{number}").status_code == 404


def test_a_reviewer_approves_on_the_page_or_sends_back(rows, act_as, client_as, session):
    one, two = (row["id"] for row in results(act_as, rows.result(1), rows.result(2, 1))["rows"])
    client = client_as("police_reviewer")
    version = re.search(r'name="version" value="(\d+)"', client.get(f"/national/results/{one}").text)[1]
    assert client.post(f"/national/results/{one}/approve", data={"version": version}).status_code == 302
    refused = client.post(f"/national/results/{two}/return", data={"remark": ""})
    assert refused.status_code == 422 and "请说明需要在国家系统中更正的内容" in refused.text
    assert client.post(f"/national/results/{two}/return", data={"remark": "日期有误"}).status_code == 302
    session.expire_all()
    states = [session.get(NationalResult, number).state for number in (one, two)]
    assert states == ["approved", "returned"]
    assert client_as("police_admin").post(f"/national/results/{one}/approve").status_code == 404


def test_many_are_approved_after_a_look(rows, act_as, client_as, session):
    ids = [row["id"] for row in results(act_as, rows.result(1), rows.result(2, 1), rows.result(3, 2))["rows"]]
    client = client_as("police_reviewer")
    assert "/national/results/approve" in client.get("/national/results/").text
    look = client.post("/national/results/approve", data={"ids": [str(n) for n in ids[:2]]})
    assert "将批准 2 条结果" in look.text
    assert session.scalars(select(NationalResult.state).distinct()).all() == ["received"]
    done = client.post("/national/results/approve", data={"ids": [str(n) for n in ids[:2]], "step": "apply"})
    assert done.status_code == 302
    session.expire_all()
    assert sorted(session.scalars(select(NationalResult.state))) == ["approved", "approved", "received"]
    assert client.post("/national/results/approve", data={"all": "1", "step": "apply"}).status_code == 302
    again = client.post("/national/results/approve", data={"all": "1", "step": "apply"})
    assert again.status_code == 422 and "接收人不得审核自己接收的结果" in again.text
    assert client.post("/national/results/approve", data={}).status_code == 302


@pytest.mark.rule("R-6.2")
def test_a_contradiction_is_decided_on_its_page(rows, act_as, client_as, session):
    number = conflict_of(act_as, rows, session)
    client = client_as("police_clerk")
    assert "R1" in client.get("/national/contradictions/?state=open").text
    page = client.get(f"/national/contradictions/{number}").text
    assert "2026-03-20" in page and "采用系统报送的内容" in page and "并列录入" not in page
    missing = client.post(
        f"/national/contradictions/{number}/decide", data={"decision": "take", "reason": ""}
    )
    assert missing.status_code == 422
    wrong = client.post(
        f"/national/contradictions/{number}/decide", data={"decision": "add", "reason": "两次"}
    )
    assert wrong.status_code == 422
    done = client.post(
        f"/national/contradictions/{number}/decide", data={"decision": "take", "reason": "已核实"}
    )
    assert done.status_code == 302
    page = client.get(f"/national/contradictions/{number}").text
    assert "已核实" in page and 'name="decision"' not in page
    office = client_as("office")
    assert office.get(f"/national/contradictions/{number}").status_code == 200
    assert (
        office.post(f"/national/contradictions/{number}/decide", data={"decision": "keep"}).status_code == 404
    )
    assert client_as("amr_clerk").get(f"/national/contradictions/{number}").status_code == 404


def test_what_waits_stands_on_the_workbench(rows, act_as, session, clock):
    conflict_of(act_as, rows, session)
    results(act_as, rows.result(2, 1))

    def urls(who):
        with act_as(who) as unit:
            return [
                line.url for line in lines_for(unit.session, unit.actor, clock) if "/national/" in line.url
            ]

    assert urls("police_reviewer") == ["/national/results/?state=received"]
    assert urls("police_clerk") == ["/national/contradictions/?state=open"]
    assert urls("amr_clerk") == []


def test_the_template_has_the_columns_and_words(rows, client_as):
    answer = client_as("police_admin").get("/imports/national_results/template.xlsx")
    assert answer.status_code == 200 and answer.data[:2] == b"PK"


def test_batches_say_what_their_rows_are(rows, act_as, client_as, session):
    results(act_as, rows.result(1))
    system_id = session.scalars(select(NationalResult.system_id)).one()
    page = client_as("police_admin").get(f"/sources/{system_id}").text
    assert "/api/v1/sync/results" in page and "数据内容" in page
