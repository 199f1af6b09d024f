"""Plans from spreadsheets: what their words mean, what goes into the draft, what is refused and why."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from sqlalchemy import select

from app.directories.importing import services
from app.directories.importing.looking import kept_look
from app.directories.importing.preview import page_of
from app.directories.importing.services import Choice
from app.directories.importing.undoing import undo_import
from app.directories.rules import ImportMode
from app.item_lists.importing.words import parties_of
from app.item_lists.models import Item, ItemList, JointItem, JointItemPart
from app.kernel.errors import Refused
from app.plans.importing.said import read_number, read_ratio, read_time
from app.plans.models import Plan, PlanEntry
from app.plans.queries import own_plan
from app.security.models import Agency
from tests.directories.importing.files import csv_of

DATA = Path(__file__).resolve().parents[1] / "data" / "imports"
REAL = (DATA / "plans.csv").read_bytes()
COUNTY = (
    "抽查计划编号", "任务名称", "抽查类型", "抽查对象", "发起部门", "参与部门", "抽查比例(数量)", "检查方式",
    "起止时间", "抽查事项",
)  # fmt: skip
HOTEL = [
    "1", "宾馆旅店联合抽查", "不定向", "各类宾馆、旅店", "市公安局", "卫生健康、市场监管部门",
    "A类1% B类2% C类5% D类10%", "现场检查", "3月至11月", "宾馆、旅店监督抽查",
]  # fmt: skip
REPORT = [
    "2", "年报联合抽查", "不定向", "各类企业年报信息", "市市场监管局（信用科）", "", "15家", "网上检查",
    "2026年4-9月", "年度报告公示信息的检查",
]  # fmt: skip


def take(unit, content, **fixed):
    agency = unit.actor.agency_id
    run = services.receive(unit, "plans", content, "a.csv", mode=ImportMode.UPDATE, agency_id=agency)
    if fixed:
        (sheet,) = kept_look(unit.session, run.id)
        mapping = {name: label for name, label in sheet["mapping"].items() if fixed.get(name) != "-"}
        given = {name: value for name, value in fixed.items() if value != "-"}
        run = services.choose(unit, run.id, Choice([""], mapping, "name", ImportMode.UPDATE, fixed=given))
    assert run.state == "checked", run.report
    return run


def figures(run):
    return tuple(run.report[name] for name in ("rows", "new", "changed", "unchanged", "bad"))


def errors(run):
    return {(e["row"], e["column"], e["code"]) for e in run.report["errors"]}


def entries(session, kind="joint"):
    query = select(PlanEntry).join(PlanEntry.plan).where(Plan.kind == kind, Plan.state == "draft")
    return {entry.name: entry for entry in session.scalars(query)}


def codes(entry):
    return {part.item.code for part in entry.participants}


@pytest.mark.rule("R-19.1")
def test_a_county_s_layout_becomes_draft_entries_of_the_office_and_goes_again(act_as, session):
    with act_as("office") as unit:
        run = take(unit, csv_of([HOTEL, REPORT], COUNTY))
        assert figures(run) == (2, 2, 0, 0, 0), run.report["errors"]
        assert page_of(unit, run, "new", 1).lines[0].key == "2026 · 宾馆旅店联合抽查"
        services.take_over(unit, run.id, skip_bad=False)
        found = entries(session)
        hotel, report = found["宾馆旅店联合抽查"], found["年报联合抽查"]
        assert (hotel.initiator.code, hotel.month_from, hotel.month_to) == ("POLICE-640100", 3, 11)
        assert {part.agency.code for part in hotel.participants} == {
            "POLICE-640100", "HEALTH-640100", "AMR-640100",
        }  # fmt: skip
        assert (
            hotel.selection["ratios"]["C"] == {"num": 50, "den": 1000}
            and "N" not in hotel.selection["ratios"]
        )
        assert (hotel.joint_item.code, hotel.rule["regions"]) == ("J15", ["640100"])
        assert (report.selection["number"], report.planned_number, report.method) == (15, 15, "online")
        assert figures(take(unit, csv_of([HOTEL, REPORT], COUNTY))) == (2, 0, 0, 2, 0)
        undo_import(unit, run.id, "撤销导入")
    session.expire_all()
    assert entries(session) == {}


def test_changed_agencies_are_shown_taken_and_put_back(act_as, session):
    fewer = [*HOTEL[:5], "市场监管部门", *HOTEL[6:]]
    with act_as("office") as unit:
        services.take_over(unit, take(unit, csv_of([HOTEL], COUNTY)).id, skip_bad=False)
        before = codes(entries(session)["宾馆旅店联合抽查"])
        run = take(unit, csv_of([fewer], COUNTY))
        assert figures(run) == (1, 0, 1, 0, 0)
        services.take_over(unit, run.id, skip_bad=False)
        session.expire_all()
        assert before - codes(entries(session)["宾馆旅店联合抽查"]) == {"HEALTH-01"}
        undo_import(unit, run.id, "撤销导入")
        session.expire_all()
        assert codes(entries(session)["宾馆旅店联合抽查"]) == before


@pytest.mark.rule("R-2.1")
@pytest.mark.parametrize(
    ("at", "value", "column", "code"),
    [
        (4, "市气象局", "发起部门", "party_unknown"),
        (5, "税务部门", "参与部门", "participant_without_item"),
        (6, "待定", "抽查比例(数量)", "plan_ratio_word"),
        (6, "", "抽查比例(数量)", "plan_ratio_missing"),
        (6, "50%", "抽查比例(数量)", "above_cap"),
        (7, "邮寄", "检查方式", "item_method_word"),
        (8, "年底", "起止时间", "plan_time_word"),
        (8, "2025年3月", "起止时间", "plan_time_other_year"),
        (9, "学校办学情况抽查", "抽查事项", "plan_item_ambiguous"),
        (1, "", "任务名称", "required"),
    ],
)
def test_what_cannot_be_resolved_is_named_with_row_and_column(act_as, at, value, column, code):
    bad = [*HOTEL[:at], value, *HOTEL[at + 1 :]]
    with act_as("office") as unit:
        run = take(unit, csv_of([REPORT, bad], COUNTY))
        assert errors(run) == {(3, column, code)}
        assert figures(run) == (2, 1, 0, 0, 1)


@pytest.mark.rule("N-1")
def test_an_item_of_no_published_list_enters_no_plan(act_as):
    unknown = [*HOTEL[:3], "某种单位", *HOTEL[4:9], "没有公布的事项"]
    with act_as("office") as unit:
        assert errors(take(unit, csv_of([unknown], COUNTY))) == {(2, "抽查事项", "plan_item_unknown")}


def test_an_agency_s_plan_holds_what_it_initiates_itself(act_as, session):
    alone = ["3", "治安自查", "", "", "", "", "3%", "现场检查", "全年", "宾馆、旅店治安安全情况的检查"]
    with act_as("police_admin") as unit:
        other = ["4", "年报", "", "", "市场监管局", "", "3%", "", "全年", "年度报告公示信息的检查"]
        run = take(unit, csv_of([HOTEL, other], COUNTY))
        assert errors(run) == {(3, "发起部门", "initiator_is_other_agency")}
        services.take_over(unit, run.id, skip_bad=True)
        assert list(entries(session, "agency")) == ["宾馆旅店联合抽查"]
        assert figures(take(unit, csv_of([alone], COUNTY)))[0] == 1


def test_a_plan_that_was_reported_takes_no_rows_and_gives_none_back(act_as, session):
    with act_as("police_admin") as unit:
        run = take(unit, csv_of([HOTEL], COUNTY))
        services.take_over(unit, run.id, skip_bad=False)
        plan = own_plan(session, unit.actor.agency_id, "agency", 2026)
        plan.state = "reported"
        session.flush()
        with pytest.raises(Refused) as refused:
            undo_import(unit, run.id, "撤销导入")
        assert refused.value.code == "plan_not_draft"
        assert {e["code"] for e in take(unit, csv_of([HOTEL], COUNTY)).report["errors"]} == {"plan_no_draft"}


@pytest.fixture
def lists_for_the_real_plans(act_as_system):
    """For every row of the file whose agencies exist here: their items and the joint item, in published lists of the
    row's year (2026 where the row names none).
    """
    with act_as_system() as unit:
        session = unit.session
        agencies = {
            one.line_code: one for one in session.scalars(select(Agency).where(Agency.code.like("%-640100")))
        }
        parties, lists = parties_of(session), {}
        for number, row in enumerate(csv.DictReader(REAL.decode().splitlines())):
            lead, support = parties.read(row["lead_dept"]), parties.read(row["support_depts"])
            if lead.unknown or support.unknown:
                continue
            year = int(row["year"] or 2026)
            joint_list = _list(session, lists, agencies["office"], year, "joint")
            joint = JointItem(
                list_id=joint_list.id, item_list=joint_list, code=f"R{number}", domain=row["task_name"],
                name=(row["items"] or row["task_name"])[:200], target_scope=row["object"],
                target_kinds=["enterprise"], lead_line=lead.lines[0], levels=["city"], category="key",
                method="on_site",
            )  # fmt: skip
            for line in (*lead.lines, *support.lines):
                own = _list(session, lists, agencies[line], year, "department")
                item = Item(
                    list_id=own.id, item_list=own, code=f"R{number}-{line}", line_code=line, project="项目",
                    name=f"{row['task_name']}（{line}）", target_scope=row["object"], target_kinds=["enterprise"],
                    category="key", methods=["on_site"], subject="市局", basis="《法》第一条",
                )  # fmt: skip
                joint.parts.append(JointItemPart(item=item, line_code=line))
            session.add(joint)
        session.flush()


def _list(session, lists, agency, year, kind):
    key = (agency.id, year, kind)
    if key not in lists:
        found = session.scalars(
            select(ItemList).where(
                ItemList.agency_id == agency.id, ItemList.year == year, ItemList.kind == kind
            )
        ).first()
        if found is None:
            found = ItemList(
                agency_id=agency.id, agency=agency, year=year, kind=kind, name=f"{year}", state="published"
            )
            session.add(found)
            session.flush()
        lists[key] = found
    return lists[key]


UNCLEAR = {
    (2, "ratio", "plan_ratio_word"),
    (4, "ratio", "plan_ratio_word"),
    (5, "ratio", "plan_ratio_word"),
    (6, "ratio", "plan_ratio_word"),
    (7, "ratio", "plan_ratio_word"),
    (9, "support_depts", "party_unknown"),
    (10, "support_depts", "party_unknown"),
    (14, "time", "plan_time_other_year"),
    (20, "ratio", "plan_ratio_word"),
    (21, "lead_dept", "party_unknown"),
}
"""待定, an agency that is no member, months of another year, two ratios in one cell: no reader could tell more."""


def test_the_real_plans_of_nine_authorities_without_a_hand_s_turn(act_as, session, lists_for_the_real_plans):
    with act_as("office") as unit:
        run = take(unit, REAL)
        assert errors(run) == UNCLEAR | {(row, "time", "plan_time_missing") for row in (15, 16, 17)}
        assert figures(run) == (22, 9, 0, 0, 13)
        run = take(unit, REAL, time="全年")
        assert errors(run) == UNCLEAR
        assert figures(run) == (22, 12, 0, 0, 10)
        services.take_over(unit, run.id, skip_bad=True)
        found = entries(session)
        assert {entry.plan.year for entry in found.values()} == {2023, 2024, 2026}
        tobacco = found["涉烟经营活动检查"]
        assert {part.agency.line_code for part in tobacco.participants} == {"tobacco", "post", "police"}
        assert (tobacco.month_from, tobacco.month_to) == (3, 12) and "2次/年" in tobacco.note
        grain = found["2023年度粮食收储企业部门联合抽查"]
        assert (grain.month_to, grain.selection["ratios"]["A"]["num"]) == (10, 1000)


def test_without_the_published_lists_every_real_row_says_what_it_lacks(act_as):
    with act_as("office") as unit:
        run = take(unit, REAL)
        assert figures(run) == (22, 0, 0, 0, 22)
        codes = {e["code"] for e in run.report["errors"]}
        assert codes == {
            "plan_ratio_word", "party_unknown", "plan_time_other_year", "plan_time_missing", "plan_item_unknown",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "until", "months"),
    [
        ("7月至12月", "", (7, 12, 0)),
        ("3月—12月", "", (3, 12, 0)),
        ("2024年8-10月", "", (8, 10, 2024)),
        ("2024-07-01~2024-10-30", "", (7, 10, 2024)),
        ("2025年9月", "", (9, 9, 2025)),
        ("10月底前", "", (1, 10, 0)),
        ("第一批7月20日前,第二批10月15日前", "", (1, 10, 0)),
        ("全年", "", (1, 12, 0)),
        ("下半年", "", (7, 12, 0)),
        ("2026-03-01", "2026-06-30", (3, 6, 2026)),
        ("抽取2022-09~10,完成2022-11", "", (9, 11, 2022)),
        ("12月至次年2月", "", None),
        ("年底", "", None),
        ("13月", "", None),
        ("9月至3月", "", None),
    ],
)
def test_months_in_the_words_of_plans(text, until, months):
    time = read_time(text, until)
    assert (time and (time.first, time.last, time.year)) == months


@pytest.mark.parametrize(
    ("text", "level", "shares"),
    [
        ("3%", "city", dict.fromkeys("ABCDN", 30)),
        ("不低于5%", "city", dict.fromkeys("ABCDN", 50)),
        ("≥20%", "city", dict.fromkeys("ABCDN", 200)),
        ("0.5％", "city", dict.fromkeys("ABCDN", 5)),
        ("2‰", "city", dict.fromkeys("ABCDN", 2)),
        ("A类1% D类100%", "city", {"A": 10, "D": 1000}),
        ("低风险1%、一般风险3%、较高风险10%、高风险100%", "city", {"A": 10, "B": 30, "C": 100, "D": 1000}),
        ("市级2% 区级10%", "county", dict.fromkeys("ABCDN", 100)),
        ("市级2% 区级10%", "region", None),
        (">10所:≥50%;≤10所:≥2所", "city", None),
        ("待定", "city", None),
        ("3", "city", None),
    ],
)
def test_ratios_in_the_words_of_plans(text, level, shares):
    found = read_ratio(text, level)
    assert (found and {code: ratio["num"] for code, ratio in found["ratios"].items()}) == shares


def test_numbers_in_the_words_of_plans():
    assert [(read_number(text) or {}).get("number") for text in ("15家", "原则上不少于10家", "3", "待定")] == [
        15, 10, 3, None,
    ]  # fmt: skip
