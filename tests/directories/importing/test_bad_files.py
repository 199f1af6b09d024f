"""Files that cannot be taken: each is told by a sentence of its own beside its field, and leaves nothing behind."""

from __future__ import annotations

import html
import io
import zipfile

import pytest
from sqlalchemy import func, select

from app.directories.importing import checking, services
from app.directories.importing.models import ImportBatch, ImportKey, ImportRun
from app.directories.importing.services import Choice
from app.directories.rules import ImportMode
from app.directories.targets.entries import COLUMNS
from app.directories.targets.queries import by_code
from app.kernel.errors import Invalid
from app.kernel.spreadsheet import limits, read_rows
from app.security.explain import explain
from tests.directories.importing.files import HEADINGS, csv_of, receive, row, work, xlsx_of
from tests.directories.importing.files import code as code_of
from tests.directories.importing.test_pages import hand_in

WHOLE_SHEET = 1_048_576
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def archive_of(body, declared="xl/worksheets/sheet1.xml"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(declared, body)
    return out.getvalue()


def far_corner(column):
    cells = f'<row r="1"><c r="A1"/></row><row r="1048576"><c r="{column}1048576"><v>1</v></c></row>'
    return archive_of(f"<worksheet><sheetData>{cells}</sheetData></worksheet>")


def bad_files():
    whole = xlsx_of({"表": [HEADINGS, *(row(n) for n in range(50))]})
    text = csv_of([row(n) for n in range(20)])
    return {
        "import_empty": (b" \r\n", "空.csv"),
        "import_bomb": (archive_of(b"0" * 5_000_000), "弹.xlsx"),
        "import_password": (OLE + "EncryptedPackage".encode("utf-16-le") * 9, "密.xlsx"),
        "import_broken": (whole[: len(whole) // 2], "断.xlsx"),
        "import_cut_off": (text[:-1] if text[-1] > 127 else text[: text.rindex("区".encode()) + 2], "断.csv"),
        "import_encoding": (text.replace("示例".encode(), b"\xff\xfe\xff", 1), "码.csv"),
        "import_open_quote": (text.replace(b"\n", b'\n"', 1), "引号.csv"),
        "import_unreadable": (archive_of(b"x", "readme.txt"), "别的.xlsx"),
        "import_too_wide": (far_corner("XFD"), "宽.xlsx"),
        "import_too_many_cells": (far_corner("CZ"), "大.xlsx"),
        "import_columns_missing": (csv_of([("张三", "5")], ("姓名", "年龄")), "人员.csv"),
    }


@pytest.mark.parametrize("code", [c for c in bad_files() if c != "import_columns_missing"])
def test_each_has_its_own_sentence_and_leaves_nothing(client_as, session, monkeypatch, code):
    monkeypatch.setattr(limits, "MOST_UNPACKED", 4_000_000)
    content, name = bad_files()[code]
    with pytest.raises(Invalid) as caught:
        read_rows(content, name, COLUMNS)
    assert caught.value.code == code
    answer = hand_in(client_as("office"), content, name)
    assert answer.status_code == 422
    assert explain(caught.value) in html.unescape(answer.text)
    assert session.scalar(select(func.count()).where(ImportRun.file_name == name)) == 0


def test_no_two_of_them_are_told_alike(app, monkeypatch):
    monkeypatch.setattr(limits, "MOST_UNPACKED", 4_000_000)
    told = {}
    with app.test_request_context():
        for code, (content, name) in bad_files().items():
            with pytest.raises(Invalid) as caught:
                read_rows(content, name, COLUMNS)
            told[code] = explain(caught.value)
    assert len(set(told.values())) == len(told)
    assert not [sentence for sentence in told.values() if "%(" in sentence]


def test_too_many_rows_are_told_before_the_long_check_and_the_person_goes_on(act_as, monkeypatch):
    monkeypatch.setattr(services, "SMALL_FILE", 10)
    monkeypatch.setattr(limits, "MOST_ROWS", 30)
    monkeypatch.setattr(checking, "begin", lambda unit, run: pytest.fail("the check has begun"))
    with act_as("office") as unit:
        run = work(unit, receive(unit, csv_of([row(n) for n in range(35)])))
        assert (run.state, run.report["codes"]) == ("failed", ["import_too_many_rows"])
        assert "32" in run.report["error"]
        kept = select(func.count()).where(ImportBatch.run_id == run.id, ImportBatch.position >= 0)
        assert unit.session.scalar(kept) == 0
        assert unit.session.scalar(select(func.count()).where(ImportKey.run_id == run.id)) == 0


def test_lines_without_content_are_no_rows(act_as, monkeypatch):
    monkeypatch.setattr(services, "SMALL_FILE", 10)
    monkeypatch.setattr(limits, "MOST_ROWS", 30)
    with act_as("office") as unit:
        run = work(unit, receive(unit, csv_of([row(1), *[("",) * len(HEADINGS)] * 50, row(2)])))
        assert (run.state, run.report["rows"]) == ("checked", 2)


def sheet_to_its_end():
    lines = (
        f'<row r="{n}"><c r="A{n}" t="str"><v>示例{n}</v></c><c r="B{n}" t="str"><v>{n}</v></c></row>'
        for n in range(2, WHOLE_SHEET + 1)
    )
    head = '<row r="1"><c r="A1" t="str"><v>名称</v></c><c r="B1" t="str"><v>信用代码</v></c></row>'
    inside = xlsx_of({"表": [["x"]]})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(inside)) as small, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as big:
        for part in small.namelist():
            if not part.endswith("sheet1.xml"):
                big.writestr(part, small.read(part))
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        with big.open("xl/worksheets/sheet1.xml", "w") as target:
            target.write(f'<worksheet xmlns="{space}"><sheetData>{head}'.encode())
            target.write("".join(lines).encode())
            target.write(b"</sheetData></worksheet>")
    return out.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_of_as_many_rows_as_a_sheet_can_hold_is_named_with_the_first_row_too_many(kind):
    if kind == "csv":
        lines = (f"示例{n},{n}" for n in range(2, WHOLE_SHEET + 1))
        content = "\n".join(["名称,信用代码", *lines]).encode()
    else:
        content = sheet_to_its_end()
    wanted = [column for column in COLUMNS if column.name in ("name", "code")]
    with pytest.raises(Invalid) as caught:
        read_rows(content, f"满.{kind}", wanted)
    assert caught.value.code == "import_too_many_rows"
    assert caught.value.faults[0].row == 1_000_002


def test_html_under_the_name_of_a_workbook_is_told_when_it_holds_no_table(client_as):
    answer = hand_in(client_as("office"), "<html><body>登录已过期</body></html>".encode(), "对象.xls")
    assert answer.status_code == 422
    assert "XLSX" in answer.text


def test_rare_letters_of_gb18030_come_into_the_directory_as_they_are(act_as):
    name = "𠮷㐀䶮丂商店示例"
    with act_as("office") as unit:
        run = receive(unit, csv_of([row(1, 名称=name)], encoding="gb18030"))
        services.take_over(unit, run.id, skip_bad=False)
        assert by_code(unit.session, code_of(1)).name == name


def test_two_hundred_columns_are_offered_and_the_known_ones_taken(act_as):
    extra = [f"附加{n}" for n in range(193)]
    cells = [*(f"值{n}" for n in range(193)), *row(1)]
    with act_as("office") as unit:
        run = receive(unit, xlsx_of({"表": [[*extra, *HEADINGS], cells]}), "宽.xlsx")
        if run.state == "choosing":
            mapping = {
                name: label for one in run.settings["sheets"] for name, label in one["mapping"].items()
            }
            run = services.choose(unit, run.id, Choice(["表"], mapping, "code", ImportMode.UPDATE))
        assert (run.state, run.report["new"], run.report["bad"]) == ("checked", 1, 0)
