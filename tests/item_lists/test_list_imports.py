"""Real lists of items, and joint lists, through the wizard: from the file to the draft and back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from app.directories.importing import services
from app.directories.importing.looking import kept_look
from app.directories.importing.services import Choice
from app.directories.importing.undoing import undo_import
from app.directories.rules import ImportMode
from app.item_lists.importing.joint_rows import read_levels
from app.item_lists.models import Item, ItemList, JointItem
from app.item_lists.parties import Parties, plain
from app.item_lists.queries import gaps_of
from app.item_lists.rules import ItemFields
from app.item_lists.services import add_item, create_list, submit_list
from app.kernel.errors import Refused
from tests.directories.importing.files import csv_of

DATA = Path(__file__).resolve().parents[1] / "data" / "imports"
YEAR = 2027
JOINT = ("抽查领域", "抽查事项", "检查对象", "发起部门", "配合部门", "抽查层级")


def take(unit, kind, content, **fixed):
    """As a person would: hand over, say the values that the file lacks, compare."""
    agency = unit.actor.agency_id
    run = services.receive(unit, kind, content, "a.csv", mode=ImportMode.UPDATE, agency_id=agency)
    if fixed:
        (sheet,) = kept_look(unit.session, run.id)
        choice = Choice([""], sheet["mapping"], run.settings["key"], ImportMode.UPDATE, fixed=fixed)
        run = services.choose(unit, run.id, choice)
    assert run.state == "checked", run.report
    return run


def figures(run):
    return tuple(run.report[name] for name in ("rows", "new", "changed", "unchanged", "bad"))


def errors(run):
    return {(e["row"], e["column"], e["code"]) for e in run.report["errors"]}


def real(name):
    return (DATA / f"{name}.csv").read_bytes()


def drafts(session, kind):
    return session.scalars(select(ItemList).where(ItemList.state == "draft", ItemList.kind == kind)).all()


@pytest.mark.rule("R-8.1")
@pytest.mark.parametrize(
    ("name", "rows", "gaps"),
    [
        ("department_items", 3, {"ratio_cap": 3}),
        ("items_province_2017", 75, {"ratio_cap": 37, "basis": 1, "methods": 1}),
    ],
)
def test_a_published_list_of_an_agency_comes_in_whole_and_its_gaps_are_listed(
    act_as, session, name, rows, gaps
):
    with act_as("amr_admin") as unit:
        run = take(unit, "items", real(name))
        assert figures(run) == (rows, rows, 0, 0, 0), run.report["errors"]
        services.take_over(unit, run.id, skip_bad=False)
        assert figures(take(unit, "items", real(name))) == (rows, 0, 0, rows, 0)
        (draft,) = drafts(session, "department")
        assert Counter(gap.field for gap in gaps_of(session, draft)) == gaps
        with pytest.raises(Refused):
            submit_list(unit, draft.id)
        undo_import(unit, run.id, "撤销导入")
    session.expire_all()
    assert drafts(session, "department") == []


@pytest.mark.rule("R-8.2")
def test_joint_lists_of_four_authorities_come_in_whole(act_as, session):
    with act_as("office") as unit:
        run = take(unit, "joint_items", real("joint_items"), year=str(YEAR))
        assert figures(run) == (33, 33, 0, 0, 0), run.report["errors"]
        services.take_over(unit, run.id, skip_bad=False)
        assert figures(take(unit, "joint_items", real("joint_items"), year=str(YEAR))) == (33, 0, 0, 33, 0)
        (draft,) = drafts(session, "joint")
        assert draft.year == YEAR
        found = {item.code: item for item in session.scalars(select(JointItem).filter_by(list_id=draft.id))}
        cinema = found["J07"]
        assert (cinema.lead_line, cinema.levels, cinema.category) == (
            "culture",
            ["city", "county"],
            "general",
        )
        assert "检查电影院时宣传部门发起" in cinema.source and "消防救援机构" in cinema.source
        assert found["J22"].levels == ["region"] and found["J33"].lead_line == "development"
        assert {gap.field for gap in gaps_of(session, draft)} == {"basis", "lead_line", "parts", "ratio_cap"}
        undo_import(unit, run.id, "撤销导入")
    session.expire_all()
    assert drafts(session, "joint") == []


def test_agencies_that_nobody_knows_are_named_with_what_was_expected(act_as):
    rows = [
        ["气象", "防雷装置检查", "防雷单位", "气象部门", "公安部门", "市级"],
        ["气象", "探测环境检查", "台站", "公安部门", "气象、税务部门", "市级"],
        ["气象", "没有发起部门", "台站", "", "公安", "市级"],
    ]
    with act_as("office") as unit:
        run = take(unit, "joint_items", csv_of([[f'"{c}"' for c in r] for r in rows], JOINT), year=str(YEAR))
        assert errors(run) == {
            (2, "发起部门", "party_unknown"),
            (3, "配合部门", "party_unknown"),
            (4, "发起部门", "party_missing"),
        }
        assert "公安" in run.report["errors"][0]["message"]


def test_items_of_the_agencies_are_found_by_name_and_the_change_is_undone(act_as, session):
    """Published lists of 2026 hold the items; a draft of the region's office for the year is made for them."""
    for old in session.scalars(select(ItemList).where(ItemList.kind == "joint", ItemList.year == 2026)):
        old.year = 2025
    session.flush()
    row = ["宾馆旅店", "宾馆、旅店卫生情况的检查", "各类宾馆、旅店", "卫生健康部门", "公安部门", "市级"]
    heads, named = (*JOINT, "部门事项"), [*row, "HEALTH-01；POLICE-01"]
    with act_as("office") as unit:
        run = take(unit, "joint_items", csv_of([row], JOINT))
        services.take_over(unit, run.id, skip_bad=False)
        (item,) = session.scalars(
            select(JointItem).join(JointItem.item_list).where(ItemList.state == "draft")
        )
        assert [part.item.code for part in item.parts] == ["HEALTH-01"]
        second = take(unit, "joint_items", csv_of([named], heads))
        assert figures(second) == (1, 0, 1, 0, 0)
        services.take_over(unit, second.id, skip_bad=False)
        session.expire_all()
        assert sorted(part.item.code for part in item.parts) == ["HEALTH-01", "POLICE-01"]
        wrong = take(unit, "joint_items", csv_of([[*row, "没有的事项"]], heads))
        assert errors(wrong) == {(2, "部门事项", "joint_part_unknown")}
        undo_import(unit, second.id, "撤销导入")
        session.expire_all()
        assert [part.item.code for part in item.parts] == ["HEALTH-01"]


