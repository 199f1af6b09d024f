"""The pages of the directories, as the demo's people see them."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import event, select

from app.db import db
from app.directories.importing.models import ImportRun
from app.directories.inspectors.models import Inspector
from app.directories.libraries.models import Library
from app.directories.targets.models import Target
from app.kernel.identifiers import make_uscc
from app.security.protection import mask
from app.security.scope import Scope

READERS = ["police_admin", "police_clerk", "office", "region_office", "amr_reviewer"]
MOST_QUERIES = 16


@pytest.fixture
def queries(app):
    seen = []

    def note(conn, cursor, statement, *rest):
        if statement.startswith("SELECT") and "set_config" not in statement:
            seen.append(statement)

    event.listen(db.engines[None], "before_cursor_execute", note)
    yield seen
    event.remove(db.engines[None], "before_cursor_execute", note)


def one_of(session, statement):
    """The first row of all; a request before has left its own scope on the session."""
    session.info["scope"] = Scope.system("test")
    return session.scalars(statement).first()


def a_target(session, **wanted):
    statement = select(Target).where(Target.code.like("9_6401%"), Target.status == "active")
    for name, value in wanted.items():
        statement = statement.where(getattr(Target, name) == value)
    return one_of(session, statement.order_by(Target.id))


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "path",
    ["/targets/", "/inspectors/", "/libraries/", "/recusals/", "/experts/list/", "/recusals/?state=all"],
)
def test_a_list_opens(client_as, name, path):
    answer = client_as(name).get(path)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/vocabulary/target-kinds/list/",
        "/vocabulary/industries/list/",
        "/vocabulary/specialties/list/",
        "/vocabulary/regions/list/",
        "/vocabulary/agencies/list/",
        "/vocabulary/calendar/list/",
        "/vocabulary/target-kinds/show/enterprise",
        "/vocabulary/target-kinds/edit/enterprise",
        "/vocabulary/industries/show/6110",
        "/vocabulary/calendar/show/2026-01-01",
        "/vocabulary/calendar/add",
    ],
)
def test_a_vocabulary_opens(client_as, path):
    assert client_as("region_office").get(path).status_code == 200


@pytest.mark.rule("R-4.1")
def test_the_regional_office_adds_a_kind_without_code_and_a_city_office_cannot(client_as, session):
    values = {"code": "temple", "name": "宗教场所", "name_en": "Place of worship", "position": "9"}
    refused = client_as("office").post("/vocabulary/target-kinds/add", data=values)
    assert "全区" in refused.text or "whole region" in refused.text
    filters = "/directories/targets/filters"
    assert "宗教场所" not in client_as("office").get(filters).text
    assert client_as("region_office").post("/vocabulary/target-kinds/add", data=values).status_code == 302
    assert "宗教场所" in client_as("office").get(filters).text


@pytest.mark.parametrize("name", ["sysadmin", "auditadmin", None])
def test_who_has_no_business_here_sees_nothing(client_as, name):
    assert client_as(name).get("/targets/").status_code in (302, 404)


def test_the_list_pages_forth_and_back_without_losing_a_row(client_as, session):
    client = client_as("office")
    first = client.get("/targets/?region=640104").text
    following = _link(first, "next")
    second = client.get(following).text
    back = client.get(_link(second, "prev")).text
    assert _names(first) == _names(back)
    assert not set(_names(first)) & set(_names(second))
    assert len(_names(first)) == 50


def _link(html, rel):
    part = html.split(f'rel="{rel}" href="', 1)[1].split('"', 1)[0]
    return part.replace("&amp;", "&")


def _names(html):
    return [part.split('"', 1)[0] for part in html.split('class="eh-strong" href="')[1:]]


def test_the_list_takes_few_queries(client_as, queries):
    client = client_as("office")
    client.get("/targets/")
    queries.clear()
    client.get("/targets/?q=酒店&region=640100&status=active")
    assert len(queries) <= MOST_QUERIES, queries
    assert len([statement for statement in queries if "FROM target" in statement]) <= 4


def test_filters_stand_as_chips_and_in_the_url(client_as):
    page = client_as("office").get("/targets/?region=640104&risk_class=D&kind=enterprise").text
    assert "兴庆区" in page
    assert "企业" in page
    assert 'href="/targets/?' in page


@pytest.mark.parametrize("query", ["%", "_", "\\", "'", "9", "酒", "酒店", "x" * 500, "9164", "%00"])
def test_no_search_text_breaks_the_list(client_as, query):
    assert client_as("office").get(f"/targets/?q={query}").status_code in (200, 400)


@pytest.mark.parametrize("token", ["x", "!!", "OTk5OTk5OTk5OTk5OTk5OTk5OTk6", "YQ"])
def test_a_broken_page_token_shows_the_first_page(client_as, token):
    assert client_as("office").get(f"/targets/?after={token}").status_code == 200


@pytest.mark.rule("R-30.1")
def test_telephone_and_home_address_are_masked_until_somebody_says_why(client_as, session):
    target = a_target(session, kind="individual")
    phone, home = target.phone, target.home_address
    client = client_as("police_clerk")
    page = client.get(f"/targets/{target.id}").text
    assert phone not in page
    assert home not in page
    ask = f"/personal/target/{target.id}"
    both = {"fields": ["phone", "home_address"]}
    refused = client.post(ask, data={**both, "reason": "?"})
    assert refused.status_code == 422
    assert phone not in refused.text
    shown = client.post(ask, data={**both, "reason": "核对现场检查联系方式"}, follow_redirects=True)
    assert phone in shown.text
    assert home in shown.text
    answer = client_as("police_reviewer").post(ask, data={**both, "reason": "x" * 9})
    assert answer.status_code == 404


def test_a_target_of_another_city_is_not_there(client_as, session):
    elsewhere = one_of(session, select(Target).where(Target.code.like("9_6402%")))
    assert client_as("police_clerk").get(f"/targets/{elsewhere.id}").status_code == 404
    assert client_as("police_clerk").get("/targets/999999999").status_code == 404


def test_an_office_edits_a_target_and_the_history_shows_it(client_as, session):
    target = a_target(session)
    client = client_as("office")
    form = client.get(f"/targets/{target.id}/edit").text
    phone = target.phone
    assert target.name in form
    assert phone not in form
    values = _values(target, address="银川市兴庆区新地址 1 号", phone="", home_address="")
    assert client.post(f"/targets/{target.id}/edit", data=values).status_code == 302
    page = client.get(f"/targets/{target.id}").text
    assert "银川市兴庆区新地址 1 号" in page
    assert "银川市联席办管理员" in page
    assert one_of(session, select(Target.phone).where(Target.id == target.id)) == phone


def _values(target, **changes):
    return {
        "name": target.name,
        "kind": target.kind,
        "industry": target.industry_code,
        "region": target.region.code,
        "address": target.address,
        "legal_representative": target.legal_representative,
        "contact": target.contact,
        "phone": target.phone,
        "home_address": target.home_address,
        "registered_on": target.registered_on.isoformat(),
        "tags": target.tags,
        "version": str(target.version),
        **changes,
    }


def test_a_stale_form_is_refused_with_the_difference_and_keeps_the_entries(client_as, session):
    target = a_target(session)
    values = _values(target, address="甲地址示例")
    client = client_as("office")
    assert client.post(f"/targets/{target.id}/edit", data=values).status_code == 302
    answer = client.post(f"/targets/{target.id}/edit", data={**values, "address": "乙地址示例"})
    assert answer.status_code == 422
    assert "甲地址示例" in answer.text
    assert "乙地址示例" in answer.text


@pytest.mark.rule("R-11.4")
def test_a_form_with_gaps_names_each_and_keeps_the_entries(client_as):
    answer = client_as("office").post("/targets/add", data={"name": "缺项示例", "code": "91640104MA7"})
    assert answer.status_code == 422
    assert "缺项示例" in answer.text
    assert answer.text.count('class="err"') >= 4


def test_closing_asks_for_the_reason(client_as, session):
    target = a_target(session)
    client = client_as("office")
    assert client.post(f"/targets/{target.id}/close", data={"reason": ""}).status_code == 200
    assert client.post(f"/targets/{target.id}/close", data={"reason": "登记机关注销"}).status_code == 302
    session.expire_all()
    assert session.get(Target, target.id).status == "closed"


@pytest.mark.parametrize("kind", ["targets", "inspectors", "industries", "regions", "agencies"])
def test_a_lookup_gives_at_most_twenty_choices_in_scope(client_as, kind):
    rows = client_as("police_clerk").get(f"/lookup/{kind}?q=").json
    assert 0 < len(rows) <= 20
    assert {"id", "label"} <= set(rows[0])


def test_a_lookup_shows_nothing_of_another_city(client_as, session):
    elsewhere = one_of(session, select(Target).where(Target.code.like("9_6402%")))
    assert client_as("police_clerk").get(f"/lookup/targets?q={elsewhere.code}").json == []
    assert client_as("region_office").get(f"/lookup/targets?q={elsewhere.code}").json[0]["id"] == elsewhere.id
    assert client_as(None).get("/lookup/targets").status_code in (302, 401)
    assert client_as("police_clerk").get("/lookup/passwords").status_code == 404


def test_the_pages_of_an_inspector_open(client_as, session):
    inspector = one_of(session, select(Inspector).where(Inspector.certificate_no == "30010001"))
    page = client_as("police_admin").get(f"/inspectors/{inspector.id}").text
    assert inspector.phone not in page
    assert mask("phone", inspector.phone) in page
    assert client_as("police_admin").get(f"/inspectors/{inspector.id}/edit").status_code == 200
    assert client_as("police_admin").get("/inspectors/add").status_code == 200
    for state in ("on_duty", "off_duty", "uncertified", "expiring"):
        assert client_as("police_admin").get(f"/inspectors/?state={state}&q=3001").status_code == 200
    above = client_as("office").get(f"/inspectors/{inspector.id}").text
    assert inspector.phone not in above
    assert client_as("amr_clerk").get(f"/inspectors/{inspector.id}").status_code == 404


def test_an_administrator_enters_a_leave_and_takes_it_back(client_as, session):
    inspector = one_of(session, select(Inspector).where(Inspector.certificate_no == "30010002"))
    client = client_as("police_admin")
    days = {"first_day": "2026-12-01", "last_day": "2026-12-05"}
    assert client.post(f"/inspectors/{inspector.id}/leaves", data=days).status_code == 302
    assert client.post(f"/inspectors/{inspector.id}/leaves", data=days).status_code == 422
    session.expire_all()
    leave = session.get(Inspector, inspector.id).leaves[0]
    assert client.post(f"/inspectors/{inspector.id}/leaves/{leave.id}/end").status_code == 302
    assert client.post(f"/inspectors/{inspector.id}/duty").status_code == 302


@pytest.mark.rule("R-12.1")
def test_a_clerk_saves_a_library_and_sees_its_live_figures(client_as, session):
    client = client_as("police_clerk")
    assert client.get("/libraries/add").status_code == 200
    values = {
        "name": "兴庆区旅馆",
        "kind": "industry",
        "industries": ["611", "612"],
        "regions": ["640104"],
        "status": ["active"],
    }
    assert client.post("/libraries/add", data=values).status_code == 302
    library = one_of(session, select(Library).where(Library.name == "兴庆区旅馆"))
    page = client.get(f"/libraries/{library.id}").text
    assert "兴庆区" in page
    assert client.get(f"/libraries/{library.id}/edit").status_code == 200
    twice = client.post("/libraries/add", data=values)
    assert twice.status_code == 422
    assert "兴庆区旅馆" in twice.text
    target = a_target(session)
    picked = {"target": str(target.id), "included": "yes", "reason": "重点关注"}
    assert client.post(f"/libraries/{library.id}/picks", data=picked).status_code == 302
    assert target.name in client.get(f"/libraries/{library.id}").text
    assert client.post(f"/libraries/{library.id}/picks", data={**picked, "reason": ""}).status_code == 422
    assert client.post(f"/libraries/{library.id}/picks/{target.id}/drop").status_code == 302
    assert client_as("health_clerk").get(f"/libraries/{library.id}").status_code == 404


@pytest.mark.rule("R-25.2")
def test_an_inspector_declares_the_own_conflict_on_the_page(client_as, session):
    target = a_target(session)
    client = client_as("i_30010001")
    assert client.get("/recusals/declare").status_code == 200
    answer = client.post(
        "/recusals/declare", data={"target_id": str(target.id), "reason": "RELATIVE", "evidence": ""}
    )
    assert answer.status_code == 422
    given = {"target_id": str(target.id), "reason": "RELATIVE", "evidence": "配偶任该单位财务负责人"}
    assert client.post("/recusals/declare", data=given).status_code == 302
    assert target.name in client.get("/recusals/").text


def test_a_file_is_checked_shown_and_taken_over(client_as, session):
    client = client_as("office")
    assert client.get("/imports/targets/new").status_code == 200
    lines = [
        "名称,统一社会信用代码,住所,法定代表人,联系人",
        f"导入甲示例,{a_free_code()},银川市一号,张三示例,李四示例",
        "坏行,123,,,",
    ]
    body = "\n".join(lines).encode("gb18030")
    data = {"file": (io.BytesIO(body), "对象.csv"), "mode": "update"}
    answer = client.post("/imports/targets/new", data=data, content_type="multipart/form-data")
    assert answer.status_code == 302
    run = one_of(session, select(ImportRun).order_by(ImportRun.id.desc()))
    page = client.get(f"/imports/{run.id}").text
    assert "坏行" not in session.scalars(select(Target.name).where(Target.name == "坏行")).all()
    assert "123" in page
    assert client.get(f"/imports/{run.id}/faults.csv").data.startswith(b"\xef\xbb\xbf")
    client.post(f"/imports/{run.id}/commit")
    assert one_of(session, select(Target).where(Target.name == "导入甲示例")) is None
    client.post(f"/imports/{run.id}/commit", data={"skip_bad": "yes"})
    assert one_of(session, select(Target).where(Target.name == "导入甲示例")).risk_class == "N"
    client.post(f"/imports/{run.id}/commit", data={"skip_bad": "yes"})
    assert client.get(f"/imports/{run.id}").status_code == 200
    assert client_as("region_office").get(f"/imports/{run.id}").status_code == 404


def a_free_code():
    return make_uscc("9", "1", "640104", "YY9999A1")


def test_the_interface_for_machines_gives_no_personal_data(client_as, session):
    client = client_as("police_clerk")
    answer = client.get("/api/v1/targets/?q=(page_size:5)")
    assert answer.status_code == 200
    rows = answer.json["result"]
    assert len(rows) == 5
    assert "phone" not in rows[0]
    assert "home_address" not in rows[0]
    inspectors = client.get("/api/v1/inspectors/").json["result"]
    assert inspectors
    assert "phone" not in inspectors[0]
    assert client.get("/api/v1/targets/?q=(filters:!((col:phone,opr:sw,value:'1')))").status_code == 400
    elsewhere = one_of(session, select(Target).where(Target.code.like("9_6402%")))
    assert client.get(f"/api/v1/targets/{elsewhere.id}").status_code == 404
    assert client.post("/api/v1/targets/", json={}).status_code in (404, 405)
