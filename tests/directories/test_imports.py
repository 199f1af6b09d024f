"""Spreadsheets into the directories: by the service, and by the command as the interface fixes it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import func, select, text

from app.audit.models import Event
from app.db.history import RowHistory
from app.directories.importing import services as directories
from app.directories.importing.jobs import import_file
from app.directories.importing.models import ImportRun
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.services import import_inspectors
from app.directories.rules import ImportMode
from app.directories.targets import queries
from app.directories.targets.entries import COLUMNS
from app.directories.targets.models import Target
from app.directories.targets.services import import_targets
from app.jobs.models import Outbox
from app.kernel.errors import Invalid, Refused
from app.kernel.identifiers import make_internal_code, make_uscc
from app.kernel.spreadsheet import read_rows
from app.security.explain import known_codes
from app.security.models import Agency

HEADINGS = ("名称", "统一社会信用代码", "住所", "法定代表人", "联系人", "联系电话", "行政区域")


def code(number, kind="1", region="640104"):
    return make_uscc("9", kind, region, f"YY9{number:05d}")


def row(number, **changes):
    values = {
        "名称": f"导入第{number}号示例",
        "统一社会信用代码": code(number),
        "住所": "银川市兴庆区解放街一号",
        "法定代表人": "张三示例",
        "联系人": "李四示例",
        "联系电话": "10900000000",
        "行政区域": "兴庆区",
        **changes,
    }
    return [values[name] for name in HEADINGS]


def csv_of(rows, headings=HEADINGS, encoding="utf-8"):
    lines = [",".join(headings), *(",".join(map(str, cells)) for cells in rows)]
    return "\n".join(lines).encode(encoding)


def xlsx_of(sheets):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for y, cells in enumerate(rows):
                for x, cell in enumerate(cells):
                    sheet.write(y, x, cell)
    return out.getvalue()


def found(session, number):
    session.expire_all()
    return queries.by_code(session, code(number))


def test_new_changed_and_unchanged_rows_are_told_apart(act_as):
    with act_as("office") as unit:
        first = import_targets(unit, csv_of([row(1), row(2), row(3)]), "a.csv")
        assert (first.rows, first.new, first.bad, first.committed) == (3, 3, 0, True)
    with act_as("office") as unit:
        again = import_targets(unit, csv_of([row(1), row(2, 住所="银川市新址"), row(4)]), "a.csv")
        assert (again.new, again.changed, again.unchanged) == (1, 1, 1)
        target = found(unit.session, 2)
        assert (target.address, target.version, target.kind, target.risk_class) == (
            "银川市新址",
            2,
            "enterprise",
            "N",
        )
        assert found(unit.session, 1).version == 1


def test_an_import_leaves_history_and_one_event(act_as):
    with act_as("office") as unit:
        import_targets(unit, csv_of([row(1)]), "a.csv")
        target = found(unit.session, 1)
        kept = unit.session.scalars(select(RowHistory).where(RowHistory.row_id == str(target.id))).all()
        assert [(line.op, line.actor) for line in kept if line.table_name == "target"] == [
            ("INSERT", unit.actor.code)
        ]
        event = unit.session.scalars(select(Event).where(Event.tag == "target.imported")).one()
        assert event.data["new"] == 1


def test_a_dry_run_changes_nothing(act_as):
    with act_as("office") as unit:
        outcome = import_targets(unit, csv_of([row(1)]), "a.csv", dry_run=True)
        assert (outcome.new, outcome.committed) == (1, False)
        assert found(unit.session, 1) is None


@pytest.mark.rule("R-11.4")
@pytest.mark.rule("R-11.5")
def test_every_fault_has_sheet_row_heading_and_value(act_as):
    wrong = code(2)[:-1] + ("1" if code(2)[-1] != "1" else "2")
    content = xlsx_of(
        {
            "说明": [["本表由市局提供"]],
            "对象": [
                ["某市检查对象表"],
                list(HEADINGS),
                row(1),
                row(2, 统一社会信用代码=wrong, 住所=""),
                row(1),
            ],
        }
    )
    with act_as("office") as unit:
        outcome = import_targets(unit, content, "对象.xlsx")
        assert not outcome.committed
        assert outcome.bad == 2
        faults = {(f.sheet, f.row, f.column, f.code, f.value) for f in outcome.faults}
        assert faults == {
            ("对象", 4, "统一社会信用代码", "identifier_check_digit", wrong),
            ("对象", 4, "住所", "target_address_missing", ""),
            ("对象", 5, "统一社会信用代码", "duplicate_in_file", code(1)),
        }
        assert found(unit.session, 1) is None
        assert import_targets(unit, content, "对象.xlsx", skip_bad=True).committed
        assert found(unit.session, 1) is not None


def test_a_code_that_a_spreadsheet_made_a_number_is_named(act_as):
    content = xlsx_of({"对象": [list(HEADINGS), row(1, 统一社会信用代码=916401040000000000)]})
    with act_as("office") as unit:
        outcome = import_targets(unit, content, "对象.xlsx")
        assert [fault.code for fault in outcome.faults] == ["identifier_scientific"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_text_is_read_in_both_encodings(encoding):
    rows = read_rows(csv_of([row(1)], encoding=encoding), "a.csv", COLUMNS)
    assert rows[0].cells["name"] == "导入第1号示例"
    assert rows[0].row == 2


@pytest.mark.parametrize(
    ("content", "code_"),
    [
        (b"", "import_empty"),
        (b"\xff\xfe\x00\x00", "import_unreadable"),
        (b"PK\x03\x04 no workbook", "import_broken"),
        ("姓名,年龄\n张三,5\n".encode(), "import_columns_missing"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(content, code_):
    with pytest.raises(Invalid) as caught:
        read_rows(content, "a.csv", COLUMNS)
    assert caught.value.code == code_


def test_a_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr("app.kernel.spreadsheet.limits.MOST_UNPACKED", 1000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 100_000)
    with pytest.raises(Invalid) as caught:
        read_rows(out.getvalue(), "a.xlsx", COLUMNS)
    assert caught.value.code == "import_bomb"


def test_add_leaves_known_rows_alone_and_sync_closes_what_is_missing(act_as, act_as_system):
    with act_as("police_admin") as unit:
        agency = unit.actor.agency_id
        import_targets(unit, csv_of([row(1), row(2)]), "a.csv", agency_id=agency)
        added = import_targets(
            unit, csv_of([row(1, 住所="别处"), row(3)]), "a.csv", agency_id=agency, mode=ImportMode.ADD
        )
        assert (added.new, added.unchanged, added.changed) == (1, 1, 0)
        outcome = import_targets(unit, csv_of([row(3)]), "a.csv", agency_id=agency, mode=ImportMode.SYNC)
        assert outcome.closed == 2
        assert found(unit.session, 1).status == "closed"
        assert found(unit.session, 3).status == "active"
        closed = select(func.count()).where(Target.status == "closed", Target.source == "agency")
        assert unit.session.scalar(closed) == 2


def test_an_agency_row_joins_the_base_when_the_base_brings_its_code(act_as):
    with act_as("police_admin") as unit:
        import_targets(unit, csv_of([row(1)]), "a.csv", agency_id=unit.actor.agency_id)
        target = found(unit.session, 1)
        assert (target.source, target.agency_id) == ("agency", unit.actor.agency_id)
        kept = target.id
    with act_as("office") as unit:
        assert import_targets(unit, csv_of([row(1)]), "a.csv").changed == 1
        target = found(unit.session, 1)
        assert (target.id, target.source, target.agency_id) == (kept, "base", None)
    with act_as("police_admin") as unit:
        again = import_targets(unit, csv_of([row(1, 住所="别处")]), "a.csv", agency_id=unit.actor.agency_id)
        assert (again.unchanged, again.changed) == (1, 0)


@pytest.mark.rule("R-11.5")
def test_a_file_with_the_better_code_upgrades_in_place(act_as):
    with act_as("office") as unit:
        content = csv_of([[*row(1, 统一社会信用代码=code(1)[8:17]), "企业"]], (*HEADINGS, "主体类型"))
        assert import_targets(unit, content, "a.csv").new == 1
        before = queries.by_code(unit.session, code(1)[8:17])
        assert before.code_kind == "org"
        assert import_targets(unit, csv_of([row(1)]), "a.csv").changed == 1
        unit.session.expire_all()
        after = queries.by_code(unit.session, code(1)[8:17])
        assert (after.id, after.code, after.code_kind) == (before.id, code(1), "uscc")
        assert import_targets(unit, csv_of([row(1)]), "a.csv").unchanged == 1


def test_nobody_imports_outside_the_own_area_or_role(act_as):
    elsewhere = csv_of([row(1, 统一社会信用代码=code(1, region="640202"), 行政区域="640202")])
    with act_as("office") as unit:
        outcome = import_targets(unit, elsewhere, "a.csv")
        assert [fault.code for fault in outcome.faults] == ["target_region_elsewhere"]
    for name in ("police_clerk", "auditor", "police_admin"):
        with act_as(name) as unit, pytest.raises(Refused):
            import_targets(unit, csv_of([row(1)]), "a.csv")
    with act_as("police_admin") as unit:
        other = unit.session.scalars(select(Agency.id).where(Agency.code == "AMR-640100")).one()
        with pytest.raises(Refused):
            import_targets(unit, csv_of([row(1)]), "a.csv", agency_id=other)


def test_a_row_of_another_city_cannot_be_taken_by_its_code(act_as, act_as_system):
    with act_as_system() as unit:
        import_targets(unit, csv_of([row(1, 行政区域="640202")]), "a.csv")
    with act_as("office") as unit:
        outcome = import_targets(unit, csv_of([row(1)]), "a.csv")
        assert [fault.code for fault in outcome.faults] == ["target_code_taken"]


STAFF = ("姓名", "执法证号", "科室", "职务", "联系电话", "有效期至", "专业")


def test_inspectors_come_by_spreadsheet(act_as):
    good = ["王五示例", "99900001", "治安支队", "科员", "10900000001", "2029-01-01", "治安"]
    bad = ["赵六示例", "99900002", "", "科员", "10900000002", "", "魔法"]
    with act_as("police_admin") as unit:
        outcome = import_inspectors(unit, csv_of([good, bad], STAFF), "a.csv")
        assert {(f.row, f.code) for f in outcome.faults} == {
            (3, "inspector_unit_missing"),
            (3, "certificate_without_end"),
            (3, "specialty_unknown"),
        }
        assert import_inspectors(unit, csv_of([good, bad], STAFF), "a.csv", skip_bad=True).new == 1
        assert import_inspectors(unit, csv_of([good], STAFF), "a.csv").unchanged == 1
        made = unit.session.scalars(select(Inspector).where(Inspector.certificate_no == "99900001")).one()
        assert (made.agency_id, made.regions, made.specialties) == (
            unit.actor.agency_id,
            ["640100"],
            ["治安"],
        )
    with act_as("amr_admin") as unit:
        outcome = import_inspectors(unit, csv_of([good], STAFF), "a.csv")
        assert [fault.code for fault in outcome.faults] == ["inspector_number_taken"]
    with act_as("office") as unit, pytest.raises(Refused):
        import_inspectors(unit, csv_of([good], STAFF), "a.csv")


def run(app, *arguments):
    result = app.test_cli_runner().invoke(args=["import", *arguments])
    return result.exit_code, result


def test_the_command_prints_the_report_of_the_interface(app, tmp_path):
    path = tmp_path / "对象.csv"
    path.write_bytes(csv_of([row(1), row(2, 住所="")]))
    exit_code, result = run(app, "targets", str(path), "--json", "--dry-run")
    report = json.loads(result.stdout)
    assert exit_code == 3
    assert report == {
        "rows": 2,
        "new": 1,
        "changed": 0,
        "unchanged": 0,
        "closed": 0,
        "bad": 1,
        "errors": [
            {
                "sheet": "",
                "row": 3,
                "column": "住所",
                "value": "",
                "code": "target_address_missing",
                "message": report["errors"][0]["message"],
            }
        ],
        "committed": False,
    }
    assert run(app, "targets", str(path), "--json")[0] == 3
    exit_code, result = run(app, "targets", str(path), "--json", "--skip-bad")
    assert (exit_code, json.loads(result.stdout)["committed"]) == (0, True)


def test_the_command_acts_as_a_person_within_that_persons_rights(app, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(csv_of([row(1)]))
    assert run(app, "targets", str(path), "--as", "police_clerk")[0] == 1
    assert run(app, "targets", str(path), "--as", "nobody-there")[0] == 1
    assert run(app, "targets", str(path), "--agency", "NONE-1")[0] == 1
    assert (
        run(app, "targets", str(path), "--as", "police_admin", "--agency", "POLICE-640100", "--dry-run")[0]
        == 0
    )
    assert run(app, "inspectors", str(path), "--json")[0] == 3


def test_the_search_function_cuts_names_into_pairs(session):
    grams = session.execute(text("SELECT bigrams2('银川 大酒店A')")).scalar_one()
    assert grams == ["银川", "川大", "大酒", "酒店", "店a"]
    assert session.execute(text("SELECT bigrams2('酒')")).scalar_one() == []


def test_internal_codes_are_taken(act_as):
    content = csv_of(
        [[*row(1, 统一社会信用代码=make_internal_code("640104", 99)), "other"]], (*HEADINGS, "类型")
    )
    with act_as("office") as unit:
        assert import_targets(unit, content, "a.csv").new == 1


def test_a_big_file_is_checked_and_taken_over_by_a_job(act_as, monkeypatch):
    monkeypatch.setattr(directories, "SMALL_FILE", 10)
    with act_as("office") as unit:
        run = directories.receive(
            unit, "targets", csv_of([row(1)]), "大.csv", mode=ImportMode.UPDATE, agency_id=None
        )
        assert run.state == "waiting"
        job = unit.session.scalars(select(Outbox).where(Outbox.kind == directories.JOB)).one()
        with pytest.raises(Refused):
            directories.take_over(unit, run.id, skip_bad=False)
        import_file(unit, job.args, lambda done, total=None: None)
        assert (run.state, run.report["new"]) == ("checked", 1)
        directories.take_over(unit, run.id, skip_bad=False)
        assert (run.state, found(unit.session, 1)) == ("committing", None)
        jobs = select(Outbox).where(Outbox.kind == directories.JOB).order_by(Outbox.id)
        second = unit.session.scalars(jobs).all()[-1]
        for _ in range(2):
            import_file(unit, second.args, lambda done, total=None: None)
        assert found(unit.session, 1) is not None
        assert unit.session.get(ImportRun, run.id).state == "committed"


def test_a_job_keeps_the_sentence_of_a_file_that_cannot_be_read(act_as, monkeypatch):
    monkeypatch.setattr(directories, "SMALL_FILE", 1)
    with act_as("office") as unit:
        run = directories.receive(
            unit, "targets", b"PK no workbook", "a.xlsx", mode=ImportMode.UPDATE, agency_id=None
        )
        import_file(unit, {"run": run.id, "step": "look"}, lambda done, total=None: None)
        assert run.state == "failed"
        assert run.report["codes"] == ["import_broken"]


def test_every_code_of_the_directories_has_a_sentence(app):
    source = "".join(path.read_text() for path in Path("app/directories").rglob("*.py"))
    named = r'(?:refused|Refused|Forbidden|_unreadable)\(\s*"(\w+)"|[fF]ault\(\s*(?:name|"\w+"),\s*"(\w+)"'
    codes = {one or two for one, two in re.findall(named, source)}
    assert len(codes) > 40
    assert codes - known_codes() == set()
