"""The wizard as a person walks through it, without JavaScript."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from sqlalchemy import select

from app.directories.importing.models import ImportRun
from app.directories.targets.models import Target
from app.kernel.spreadsheet import open_book
from tests.directories.importing.files import HEADINGS, code, csv_of, row, xlsx_of

ODD = ("甲", "乙", "丙", "丁", "戊", "己", "庚")
NAMES = ("name", "code", "address", "legal_representative", "contact", "phone", "region")


def hand_in(client, content, name="对象.csv", kind="targets", mode="update"):
    data = {"file": (io.BytesIO(content), name), "mode": mode}
    return client.post(f"/imports/{kind}/new", data=data, content_type="multipart/form-data")


def columns(names=NAMES, **more):
    return (
        {f"col-{n}": name for n, name in enumerate(names)}
        | {"sheet": "", "key": "code", "mode": "update"}
        | more
    )


def of_code(session, number):
    session.expire_all()
    return session.scalars(select(Target).where(Target.code == code(number))).first()


def test_a_file_with_strange_headings_is_matched_checked_taken_over_and_undone(client_as, session):
    client = client_as("office")
    answer = hand_in(client, csv_of([row(1, 联系电话="13911112222"), row(2, 住所="")], ODD))
    assert answer.location.endswith("/columns")
    page = client.get(answer.location).text
    assert "139****2222" in page and "13911112222" not in page
    assert "导入第1号示例" in page
    refused = client.post(answer.location, data=columns(("name", "", *NAMES[2:])))
    assert refused.status_code == 422
    assert "请指定哪一列是这一项" in refused.text
    assert 'value="address" selected' in refused.text
    done = client.post(answer.location, data=columns())
    at = done.location
    assert done.status_code == 302 and at.rstrip("/").rpartition("/")[2].isdecimal()
    page = client.get(at).text
    assert "丙" in page
    assert "导入第1号示例" in client.get(f"{at}?tab=new").text
    client.post(f"{at}/commit", data={"skip_bad": "yes"})
    assert of_code(session, 1).phone == "13911112222"
    for tab in ("new", "changed", "closed", "bad"):
        page = client.get(f"{at}?tab={tab}&page=9")
        assert page.status_code == 200 and "13911112222" not in page.text
    bad = client.get(f"{at}/bad-rows")
    assert bad.headers["Content-Disposition"].endswith(".csv")
    assert "导入第2号示例" in bad.data.decode("utf-8-sig")
    assert client.get(f"{at}/undo").status_code == 200
    assert client.post(f"{at}/undo", data={"reason": ""}).status_code == 422
    assert client.post(f"{at}/undo", data={"reason": "交错了文件"}).status_code == 302
    assert of_code(session, 1) is None
    assert "已撤销" in client.get(at).text
    assert "对象.csv" in client.get("/imports/").text


def test_the_heading_can_be_moved_and_the_file_is_read_again(client_as):
    client = client_as("office")
    at = hand_in(client, csv_of([list("ABCDEFG"), row(1)], ODD)).location
    again = client.post(at, data={"again": "1", "row-0": "2", "depth-0": "1"})
    assert again.location == at
    page = client.get(at).text
    assert ">A</label>" in page and "庚" not in page
    assert client.post(at, data=columns()).status_code == 302


def test_a_file_of_another_person_is_not_there(client_as):
    at = hand_in(client_as("office"), csv_of([row(1)])).location
    other = client_as("region_office")
    for tail in ("", "/part", "/columns", "/undo", "/faults.csv", "/bad-rows"):
        assert other.get(at + tail).status_code == 404
    for tail in ("/commit", "/check", "/undo", "/columns"):
        assert other.post(at + tail, data={"reason": "没有理由"}).status_code == 404
    assert "对象.csv" not in other.get("/imports/").text


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.csv", "没有"),
        (b"PK\x03\x04broken", "a.xlsx", "损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 9, "a.xlsx", "密码"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field_and_nothing_is_kept(
    client_as, session, content, name, sentence
):
    answer = hand_in(client_as("office"), content, name)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalars(select(ImportRun).where(ImportRun.file_name == name)).first() is None


def test_an_upload_that_breaks_off_leaves_nothing(client_as, session):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="broken.csv"\r\n\r\n' + b"a,b\r\n" * 9
    )
    answer = client_as("office").post(
        "/imports/targets/new", data=body, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code in (400, 422)
    assert session.scalars(select(ImportRun).where(ImportRun.file_name == "broken.csv")).first() is None


@pytest.mark.parametrize(
    ("name", "kind"), [("office", "targets"), ("police_admin", "targets"), ("police_admin", "inspectors")]
)
def test_the_template_offers_the_offices_own_words(client_as, name, kind):
    client = client_as(name)
    answer = client.get(f"/imports/{kind}/template.xlsx")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        page = packed.read("xl/worksheets/sheet1.xml").decode()
    words = open_book(answer.data, "t.xlsx").sheets[1]
    sources = re.findall(r"<formula1>'([^']+)'!\$([A-Z])\$2:\$[A-Z]\$(\d+)</formula1>", page)
    assert len(sources) >= 4
    lines = list(words.rows())
    for sheet, letter, last in sources:
        column = [line[ord(letter) - 65] for line in lines if line[ord(letter) - 65]]
        assert (sheet, int(last)) == (words.name, len(column))
    shown = {cell for line in lines for cell in line}
    assert "兴庆区" in shown and "大武口区" not in shown
    again = hand_in(client, answer.data, "template.xlsx", kind)
    assert again.status_code == 422 and "没有" in again.text


def test_the_template_filled_in_imports_without_a_question(client_as, session):
    client = client_as("office")
    given = client.get("/imports/targets/template.xlsx").data
    heads = next(open_book(given, "t.xlsx").sheets[0].rows())
    values = {
        "统一社会信用代码": code(1), "名称": "模板示例", "住所": "一号", "法定代表人": "张三示例",
        "联系人": "李四示例", "联系电话": "13911112222", "行政区域": "兴庆区", "登记状态": "存续",
    }  # fmt: skip
    filled = xlsx_of({"导入": [heads, [values.get(head, "") for head in heads]]})
    at = hand_in(client, filled, "template.xlsx").location
    client.post(f"{at}/commit")
    assert of_code(session, 1).name == "模板示例"


def test_a_kind_of_another_role_is_not_there(client_as):
    assert client_as("office").get("/imports/inspectors/new").status_code == 404
    assert client_as("office").get("/imports/nothing/new").status_code == 404
    assert client_as("police_clerk").get("/imports/").status_code == 404


def test_bad_rows_of_a_workbook_come_back_as_a_workbook_sheet_by_sheet(client_as):
    client = client_as("office")
    content = xlsx_of(
        {"甲表": [HEADINGS, row(1, 住所="")], "乙表": [HEADINGS, row(2), row(3, 法定代表人="")]}
    )
    at = hand_in(client, content, "a.xlsx").location
    answer = client.get(f"{at}/bad-rows")
    assert [sheet.name for sheet in open_book(answer.data, "b.xlsx").sheets] == ["甲表", "乙表"]


def test_only_a_hidden_sheet_is_named_in_the_sentence_and_read_when_it_is_chosen(client_as, session):
    client = client_as("office")
    content = xlsx_of({"说明": [["某市对象表"], ["序号", "说明"]], "旧": [HEADINGS, row(2)]}, hidden=["旧"])
    at = hand_in(client, content, "a.xlsx").location
    page = client.get(at).text
    assert "“旧”" in page and "%(" not in page and "隐藏" in page
    names = dict(
        zip(
            HEADINGS,
            ("name", "code", "address", "legal_representative", "contact", "phone", "region"),
            strict=True,
        )
    )
    asked = {f"col-{n}": names.get(label, "") for n, label in enumerate(["序号", "说明", *HEADINGS])}
    done = client.post(at, data={**asked, "sheet": "旧", "key": "code", "mode": "update"})
    assert done.status_code == 302
    client.post(f"{done.location}/commit")
    assert of_code(session, 2) is not None


def test_the_sentence_of_a_broken_text_names_the_row(client_as):
    lines = csv_of([row(n) for n in range(9)]).replace("第5号".encode(), b"\xff\xff")
    page = hand_in(client_as("office"), lines).text
    assert "从第 7 行起" in page
