"""What hostile strings once brought to a fall, one by one."""

from __future__ import annotations

import io
import json

import pytest
from python_calamine import CalamineWorkbook

from app.directories.importing.files import _sheet_name, _xlsx
from app.directories.importing.packing import BadRow
from app.kernel.spreadsheet.cells import clean
from app.kernel.workbook import LONGEST_CELL, harmless
from app.publicity.export import neutral, write_csv


@pytest.mark.parametrize(
    "body", ["true", "1", '"a"', "[1]", '{"name": {"a": 1}}', '{"code": 1}', "null", "{"]
)
@pytest.mark.parametrize("path", ["/targets/add", "/experts/add", "/tasks/new", "/me/password"])
def test_json_is_no_form(client_as, path, body):
    """Flask-WTF takes JSON for a form: numbers and lists came to where texts are expected, and fell."""
    answer = client_as("office").post(path, data=body, content_type="application/json")
    assert answer.status_code in {403, 404, 415}
    if answer.status_code == 415:
        assert "<main" in answer.text and "请求" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/inspectors/?q=(filters:!((col:nothing,opr:ct,value:a)))", 400),
        ("/api/v1/targets/?q=(page:-1)", 400),
        ("/api/v1/targets/?q=(page:99999999999999999999)", 400),
        ("/api/v1/inspectors/987654321", 404),
        ("/api/nothing/_openapi", 404),
    ],
)
def test_the_interface_refuses_with_a_sentence_in_the_language_of_the_account(client_as, path, status):
    for locale, word in (
        ("zh_CN", "接口" if status == 400 else "没有"),
        ("en", "interface" if status == 400 else "here"),
    ):
        answer = client_as("police_admin", locale).get(path)
        assert answer.status_code == status
        assert word in json.loads(answer.text)["message"]


@pytest.mark.parametrize(
    "address", ["/console/\r\nX-Evil: 1", "/\n", "//evil.example.invalid", "/\\evil.example.invalid"]
)
def test_an_action_of_the_console_leads_back_to_the_list(client_as, address):
    answer = client_as("sysadmin").post("/ops/failed/action/", data={"action": "no", "url": address})
    assert answer.status_code == 302
    assert answer.location.startswith("/ops/")


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/tasks/%0d%0aX-Evil:1",
        "http://localhost/\x85",
        "//evil.example.invalid",
        "http://evil.example.invalid/",
        "javascript:alert(1)",
        "http://localhost//evil.example.invalid",
        "http://[",
    ],
)
def test_the_way_back_after_choosing_a_language_is_the_portals_own(client_as, address):
    """Flask-AppBuilder's check hands the address back unquoted, line breaks and all."""
    there = client_as(None).post("/me/language/en", headers={"Referer": address})
    here = client_as("office").post("/me/language", data={"locale": "en", "next": address})
    for answer in (there, here):
        assert answer.status_code == 302
        assert answer.location in {"/", "/tasks/%0d%0aX-Evil:1", "/tasks/%0D%0AX-Evil:1"}


def test_a_number_of_five_thousand_figures_is_a_fault_and_no_fall(client_as):
    """Python refuses to read it, with a ValueError."""
    number = "9" * 5000
    assert client_as("office").post("/me/membership", data={"membership": number}).status_code == 404
    made = client_as("police_admin").post("/inspectors/add", data={"load": number})
    assert made.status_code == 422 and 'id="load-err"' in made.text
    assert client_as("office").post("/designer/new", data={"rows": number}).status_code in {200, 422}


@pytest.mark.parametrize("text", ["=1", " =1", "\u3000+1", "\xa0-1", "\n@a", "＝1"])
def test_no_beginning_computes_and_an_import_takes_the_sign_away_again(text):
    assert harmless(text) == f"'{text}"
    assert clean(harmless(text)) == text.strip()
    assert neutral({"who": text, "what": "x"}).startswith("'")
    assert neutral([text, "x"]).startswith("'")
    assert write_csv(["a"], [{"a": {"who": text}}]).splitlines()[1].lstrip('"').startswith("'")


def test_a_sheet_of_any_name_comes_back_with_its_bad_rows():
    names = ["a[b]:*?/\\c", "A" * 40, "a" * 40, "'", "", "a[b]:*?/\\c "]
    rows = [BadRow(name, number, ["=1", "x" * 40_000], []) for number, name in enumerate(names)]
    content = _xlsx({name: ["甲", "乙"] for name in names}, rows)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert len(book.sheet_names) == len(names)
    cells = book.get_sheet_by_index(0).to_python()[1]
    assert cells[2] == "'=1" and len(cells[3]) == LONGEST_CELL


def test_names_of_sheets_are_different_in_31_letters():
    used: set[str] = set()
    names = [_sheet_name("x" * 50, used) for _ in range(12)]
    assert len({name.casefold() for name in names}) == 12
    assert max(map(len, names)) == 31
