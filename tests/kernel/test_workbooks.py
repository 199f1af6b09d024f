"""Exported workbooks, read again by somebody else's reader and by our own."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timezone

import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from app.kernel import workbook
from app.kernel.spreadsheet import open_book
from app.kernel.workbook import Watermark, write_sheet

AT = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
MARK = Watermark("名单，由张三导出 & <某局>", "张三", "某局 & 某局", AT)


def written(rows, headings=("甲", "乙"), title="对象"):
    out = io.BytesIO()
    number = write_sheet("xlsx", out, headings, iter(rows), MARK, title=title)
    return out.getvalue(), number


def sheets(content):
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_every_part_is_sound_and_every_cell_comes_back():
    rows = [["示例<&>\"'", "二"], ["𠮷㐀", "  边上有空格 "], ["", "两\n行"], [None, 12], ["", ""]]
    content, number = written(rows)
    assert number == 5
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        for part in archive.namelist():
            etree.fromstring(archive.read(part))
    [(name, found)] = sheets(content).items()
    assert name == "对象"
    assert [row[:2] for row in found[2:]] == [
        ["示例<&>\"'", "二"],
        ["𠮷㐀", "  边上有空格 "],
        ["", "两\n行"],
        ["", "12"],
        ["", ""],
    ]
    assert found[0][0] == f"# {MARK.text}"
    assert found[1] == ["甲", "乙"]


def test_our_own_reader_takes_it():
    content, _ = written([["一", "二"]])
    [sheet] = open_book(content, "a.xlsx").sheets
    assert list(sheet.rows())[1:] == [["甲", "乙"], ["一", "二"]]


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("一\x01二", "一_x0001_二"),
        ("_x0041_", "_x005F_x0041_"),
        ("_x41_", "_x41_"),
        ("一\uffff", "一_xFFFF_"),
        ("=1+1", "'=1+1"),
        ("＝1", "'＝1"),
    ],
)
def test_what_a_sheet_cannot_hold_is_said_otherwise(cell, stored):
    content, _ = written([[cell, ""]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        page = etree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    texts = page.xpath("//x:row[@r='3']//x:t/text()", namespaces={"x": page.nsmap[None]})
    assert texts == [stored]


def test_a_cell_is_never_longer_than_a_spreadsheet_opens():
    content, _ = written([["长" * 40_000, ""]])
    assert len(sheets(content)["对象"][2][0]) == workbook.LONGEST_CELL


def test_what_does_not_fit_goes_on_the_next_sheet_with_its_heading_and_mark(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_PER_SHEET", 3)
    content, number = written([[f"第{n}", "x"] for n in range(8)], title="对象[*]/名单")
    found = sheets(content)
    assert number == 8
    assert list(found)[:2] == ["对象名单", "对象名单 2"]
    assert [row[0] for rows in found.values() for row in rows[2:]] == [f"第{n}" for n in range(8)]
    assert all(rows[0][0].startswith("# ") and rows[1] == ["甲", "乙"] for rows in found.values())


def test_it_says_who_took_it_and_is_the_same_for_the_same_rows():
    first, _ = written([["一", "二"]])
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        core = etree.fromstring(archive.read("docProps/core.xml"))
        own = etree.fromstring(archive.read("docProps/app.xml"))
    assert core.xpath("string(//*[local-name()='creator'])") == "张三"
    assert core.xpath("string(//*[local-name()='description'])") == MARK.text
    assert own.xpath("string(//*[local-name()='Company'])") == "某局 & 某局"
    assert written([["一", "二"]])[0] == first


def test_nothing_but_headings_is_a_whole_workbook():
    content, number = written([])
    assert (number, sheets(content)["对象"][1]) == (0, ["甲", "乙"])
