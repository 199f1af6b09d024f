"""The same rows by spreadsheet: difference, bad rows, questions, undo."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from app.directories.importing.kinds import import_kinds
from app.inspections.national.models import NationalConflict, NationalResult, NationalTask
from app.inspections.national.services import approve
from app.kernel.errors import Refused
from tests.inspections.national.world import DAY, OK, PROBLEM, results, take_file, tasks, told

TASK_HEAD = "来源系统,来源编号,任务名称,检查事项,是否随机,开始日期,结束日期,抽取日期"
RESULT_HEAD = (
    "来源系统,来源编号,所属任务编号,统一社会信用代码,检查人员,检查日期,检查结果,发现的问题,整改完成日期"
)


def line(rows, number=1, at=0, result=OK, problem="", corrected="", source="police-net", task="T1", when=DAY):
    people = f"{rows.people[0].certificate_no}、{rows.people[1].name}"
    return f"{source},R{number},{task},{rows.targets[at].code},{people},{when},{result},{problem},{corrected}"


@pytest.mark.rule("R-6.2")
def test_tasks_by_file_meet_those_that_were_pushed(rows, act_as, session):
    lines = [
        TASK_HEAD,
        "police-net,T1,第1号专网任务,旅馆业治安检查;印章业检查,是,2026-02-01,2026-06-30,2026-02-03",
    ]
    assert take_file(act_as, rows.police, "national_tasks", lines).figures()["unchanged"] == 1
    more = [*lines, ",T2,无系统栏任务,保安业检查,否,,,"]
    found = take_file(act_as, rows.police, "national_tasks", more)
    assert (found.figures()["new"], found.figures()["unchanged"]) == (1, 1)
    assert session.scalars(select(NationalTask.source_id).order_by(NationalTask.id)).all() == ["T1", "T2"]
    again = tasks(
        act_as, {"source_id": "T2", "name": "无系统栏任务", "items": ["保安业检查"], "random": False}
    )
    assert told(again) == ["unchanged"]


@pytest.mark.rule("R-6.2")
def test_results_by_file_and_by_push_are_the_same_rows(rows, act_as, session):
    lines = [RESULT_HEAD, line(rows), line(rows, 2, 1, PROBLEM, "未登记")]
    assert take_file(act_as, rows.police, "national_results", lines).figures()["new"] == 2
    assert told(results(act_as, rows.result(1))) == ["unchanged"]
    changed = [RESULT_HEAD, line(rows, 2, 1, PROBLEM, "登记不全", "2026-03-05")]
    assert take_file(act_as, rows.police, "national_results", changed).figures()["changed"] == 1
    stored = session.scalars(select(NationalResult).where(NationalResult.source_id == "R2")).one()
    assert (stored.problem_text, stored.corrected_on.isoformat()) == ("登记不全", "2026-03-05")


def test_bad_rows_come_back_by_column(rows, act_as, session):
    lines = [
        RESULT_HEAD,
        line(rows, 1, source="nobody"),
        line(rows, 2, task="T9"),
        line(rows, 3, result="很好"),
        line(rows, 4, when="明天"),
        line(rows, 5, result=PROBLEM),
        line(rows, 6),
        line(rows, 6),
    ]
    found = take_file(act_as, rows.police, "national_results", lines)
    assert not found.committed
    assert [(f.row, f.field, f.code) for f in sorted(found.faults, key=lambda f: f.row)] == [
        (2, "source", "national_source_unknown"),
        (3, "task", "national_task_unknown"),
        (4, "result", "not_a_choice"),
        (5, "checked_on", "target_date_unreadable"),
        (6, "problem_text", "problem_needs_text"),
        (8, "source_id", "duplicate_in_file"),
    ]
    assert session.scalars(select(NationalResult)).all() == []


@pytest.mark.rule("R-6.2")
def test_a_file_does_not_overwrite_what_is_approved_it_asks(rows, act_as, session):
    number = results(act_as, rows.result(1))["rows"][0]["id"]
    with act_as("police_reviewer") as unit:
        approve(unit, number)
    lines = [RESULT_HEAD, line(rows, corrected="2026-03-20")]
    assert take_file(act_as, rows.police, "national_results", lines).figures()["changed"] == 1
    session.expire_all()
    assert session.get(NationalResult, number).corrected_on is None
    asked = session.scalars(select(NationalConflict)).one()
    assert (asked.against, asked.said, asked.result_id) == ("settled", {"corrected_on": "2026-03-20"}, number)
    again = take_file(act_as, rows.police, "national_results", lines)
    assert again.figures()["unchanged"] == 1


def test_the_wizard_shows_the_difference_and_an_import_is_undone(rows, act_as, client_as, session):
    client = client_as("police_admin")
    content = "\n".join([RESULT_HEAD, line(rows), line(rows, 2, 1), line(rows, 3, result="很好")]).encode()
    data = {"file": (BytesIO(content), "结果.csv"), "mode": "update"}
    sent = client.post("/imports/national_results/new", data=data, content_type="multipart/form-data")
    at = sent.location
    assert sent.status_code == 302 and at.rstrip("/").rpartition("/")[2].isdecimal()
    page = client.get(f"{at}?tab=new").text
    assert rows.targets[0].name in page and rows.people[1].name in page and OK in page
    assert "很好" in client.get(f"{at}?tab=bad").text
    client.post(f"{at}/commit", data={"skip_bad": "yes"})
    assert len(session.scalars(select(NationalResult)).all()) == 2
    assert client.post(f"{at}/undo", data={"reason": "交错了文件"}).status_code == 302
    session.expire_all()
    assert session.scalars(select(NationalResult)).all() == []


def test_the_preview_says_that_a_row_waits_for_a_decision(rows, act_as, client_as, session):
    number = results(act_as, rows.result(1))["rows"][0]["id"]
    with act_as("police_reviewer") as unit:
        approve(unit, number)
    client = client_as("police_admin")
    content = "\n".join([RESULT_HEAD, line(rows, corrected="2026-03-20")]).encode()
    data = {"file": (BytesIO(content), "结果.csv"), "mode": "update"}
    at = client.post("/imports/national_results/new", data=data, content_type="multipart/form-data").location
    page = client.get(f"{at}?tab=changed").text
    assert "2026-03-20" in page and "待决定：已审核或者已公示" in page
    client.post(f"{at}/commit", data={})
    assert len(session.scalars(select(NationalConflict)).all()) == 1
    assert client.post(f"{at}/undo", data={"reason": "交错了文件"}).status_code == 302
    session.expire_all()
    assert session.scalars(select(NationalConflict)).all() == []


def test_the_template_offers_the_words_of_the_unit(rows, act_as):
    with act_as("police_admin") as unit:
        found = import_kinds["national_results"].template(unit, unit.actor.agency_id)
    assert list(found["source"]) == ["police-net"] and PROBLEM in found["result"]


def test_only_the_administrator_of_the_agency_imports(rows, act_as):
    with pytest.raises(Refused):
        take_file(act_as, rows.police, "national_results", [RESULT_HEAD, line(rows)], who="police_clerk")
