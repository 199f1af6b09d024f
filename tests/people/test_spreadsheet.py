"""Many people from a spreadsheet, the list as a spreadsheet, and how the list finds people."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from app.kernel.spreadsheet import Column, read_rows
from app.kernel.workbook import harmless, xlsx_bytes
from app.people import services
from app.people.models import InviteBatch
from app.security.models import Account, Membership, SecurityLog
from app.security.scope import Scope

HEAD = ("人员姓名", "单位名称", "岗位", "系统角色", "联系电话", "电子邮箱", "登录名", "备注")
GOOD = ("张示例", "", "科员", "业务经办、审核人员", "138 1111 2222", "", "", "x")
BAD = (
    ("", "", "", "业务经办", "", "", "", ""),
    ("李示例", "银川市没有的局", "", "业务经办", "", "", "", ""),
    ("赵示例", "", "", "单位管理员", "", "", "", ""),
    ("钱示例", "", "", "飞行员", "12", "", "", ""),
    ("孙示例", "", "", "inspector", "138-1111-2222", "", "", ""),
    ("周示例", "", "", "clerk", "", "", "police_reviewer", ""),
)


def sheet(*rows):
    return xlsx_bytes(HEAD, rows)


def hand_in(client, *rows, name="people.xlsx"):
    data = {"file": (io.BytesIO(sheet(*rows)), name), "reason": "new department"}
    return client.post("/people/import/", data=data, content_type="multipart/form-data")


def test_a_file_is_checked_first_and_every_fault_names_row_and_column(client_as, session):
    client = client_as("police_admin")
    answer = hand_in(client, GOOD, *BAD)
    assert answer.status_code == 302
    page = client.get(answer.location).text
    for word in ("银川市没有的局", "单位管理员", "飞行员", "系统角色", "联系电话", "police_reviewer"):
        assert word in page
    batch = session.scalars(select(InviteBatch)).one()
    assert batch.report == {"rows": 7, "good": 1, "bad": 6}
    assert session.scalar(select(Account.id).where(Account.display_name == "张示例")) is None
    faults = client.get(f"/people/import/{batch.id}/faults.xlsx")
    rows = read_rows(faults.data, "f.xlsx", [Column("row", ("文件中的行",), True)])
    assert [row.cells["row"] for row in rows[:6]] == ["3", "4", "5", "6", "7", "8"]


def test_the_good_rows_are_invited_once_and_get_slips_on_one_page(client_as, session):
    client = client_as("police_admin")
    address = hand_in(client, GOOD, ("吴示例", "POLICE-640100", "", "clerk", "", "", "", ""), BAD[0]).location
    assert client.post(f"{address}/commit").status_code == 302
    assert session.scalar(select(Account.id).where(Account.display_name == "张示例")) is None
    for _twice in range(2):
        client.post(f"{address}/commit", data={"skip_bad": "yes"})
    made = session.scalars(select(Account).where(Account.display_name.in_(["张示例", "吴示例"]))).all()
    assert len(made) == 2
    slips = client.post(f"{address}/slips")
    assert slips.status_code == 200 and slips.headers["Cache-Control"] == "no-store"
    assert all(account.username in slips.text for account in made)
    assert client.post(f"{address}/slips").status_code == 302


def test_a_file_of_another_person_is_not_there(client_as):
    address = hand_in(client_as("police_admin"), GOOD).location
    for tail in ("", "/part", "/faults.xlsx"):
        assert client_as("office").get(address + tail).status_code == 404
    for tail in ("/commit", "/slips"):
        assert client_as("office").post(address + tail).status_code == 404


def test_a_file_that_is_none_gets_a_sentence(client_as):
    data = {"file": (io.BytesIO(b"\x00\x01PK"), "x.xlsx"), "reason": "new department"}
    answer = client_as("office").post("/people/import/", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422


def test_the_export_holds_what_the_list_shows_with_phones_covered_and_no_formula(
    act_as, client_as, entry, session
):
    with act_as("office") as unit:
        services.invite(unit, entry(name="=HYPERLINK(1)", phone="13811112222"))
    client = client_as("office")
    body = client.get("/people/export?as=csv&q=HYPER").data.decode("utf-8-sig")
    lines = [line for line in body.splitlines() if line]
    assert len(lines) == 3 and lines[1].startswith("'=HYPERLINK")
    assert "138****2222" in body and "13811112222" not in body
    assert "office" in lines[2]
    table = SecurityLog.__table__
    line = session.execute(
        select(table).where(table.c.action == "exported").order_by(table.c.id.desc())
    ).first()
    assert line.outcome == "ok" and "HYPER" not in line.detail
    assert client.get("/people/export?as=xlsx").data[:2] == b"PK"
    assert harmless("@x") == "'@x"


@pytest.mark.parametrize(
    "text", ["13811112222", "+86 138-1111-2222", "2222", "王示", "wang@example", "POLICE-640100-"]
)
def test_a_person_is_found_by_name_account_mail_and_phone(act_as, client_as, entry, text):
    with act_as("office") as unit:
        services.invite(unit, entry(phone="13811112222", mail="wang@example.invalid"))
    page = client_as("office").get("/people/", query_string={"q": text})
    assert "王示例" in page.text and "138****2222" in page.text
    assert ">13811112222<" not in page.text
    assert "王示例" not in client_as("amr_admin").get("/people/", query_string={"q": text}).text


def test_the_filters_narrow_and_pages_follow_by_key(act_as, client_as, entry, session, who):
    with act_as("office") as unit:
        services.invite(unit, entry(name="示例新人", mail="new@example.invalid"))
    session.info["scope"] = Scope.system("test")
    for number in range(60):
        account = Account(
            username=f"bulk{number}",
            first_name="x",
            last_name="",
            display_name=f"示例{number:03}",
            email=f"p{number}@example.invalid",
            active=False,
        )
        session.add(Membership(user=account, agency_id=who.agency("POLICE-640100")))
    session.flush()
    client = client_as("office")
    first = client.get("/people/?state=locked").text
    assert "示例000" in first and "示例049" in first and "示例050" not in first
    following = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = client.get(following).text
    assert "示例050" in second and "示例049" not in second
    assert "示例000" not in client.get("/people/?state=active").text
    assert "示例新人" in client.get("/people/?last=never&role=clerk&state=invited").text
    assert "示例新人" not in client.get("/people/?role=inspector").text
    for odd in (
        "?agency=abc",
        "?agency=99999999999999999999",
        "?after=x",
        "?state=zzz",
        "?q=%25%5F",
        "?role=%27",
    ):
        assert client.get("/people/" + odd).status_code == 200