def test_a_list_that_has_gone_on_takes_no_rows_and_gives_none_back(act_as, session):
    with act_as("amr_admin") as unit:
        run = take(unit, "items", real("department_items"))
        services.take_over(unit, run.id, skip_bad=False)
        (draft,) = drafts(session, "department")
        draft.state = "submitted"
        session.flush()
        with pytest.raises(Refused) as refused:
            undo_import(unit, run.id, "撤销导入")
        assert refused.value.code == "list_not_draft"
        again = take(unit, "items", real("department_items"))
        assert {e["code"] for e in again.report["errors"]} == {"items_list_published"}


HEADS = ("编号", "抽查项目", "抽查事项", "检查对象", "检查方式", "检查主体", "检查依据")


def line(code, name, **changed):
    values = dict(zip(HEADS, (code, "项目", name, "企业", "现场检查", "市局", "《法》第一条"), strict=True))
    return list((values | changed).values())


def test_one_code_for_several_items_is_told_apart_by_name_whatever_comes_before(act_as, session):
    """A row more at the head of next year's file shifts no code."""
    with act_as("amr_admin") as unit:
        run = take(unit, "items", csv_of([line("A01", "甲"), line("A01", "乙")], HEADS))
        services.take_over(unit, run.id, skip_bad=False)
        rows = [line("A01", "新"), line("A01", "甲"), line("A01", "乙", 检查对象="各类企业")]
        second = take(unit, "items", csv_of(rows, HEADS))
        assert figures(second) == (3, 1, 1, 1, 0)
        services.take_over(unit, second.id, skip_bad=False)
        found = session.execute(select(Item.code, Item.name, Item.target_scope).where(Item.code.like("A01%")))
        assert set(found.all()) == {
            ("A01-1", "甲", "企业"),
            ("A01-2", "乙", "各类企业"),
            ("A01-3", "新", "企业"),
        }


