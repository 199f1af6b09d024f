"""Real headings and real lists, as authorities print them (tests/data/imports), understood without a hand's turn."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy import select

from app.directories.inspectors.entries import COLUMNS as INSPECTORS
from app.directories.libraries.importing.rows import COLUMNS as LIBRARIES
from app.directories.rules import ImportMode
from app.directories.targets.entries import COLUMNS as TARGETS
from app.item_lists.importing.joint_rows import COLUMNS as JOINT_ITEMS
from app.item_lists.models import Item
from app.item_lists.services import import_items
from app.item_lists.services.sheet import COLUMNS as ITEMS
from app.kernel.spreadsheet import layout_of, open_book
from app.plans.importing.rows import COLUMNS as PLANS
from tests.directories.importing.files import code, csv_of, receive, row

DATA = Path(__file__).resolve().parents[2] / "data" / "imports"


def headings(entity):
    with (DATA / "list_layouts.csv").open() as lines:
        return [line["field"] for line in csv.DictReader(lines) if line["entity"] == entity]


def layout(heads, columns, rows=()):
    book = open_book(csv_of(rows, heads), "a.csv")
    return layout_of(book.sheets[0], columns)


def test_the_base_directory_of_targets_as_one_system_prints_it():
    found = layout(headings("检查对象名录(基础)"), TARGETS)
    assert not found.lacking(TARGETS)
    assert found.mapping == {
        "code": "统一社会信用代码", "name": "企业(机构)名称", "kind": "主体类别", "status": "登记状态",
        "legal_representative": "法定代表人", "address": "地址", "registered_on": "成立日期",
    }  # fmt: skip


def test_the_directory_of_inspectors_as_one_system_prints_it():
    found = layout(headings("检查人员名录"), INSPECTORS)
    assert not found.lacking(INSPECTORS)
    assert found.mapping["certificate_no"] == "部门执法证号"
    assert found.mapping["certificate_until"] == "有效期至"
    assert (found.mapping["phone"], found.mapping["agency"]) == ("手机号", "工作单位")


@pytest.mark.parametrize(
    ("entity", "columns", "meant"),
    [
        ("抽查事项清单(总局体例)", ITEMS, {"抽查类别": "project", "检查主体": "subject"}),
        ("联合抽查事项清单", JOINT_ITEMS, {"抽查领域": "domain", "发起部门": "lead_line", "抽查层级": "levels"}),
        ("联合抽查计划(广东型)", PLANS, {"抽查任务名称": "name", "抽查计划名称": "plan_name", "抽查比例(%)": "ratio"}),
        ("联合抽查计划(2026县)", PLANS, {"任务名称": "name", "抽查比例(数量)": "ratio", "起止时间": "time"}),
        ("年度抽查工作计划(系统)", PLANS, {"抽查计划名称": "name", "计划期限始": "time", "计划期限止": "until"}),
        ("检查对象名录(专项)", LIBRARIES, {"专项库": "name", "监管标签": "tags", "许可证名称": "permits"}),
    ],
)  # fmt: skip
def test_lists_and_plans_as_authorities_head_them(entity, columns, meant):
    found = layout(headings(entity), columns)
    assert not found.lacking(columns)
    assert {label: name for name, label in found.mapping.items() if label in meant} == {
        label: name for label, name in meant.items() if label in found.heading.labels
    }


@pytest.mark.parametrize(
    ("name", "rows", "bad"), [("department_items", 3, 0), ("items_province_2017", 75, 2)]
)
def test_published_lists_of_items_come_in_as_they_are(act_as, session, name, rows, bad):
    content = (DATA / f"{name}.csv").read_bytes()
    with act_as("amr_admin") as unit:
        dry = import_items(unit, content, f"{name}.csv", mode=ImportMode.UPDATE, dry_run=True)
        assert (dry.rows, dry.bad) == (rows, bad), [(f.row, f.column, f.code, f.value) for f in dry.faults]
        done = import_items(unit, content, f"{name}.csv", skip_bad=True)
        assert (done.committed, done.new) == (True, rows - bad)
        again = import_items(unit, content, f"{name}.csv", skip_bad=True)
        assert (again.new, again.changed, again.unchanged) == (0, 0, rows - bad)
    items = session.scalars(select(Item).where(Item.code.like("A01%"))).all()
    assert len(items) == (9 if name == "items_province_2017" else 0)


@pytest.mark.parametrize("name", ["plans", "joint_items", "special_libraries_zj", "list_layouts"])
def test_every_list_is_read_to_its_last_row_and_cell(name):
    with (DATA / f"{name}.csv").open(newline="") as lines:
        wanted = [[cell.strip() for cell in line] for line in csv.reader(lines)]
    assert list(open_book((DATA / f"{name}.csv").read_bytes(), "a.csv").sheets[0].rows()) == wanted


@pytest.mark.parametrize("name", ["plans", "joint_items", "special_libraries_zj", "list_layouts"])
def test_a_list_of_something_else_is_never_taken_for_targets(act_as, name):
    with act_as("office") as unit:
        run = receive(unit, (DATA / f"{name}.csv").read_bytes(), f"{name}.csv")
        assert (run.state, run.report["faults"][0]["code"]) == ("choosing", "import_columns_missing")


def test_a_directory_in_the_printed_layout_imports_whole(act_as):
    heads = [*headings("检查对象名录(基础)"), "联系人"]
    values = {
        "统一社会信用代码": code(1), "企业(机构)名称": "版式示例", "主体类别": "企业", "成立日期": "2020年1月5日",
        "登记状态": "存续（在营、开业、在册）", "法定代表人": "张三示例", "地址": "一号", "联系人": "李四示例",
    }  # fmt: skip
    with act_as("office") as unit:
        run = receive(unit, csv_of([[values.get(head, "") for head in heads]], heads))
        assert (run.state, run.report["new"], run.report["bad"]) == ("checked", 1, 0), run.report["errors"]


def test_the_usual_words_need_no_choice(act_as):
    with act_as("office") as unit:
        assert receive(unit, csv_of([row(1)])).state == "checked"
