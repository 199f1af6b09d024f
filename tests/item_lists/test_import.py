"""`flask --app run import items FILE`."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.directories.rules import ImportMode
from app.item_lists.models import Item, ItemList
from app.item_lists.services import import_items
from app.kernel.errors import Invalid, NotFound, Refused

Act = Callable[..., Any]
HEAD = [
    "序号",
    "抽查项目",
    "抽查事项",
    "检查对象",
    "事项类别",
    "检查方式",
    "检查主体",
    "检查依据",
    "比例上限",
]
ROW = [
    "P-1",
    "旅馆业治安检查",
    "登记检查",
    "宾馆、旅店",
    "一般检查事项",
    "现场检查、书面检查",
    "市公安局",
    "《办法》第六条",
    "5%",
]


def _csv(*rows: list[str], encoding: str = "utf-8") -> bytes:
    return "\n".join(",".join(row) for row in (HEAD, *rows)).encode(encoding)


def _other(code: str, name: str) -> list[str]:
    return [code, ROW[1], name, *ROW[3:]]


def test_a_spreadsheet_with_chinese_headings_becomes_a_draft_list(act_as: Act, session: Session) -> None:
    with act_as("police_admin") as unit:
        outcome = import_items(unit, _csv(ROW, _other("P-2", "上传检查"), encoding="gb18030"), "清单.csv")
    assert (outcome.rows, outcome.new, outcome.bad, outcome.committed) == (2, 2, 0, True)
    item = session.scalars(select(Item).where(Item.code == "P-1")).one()
    assert (item.line_code, item.category, item.methods, item.ratio_cap) == (
        "police",
        "general",
        ["on_site", "written"],
        50,
    )
    assert item.item_list.state == "draft" and item.item_list.year == 2026


def test_the_same_file_again_changes_nothing_and_a_changed_row_one(act_as: Act) -> None:
    with act_as("police_admin") as unit:
        import_items(unit, _csv(ROW), "a.csv")
    with act_as("police_admin") as unit:
        again = import_items(unit, _csv(ROW), "a.csv")
        changed = import_items(unit, _csv([*ROW[:7], "《办法》第七条", "5%"]), "a.csv")
    assert (again.unchanged, again.new, again.changed) == (1, 0, 0)
    assert (changed.unchanged, changed.new, changed.changed) == (0, 0, 1)


@pytest.mark.rule("R-8.1")
def test_bad_rows_are_told_with_row_and_heading_and_nothing_is_written(act_as: Act, session: Session) -> None:
    bad = ["P-2", "", "上传检查", "宾馆", "两可", "邮寄", "市公安局", "", "一成"]
    with act_as("police_admin") as unit:
        outcome = import_items(unit, _csv(ROW, bad, ROW), "a.csv")
    assert (outcome.bad, outcome.committed) == (2, False)
    assert {(f.row, f.column, f.code) for f in outcome.faults} == {
        (3, "抽查项目", "gap_missing"),
        (3, "事项类别", "item_category_word"),
        (3, "检查方式", "item_method_word"),
        (3, "检查依据", "gap_missing"),
        (3, "比例上限", "item_cap_word"),
        (4, "序号", "duplicate"),
    }
    assert session.scalar(select(func.count()).select_from(Item).where(Item.code == "P-1")) == 0
    with act_as("police_admin") as unit:
        assert import_items(unit, _csv(ROW, bad), "a.csv", skip_bad=True).committed


def test_sync_takes_out_what_the_file_lacks_and_a_dry_run_nothing(act_as: Act, session: Session) -> None:
    with act_as("police_admin") as unit:
        import_items(unit, _csv(ROW, _other("P-2", "上传检查")), "a.csv")
    with act_as("police_admin") as unit:
        dry = import_items(unit, _csv(ROW), "a.csv", mode=ImportMode.SYNC, dry_run=True)
    assert (dry.closed, dry.committed) == (1, False)
    codes = select(Item.code).join(Item.item_list).where(ItemList.state == "draft")
    assert set(session.scalars(codes)) == {"P-1", "P-2"}
    with act_as("police_admin") as unit:
        assert import_items(unit, _csv(ROW), "a.csv", mode=ImportMode.SYNC).committed
    assert set(session.scalars(codes)) == {"P-1"}


def test_nobody_imports_into_the_list_of_another_agency(act_as: Act, session: Session) -> None:
    from app.security.queries import agency_by_code

    health = agency_by_code(session, "HEALTH-640100")
    assert health is not None
    for name in ("police_admin", "police_clerk"):
        with pytest.raises((Refused, NotFound)), act_as(name) as unit:
            import_items(unit, _csv(ROW), "a.csv", agency_id=health.id)


def test_a_published_list_takes_no_import(act_as_system: Callable[[], Any]) -> None:
    rows = _csv(ROW).decode().splitlines()
    content = "\n".join([rows[0] + ",部门", rows[1] + ",公安"]).encode()
    with pytest.raises(Invalid) as invalid, act_as_system() as unit:
        import_items(unit, content, "a.csv")
    assert [fault.code for fault in invalid.value.faults] == ["items_list_published"]


def test_the_command_prints_the_report_and_its_exit_code(app: Any, tmp_path: Path, session: Session) -> None:
    book = io.BytesIO()
    workbook = xlsxwriter.Workbook(book)
    sheet = workbook.add_worksheet("事项")
    for number, row in enumerate((HEAD, ROW, ["P-2", "", "缺项目"])):
        sheet.write_row(number, 0, row)
    workbook.close()
    path = tmp_path / "清单.xlsx"
    path.write_bytes(book.getvalue())
    arguments = ["import", "items", str(path), "--agency", "POLICE-640100", "--as", "police_admin", "--json"]
    runner = app.test_cli_runner()
    refused = runner.invoke(args=arguments)
    report = json.loads(refused.stdout)
    assert refused.exit_code == 3
    assert (report["rows"], report["new"], report["bad"], report["committed"]) == (2, 1, 1, False)
    assert {(e["sheet"], e["row"]) for e in report["errors"]} == {("事项", 3)}
    assert all(e["message"] for e in report["errors"])
    done = runner.invoke(args=[*arguments, "--skip-bad"])
    assert done.exit_code == 0 and json.loads(done.stdout)["committed"] is True