def test_lines_of_the_form_come_back_with_the_undo(act_as, session):
    heads = (*HEADS, "检查要点")
    with act_as("amr_admin") as unit:
        first = take(unit, "items", csv_of([[*line("F-1", "甲"), "看证照"]], heads))
        services.take_over(unit, first.id, skip_bad=False)
        item = session.scalars(select(Item).where(Item.code == "F-1")).one()
        second = take(unit, "items", csv_of([[*line("F-1", "甲"), "看台账"]], heads))
        assert figures(second) == (1, 0, 1, 0, 0)
        services.take_over(unit, second.id, skip_bad=False)
        session.expire_all()
        assert [one.text for one in item.form_lines] == ["看台账"]
        undo_import(unit, second.id, "撤销导入")
        session.expire_all()
        assert [one.text for one in item.form_lines] == ["看证照"]


@pytest.mark.rule("R-9.1")
def test_a_file_without_categories_and_caps_takes_none_away(act_as, session):
    key = ItemFields(
        code="K-1", project="项目", name="重点", target_scope="企业", category="key", methods=("on_site",),
        subject="市局", basis="《法》第一条",
    )  # fmt: skip
    general = ItemFields(
        **{**vars(key), "code": "G-1", "name": "一般", "category": "general", "ratio_cap": 50}
    )
    with act_as("amr_admin") as unit:
        made = create_list(unit, kind="department", year=YEAR, name="清单")
        for fields in (key, general):
            add_item(unit, made.id, fields)
        rows = [[*line("K-1", "重点"), "不低于5%"], [*line("G-1", "一般"), "不低于3%"]]
        run = take(unit, "items", csv_of(rows, (*HEADS, "抽查比例")), year=str(YEAR))
        assert figures(run) == (2, 0, 0, 2, 0), run.report


@pytest.mark.parametrize(
    ("cell", "levels"),
    [
        ("市级", ("city",)),
        ("市县(区)级", ("city", "county")),
        ("县(区)级", ("county",)),
        ("自治区级", ("region",)),
        ("市级发起,下派区级检查", ("city", "county")),
        ("配合省级检查", ("region",)),
        ("", ()),
    ],
)
def test_levels_in_the_words_of_lists(cell, levels):
    assert read_levels(cell) == levels


PARTIES = Parties({"police": ("公安",), "tax": ("税务",), "culture": ("文化和旅游",), "amr": ("市场监管",)})


@pytest.mark.parametrize(
    ("cell", "lines", "unknown", "is_open"),
    [
        ("公安、税务部门", ("police", "tax"), (), False),
        ("市文化和旅游局（市场科）、市公安局等部门", ("culture", "police"), (), False),
        ("市场监管领域相关部门(由发起部门确定)", (), (), True),
        ("市气象局，市市场监督管理局", ("amr",), ("市气象局",), False),
        ("", (), (), False),
    ],
)
def test_agencies_in_the_words_of_lists(cell, lines, unknown, is_open):
    named = PARTIES.read(cell)
    assert (named.lines, named.unknown, named.open) == (lines, unknown, is_open)


def test_names_are_the_same_however_a_list_writes_them():
    assert plain("机动车排放检验机构检测情况抽查") == plain("机动车排放检验机构检测情况的检查")
    assert plain("游泳场（馆）卫生情况检查") == plain("游泳场(馆)卫生情况的检查")
    assert plain("甲类检查") != plain("乙类检查")
