"""What people really hand over, read as rows: every oddity is understood, or named with its place."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
import zlib

import pytest

from app.directories.targets.entries import COLUMNS
from app.kernel.errors import Invalid
from app.kernel.spreadsheet import limits, open_book, read_rows
from tests.directories.importing.files import HEADINGS, code, csv_of, row, xlsx_of


def refused(content, name="a.csv"):
    with pytest.raises(Invalid) as caught:
        read_rows(content, name, COLUMNS)
    return caught.value


def test_a_heading_below_titles_is_found():
    rows = read_rows(
        xlsx_of({"表": [["某市检查对象表"], [], ["填报单位：", "某局"], HEADINGS, row(1)]}), "a.xlsx", COLUMNS
    )
    assert [(r.row, r.cells["code"]) for r in rows] == [(5, code(1))]


def test_two_heading_rows_with_merged_cells_are_one_heading():
    upper = ["名称", "统一社会信用代码", "登记信息", "", "联系方式", "", "行政区域"]
    lower = ["", "", "住所", "法定代表人", "联系人", "电话", ""]
    merged = [
        ("表", 0, 2, 0, 3, "登记信息"),
        ("表", 0, 4, 0, 5, "联系方式"),
        ("表", 0, 0, 1, 0, "名称"),
        ("表", 0, 1, 1, 1, "统一社会信用代码"),
        ("表", 0, 6, 1, 6, "行政区域"),
    ]
    rows = read_rows(xlsx_of({"表": [upper, lower, row(1), row(2)]}, merged=merged), "a.xlsx", COLUMNS)
    assert [r.row for r in rows] == [3, 4]
    assert rows[0].cells["address"] == "银川市兴庆区解放街一号"
    assert rows[0].cells["contact"] == "李四示例"
    assert rows[0].cells["phone"] == "10900000000"
    assert rows[0].fault("phone", "x").column == "电话"


def test_two_heading_rows_of_a_text_are_one_heading():
    text = f"名称,统一社会信用代码,登记信息,,联系方式,,行政区域\n,,住所,法定代表人,联系人,电话,\n{','.join(row(1))}\n"
    rows = read_rows(text.encode(), "a.csv", COLUMNS)
    assert (rows[0].row, rows[0].cells["phone"], rows[0].cells["address"]) == (
        3,
        "10900000000",
        "银川市兴庆区解放街一号",
    )


def test_merged_cells_count_in_each_of_their_rows():
    merged = [("表", 1, 2, 2, 2, "银川市金凤区一号")]
    rows = read_rows(xlsx_of({"表": [HEADINGS, row(1), row(2)]}, merged=merged), "a.xlsx", COLUMNS)
    assert [r.cells["address"] for r in rows] == ["银川市金凤区一号"] * 2


def test_hidden_sheets_are_left_out_and_named_when_there_is_nothing_else():
    both = xlsx_of({"表": [HEADINGS, row(1)], "旧": [HEADINGS, row(2)]}, hidden=["旧"])
    assert [r.cells["code"] for r in read_rows(both, "a.xlsx", COLUMNS)] == [code(1)]
    only = xlsx_of({"说明": [["无"]], "旧": [HEADINGS, row(2)]}, hidden=["旧"])
    error = refused(only, "a.xlsx")
    assert (error.code, error.faults[0].sheet) == ("import_only_hidden", "旧")


def test_numbers_and_dates_come_as_a_person_sees_them():
    import datetime

    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("表")
        for x, heading in enumerate([*HEADINGS, "成立日期"]):
            sheet.write(0, x, heading)
        for x, cell in enumerate(row(1)):
            sheet.write(1, x, 13900001111 if x == 5 else cell)
        sheet.write_datetime(
            1, 7, datetime.datetime(2020, 5, 17), book.add_format({"num_format": "yyyy-mm-dd"})
        )
    cells = read_rows(out.getvalue(), "a.xlsx", COLUMNS)[0].cells
    assert (cells["phone"], cells["registered_on"]) == ("13900001111", "2020-05-17")


def test_signs_that_nobody_sees_and_spaces_around_are_dropped():
    rows = read_rows(csv_of([row(1, 名称="\u200b \u3000甲示例\ufeff ")]), "a.csv", COLUMNS)
    assert rows[0].cells["name"] == "甲示例"


def test_rare_letters_of_gb18030_stay_as_they_are():
    rare = "𠮷㐀䶮丂"
    rows = read_rows(csv_of([row(1, 名称=f"{rare}商店示例")], encoding="gb18030"), "a.csv", COLUMNS)
    assert rows[0].cells["name"] == f"{rare}商店示例"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_text_is_read_in_every_usual_encoding_and_with_every_separator(encoding, sign):
    out = io.StringIO()
    csv.writer(out, delimiter=sign).writerows([["某市对象表"], HEADINGS, row(1), row(2)])
    rows = read_rows(out.getvalue().encode(encoding), "a.csv", COLUMNS)
    assert [(r.row, r.cells["code"]) for r in rows] == [(3, code(1)), (4, code(2))]


def test_two_hundred_columns_are_read_and_the_known_ones_found():
    head = [*(f"附加{n}" for n in range(193)), *HEADINGS]
    rows = read_rows(xlsx_of({"表": [head, [*["x"] * 193, *row(1)]]}), "a.xlsx", COLUMNS)
    assert rows[0].cells["code"] == code(1)


def test_columns_without_a_known_heading_are_found_by_what_they_hold():
    head = ("单位", "编号甲", "住所", "法定代表人", "联系人", "号码", "行政区域", "名称")
    lines = [[*row(n)[:6], "兴庆区", f"甲{n}示例"] for n in range(1, 6)]
    for line in lines:
        line[5] = "13900001111"
    rows = read_rows(csv_of(lines, head), "a.csv", COLUMNS)
    assert (rows[0].cells["code"], rows[0].cells["phone"]) == (code(1), "13900001111")


def test_a_heading_that_contradicts_its_cells_gives_way():
    head = ("名称", "代码", "住所", "法定代表人", "联系人", "证照", "行政区域")
    lines = [[*row(n)[:1], f"{n:04d}", *row(n)[2:5], code(n), "兴庆区"] for n in range(1, 6)]
    assert read_rows(csv_of(lines, head), "a.csv", COLUMNS)[0].cells["code"] == code(1)


def test_html_that_is_called_xls_is_read():
    def line(cells, tag="td"):
        return "<tr>" + "".join(f"<{tag}>{c}</{tag}>" for c in cells) + "</tr>"

    head = "<html><head><meta charset=gbk></head><body><table><caption>对象</caption>"
    page = f"{head}{line(HEADINGS, 'th')}{line(row(1))}</table>"
    rows = read_rows(page.encode("gb18030"), "对象.xls", COLUMNS)
    assert [(r.sheet, r.row, r.cells["code"]) for r in rows] == [("对象", 2, code(1))]


def test_headings_that_are_printed_again_on_every_page_are_no_rows():
    rows = read_rows(csv_of([row(1), list(HEADINGS), row(2)]), "a.csv", COLUMNS)
    assert [r.row for r in rows] == [2, 4]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", xlsx_of({"a": []}), csv_of([])])
def test_an_empty_file_is_said_to_be_empty(content):
    assert refused(content).code == "import_empty"


def test_a_file_with_a_password_is_named():
    ole = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\x00" * 504
        + "EncryptedPackage".encode("utf-16-le")
        + b"\x00" * 900
    )
    assert refused(ole, "a.xlsx").code == "import_password"


def test_a_damaged_old_workbook_is_named():
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 2000, "a.xls").code == "import_unreadable"


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_workbook_that_broke_off_on_the_way_is_named(share):
    whole = xlsx_of({"表": [HEADINGS, *(row(n) for n in range(50))]})
    assert refused(whole[: int(len(whole) * share)], "a.xlsx").code == "import_broken"


def test_a_text_that_broke_off_within_a_letter_is_named_with_its_row():
    whole = csv_of([row(n) for n in range(50)])
    at = whole.rindex("示例".encode()) + 1
    error = refused(whole[:at])
    assert (error.code, error.faults[0].row) == ("import_cut_off", 51)


def test_a_wrong_byte_is_named_with_its_row():
    whole = csv_of([row(n) for n in range(9)])
    at = whole.index("第5号".encode())
    error = refused(whole[:at] + b"\xff\xff" + whole[at:])
    assert (error.code, error.faults[0].row) == ("import_encoding", 7)


@pytest.mark.parametrize("rows", [20, 800])
def test_a_quotation_mark_that_is_not_closed_is_named_with_its_row(rows):
    lines = csv_of([row(n) for n in range(rows)]).decode().split("\n")
    lines[3] = lines[3].replace(",银川市", ',"银川市', 1)
    error = refused("\n".join(lines).encode())
    assert (error.code, error.faults[0].row) == ("import_open_quote", 4)


def packed(name, size, declared=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"0" * size)
    content = out.getvalue()
    if declared is None:
        return content
    was, told = struct.pack("<I", size), struct.pack("<I", declared)
    return content.replace(was, told)


@pytest.mark.parametrize("declared", [None, 10])
def test_a_bomb_is_not_unpacked_whatever_it_declares(monkeypatch, declared):
    monkeypatch.setattr(limits, "MOST_UNPACKED", 100_000)
    assert refused(packed("xl/worksheets/sheet1.xml", 5_000_000, declared), "a.xlsx").code == "import_bomb"


def test_a_sheet_that_reaches_to_the_last_corner_is_not_laid_out():
    cells = '<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{cells}</sheetData></worksheet>")
    error = refused(out.getvalue(), "a.xlsx")
    assert (error.code, error.faults[0].sheet) == ("import_too_wide", "sheet1")
    cells = cells.replace("XFD", "CZ")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{cells}</sheetData></worksheet>")
    error = refused(out.getvalue(), "a.xlsx")
    assert (error.code, error.faults[0].row) == ("import_too_many_cells", 1048576)


def test_more_rows_than_can_be_taken_at_once_are_named_with_the_row(monkeypatch):
    monkeypatch.setattr(limits, "MOST_ROWS", 3)
    error = refused(csv_of([row(n) for n in range(5)]))
    assert (error.code, error.faults[0].row, error.facts["most"]) == ("import_too_many_rows", 5, 3)


def test_columns_that_are_missing_are_named_with_the_sheet():
    error = refused(xlsx_of({"人员": [["姓名", "年龄", "住所"], ["张三", "5", "某处"]]}), "a.xlsx")
    assert (error.code, error.faults[0].sheet, error.faults[0].row) == ("import_columns_missing", "人员", 1)
    assert "统一社会信用代码" in error.facts["columns"]


def test_an_archive_of_something_else_is_named():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "x")
    assert refused(out.getvalue(), "a.xlsx").code == "import_unreadable"


def test_a_packed_part_that_is_damaged_is_named():
    content = bytearray(xlsx_of({"表": [HEADINGS, *(row(n) for n in range(50))]}))
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive:
        entry = archive.getinfo("xl/worksheets/sheet1.xml")
    at = entry.header_offset + 80
    content[at : at + 40] = zlib.compress(b"nothing that fits here")[:40].ljust(40, b"\xff")
    assert refused(bytes(content), "a.xlsx").code in (
        "import_broken",
        "import_unreadable",
        "import_sheet_damaged",
    )


def test_a_book_says_what_it_is_and_which_sheets_are_hidden():
    book = open_book(xlsx_of({"a": [["x"]], "b": [["y"]]}, hidden=["b"]), "a.xlsx")
    assert (book.format, [(s.name, s.hidden) for s in book.sheets]) == ("xlsx", [("a", False), ("b", True)])
