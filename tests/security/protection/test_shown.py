"""Who sees what of a protected field on pages, in searches, forms, histories, interfaces and files."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from sqlalchemy import select

from app.audit.models import Event
from app.directories.importing.models import ImportRun
from app.directories.inspectors.models import Expert, Inspector
from app.directories.targets.models import Target
from app.security.login.queries import find_account
from app.security.models import Account, Agency, Region, SecurityLog
from app.security.services import note_security

PHONE, HOME = "13955550001", "银川市金凤区测试巷 77 号"
STAFF, OUTSIDE, OWN = "13955550002", "13955550003", "13955550004"
SECRETS = (PHONE, HOME, "测试巷 77", STAFF, OUTSIDE, OWN)
ROLES = (
    None, "region_office", "office", "office_reviewer", "police_admin", "police_clerk", "police_reviewer",
    "i_30010001", "auditor", "sysadmin", "secadmin", "auditadmin",
)  # fmt: skip
DIRECTORIES = ("/targets", "/inspectors", "/experts", "/people", "/api/v1/targets", "/api/v1/inspectors")
WHY = "核对现场检查联系方式"


class World:
    def __init__(self, session):
        one = lambda query: session.scalars(query.limit(1)).one()  # noqa: E731
        county = one(select(Region).where(Region.code == "640106"))
        self.target = one(select(Target).where(Target.region_id == county.id, Target.kind == "individual"))
        self.target.phone, self.target.home_address, self.target.risk_class = PHONE, HOME, "D"
        self.inspector = one(select(Inspector).where(Inspector.certificate_no == "30010001"))
        self.inspector.phone = STAFF
        police = one(select(Agency).where(Agency.code == "POLICE-640100"))
        self.expert = Expert(
            code="EX-7", name="李工", institution="某院", qualification="", phone=OUTSIDE, agency_id=police.id
        )
        session.add(self.expert)
        self.account = one(select(Account).where(Account.username == "police_clerk"))
        self.account.phone = OWN
        session.flush()


@pytest.fixture
def world(session):
    return World(session)


def _ask(client, name, record, fields, reason=WHY, follow=True):
    data = {"fields": fields, "reason": reason}
    return client.post(f"/personal/{name}/{record.id}", data=data, follow_redirects=follow)


@pytest.mark.rule("R-30.1")
def test_a_clerk_sees_masks_asks_for_one_field_and_sees_it_for_ten_minutes(world, client_as, session, clock):
    client, url = client_as("police_clerk"), f"/targets/{world.target.id}"
    page = client.get(url).text
    assert "139****0001" in page
    assert not [secret for secret in SECRETS if secret in page]
    shown = _ask(client, "target", world.target, ["phone"]).text
    assert PHONE in shown
    assert HOME not in shown, "only what was asked for"
    assert PHONE in client.get(url).text
    assert PHONE not in client_as("police_admin").get(url).text, "to nobody else"
    assert PHONE not in client.get(f"{url}/edit").text
    clock.advance(minutes=9, seconds=59)
    assert PHONE in client.get(url).text
    clock.advance(seconds=1)
    assert PHONE not in client.get(url).text


@pytest.mark.rule("R-30.1")
def test_each_field_that_is_shown_stands_in_the_log_with_its_reason(world, client_as, session):
    _ask(client_as("police_clerk"), "target", world.target, ["phone", "home_address"])
    lines = session.scalars(
        select(SecurityLog).where(SecurityLog.action == "personal_data_shown").order_by(SecurityLog.id)
    ).all()
    key = f"target:{world.target.id}"
    assert [(line.subject, line.detail) for line in lines] == [
        (f"{key}.phone", WHY),
        (f"{key}.home_address", WHY),
    ]
    event = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert (event.tag, event.subject) == ("target.personal_data_shown", key)
    assert not [secret for secret in SECRETS if secret in str(event.data)]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [(["phone"], ""), (["phone"], " abc "), ([], WHY), (["risk_class"], WHY), (["name"], WHY)],
)
def test_without_a_reason_or_a_field_nothing_is_shown_and_the_entry_stays(
    world, client_as, session, fields, reason
):
    client = client_as("police_clerk")
    answer = _ask(client, "target", world.target, fields, reason)
    assert answer.status_code == 422
    assert PHONE not in answer.text
    assert "eh-ferr" in answer.text
    assert PHONE not in client.get(f"/targets/{world.target.id}").text
    assert not session.scalars(select(SecurityLog).where(SecurityLog.action == "personal_data_shown")).all()


def test_asking_by_get_shows_the_form_and_nothing_else(world, client_as):
    page = client_as("police_clerk").get(f"/personal/target/{world.target.id}?field=phone&reason={WHY}")
    assert page.status_code == 200
    assert not [secret for secret in SECRETS if secret in page.text]


@pytest.mark.parametrize("name", ["police_reviewer", "auditor", "sysadmin", "secadmin", "auditadmin"])
def test_whoever_does_not_need_it_can_neither_see_a_mask_nor_ask(world, client_as, name):
    client = client_as(name)
    page = client.get(f"/targets/{world.target.id}").text
    assert "139****0001" not in page
    assert _ask(client, "target", world.target, ["phone"]).status_code == 404
    assert client.get(f"/personal/target/{world.target.id}").status_code == 404


def test_a_record_of_another_city_or_of_an_unknown_kind_is_not_there(world, client_as, session):
    elsewhere = session.scalars(select(Target).where(Target.code.like("9_6402%")).limit(1)).one()
    client = client_as("police_clerk")
    for path in (f"target/{elsewhere.id}", "target/987654321", "nothing/1"):
        assert client.get(f"/personal/{path}").status_code == 404
        assert client.post(f"/personal/{path}", data={"fields": ["phone"], "reason": WHY}).status_code == 404


def test_the_inspectors_colleague_asks_too(world, client_as):
    client, url = client_as("police_clerk"), f"/inspectors/{world.inspector.id}"
    page = client.get(url).text
    assert "139****0002" in page
    assert STAFF not in page
    assert STAFF in _ask(client, "inspector", world.inspector, ["phone"]).text


def test_an_expert_page_shows_the_mask_and_after_asking_the_number(world, client_as):
    client, url = client_as("police_clerk"), f"/experts/show/{world.expert.id}"
    assert "139****0003" in client.get(url).text
    assert OUTSIDE in _ask(client, "expert", world.expert, ["phone"]).text


def test_editing_a_masked_number_keeps_it_unless_another_is_entered(world, client_as, session):
    client, url = client_as("police_admin"), f"/experts/edit/{world.expert.id}"
    page = client.get(url).text
    assert OUTSIDE not in page
    values = {"name": "李工", "institution": "某院", "qualification": "", "phone": "", "active": "y"}
    assert client.post(url, data=values).status_code == 302
    session.refresh(world.expert)
    assert (world.expert.name, world.expert.phone) == ("李工", OUTSIDE)
    client.post(url, data={**values, "phone": "13955559999"})
    session.refresh(world.expert)
    assert world.expert.phone == "13955559999"
    inspector = client.get(f"/inspectors/{world.inspector.id}/edit").text
    assert STAFF not in inspector
    assert "139****0002" in inspector


@pytest.mark.parametrize(
    ("name", "finds"), [("police_clerk", True), ("police_reviewer", False), ("auditor", False)]
)
@pytest.mark.parametrize("typed", [PHONE, "0001", "139-5555-0001"])
def test_the_search_by_number_is_for_those_who_see_the_field(world, client_as, name, finds, typed):
    page = client_as(name).get("/targets/", query_string={"q": typed, "region": "640106"}).text
    assert (f"/targets/{world.target.id}" in page) is finds


def test_the_top_search_finds_by_number_for_whoever_may(world, client_as):
    for name, finds in (("police_clerk", True), ("auditor", False)):
        page = client_as(name).get("/search", query_string={"q": PHONE}, follow_redirects=True).text
        assert (f"/targets/{world.target.id}" in page) is finds


@pytest.mark.rule("R-7.2")
def test_the_class_is_not_there_for_an_inspector_neither_as_filter_nor_by_the_interface(world, client_as):
    seeing, blind = client_as("police_clerk"), client_as("i_30010001")
    url = f"/targets/{world.target.id}"
    assert "is-d" in seeing.get(url).text
    for path in (url, "/targets/?region=640106", "/targets/?region=640106&risk_class=D"):
        assert not re.search(r'class="eh-risk', blind.get(path).text)
    one, api = {"region": "640106", "q": world.target.name}, "/api/v1/targets/"
    assert (
        f"/targets/{world.target.id}" in blind.get("/targets/", query_string={**one, "risk_class": "A"}).text
    )
    assert (
        f"/targets/{world.target.id}"
        not in seeing.get("/targets/", query_string={**one, "risk_class": "A"}).text
    )
    assert seeing.get(f"{api}{world.target.id}").json["result"]["risk_class"] == "D"
    for path in (f"{api}{world.target.id}", f"{api}?q=(page_size:5)"):
        assert "risk_class" not in blind.get(path).text
    filtered = f"{api}?q=(filters:!((col:risk_class,opr:eq,value:D)))"
    assert seeing.get(filtered).status_code == 200
    assert blind.get(filtered).status_code == 400


@pytest.mark.rule("R-30.1")
def test_the_history_says_covered_to_those_who_see_the_field_and_nothing_to_others(world, client_as):
    for name in ROLES[1:]:
        page = client_as(name).get(f"/targets/{world.target.id}").text
        assert not [secret for secret in SECRETS if secret in page]
    history = f"/targets/{world.target.id}/history"
    label = (
        "联系电话"
        if "联系电话" in client_as("police_clerk").get(f"/targets/{world.target.id}").text
        else "电话"
    )
    assert label in client_as("police_clerk").get(history).text
    assert label not in client_as("auditor").get(history).text


def test_a_stale_form_names_the_difference_under_the_mask(world, client_as, session):
    client = client_as("office")
    target = world.target
    values = {
        "name": target.name, "kind": target.kind, "industry": target.industry_code, "region": "640106",
        "address": target.address, "legal_representative": target.legal_representative,
        "contact": target.contact, "phone": "13955558888", "version": str(target.version - 1),
    }  # fmt: skip
    answer = client.post(f"/targets/{target.id}/edit", data=values)
    assert answer.status_code == 422
    assert PHONE not in answer.text
    assert "139****0001" in answer.text


def test_faults_of_an_import_quote_no_number(session, client_as):
    heading = "统一社会信用代码,名称,住所,法定代表人,联系人,联系电话,status"
    content = f"{heading}\n,某店,某街,张三,李四,{PHONE}{'，晚上打' * 8},{PHONE}\n".encode()
    client = client_as("office")
    upload = {"file": (io.BytesIO(content), "a.csv"), "mode": "update"}
    page = client.post("/imports/targets/new", data=upload, follow_redirects=True)
    assert page.status_code in (200, 422)
    assert PHONE not in page.text
    assert "139****，晚上打" in page.text, "in its own column"
    assert "139****0001" in page.text, "in a wrong one"
    report = session.scalars(select(ImportRun).order_by(ImportRun.id.desc()).limit(1)).one().report
    assert PHONE not in str(report)


def _text(answer) -> str:
    """What stands in a page or in the parts of a packed file, a spreadsheet among them."""
    data = answer.get_data()
    if not data.startswith(b"PK"):
        return data.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())


def test_no_page_of_a_directory_shows_a_known_number_or_address_to_anybody(app, world, client_as, capfd):
    """All other pages are walked by the sweep, which looks for every number of the demo in each of them."""
    paths = sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.arguments and rule.rule.startswith(DIRECTORIES)
    )
    records = [
        f"/targets/{world.target.id}", f"/targets/{world.target.id}/edit", f"/inspectors/{world.inspector.id}",
        f"/inspectors/{world.inspector.id}/edit", f"/experts/show/{world.expert.id}",
        f"/experts/edit/{world.expert.id}", f"/api/v1/targets/{world.target.id}", f"/api/v1/inspectors/{world.inspector.id}",
        f"/public/targets/{world.target.code}", f"/lookup/targets?q={PHONE}", f"/lookup/inspectors?q={STAFF}",
        f"/targets/?q={world.target.code}", f"/inspectors/?q={world.inspector.certificate_no}",
    ]  # fmt: skip
    leaks = []
    for role in ROLES:
        client = client_as(role)
        for path in (*paths, *records):
            answer = client.get(path)
            content = re.sub(r"q(=|%3D)[0-9]+", "", _text(answer))
            leaks += [f"{role} {path}: {secret}" for secret in SECRETS if secret in content]
    assert not leaks, "\n".join(leaks)
    written = capfd.readouterr()
    assert not [secret for secret in SECRETS if secret in written.out + written.err]


def test_log_in_by_phone_finds_the_account_in_every_spelling(session, world):
    for typed in (OWN, "139 5555 0004", "+8613955550004"):
        assert find_account(session, typed).username == "police_clerk"
    for typed in ("0004", "1395555000", "", "nobody"):
        assert find_account(session, typed) is None


@pytest.mark.rule("R-30.1")
def test_the_phone_of_an_account_is_shown_to_whoever_keeps_its_people_and_asks(world, client_as):
    client, url = client_as("police_admin"), f"/people/{world.account.id}"
    page = client.get(url).text
    assert "139****0004" in page
    assert OWN not in page
    assert OWN in _ask(client, "account", world.account, ["phone"]).text
    for name in ("police_clerk", "auditor"):
        assert _ask(client_as(name), "account", world.account, ["phone"]).status_code == 404
    assert client_as("amr_clerk").get(f"/personal/account/{world.account.id}").status_code == 404


@pytest.mark.rule("R-30.1")
def test_the_contact_list_in_clear_asks_for_the_password_and_a_reason_and_carries_who_and_when(
    world, client_as, session, clock
):
    client = client_as("police_admin")
    assert client.post("/inspectors/contacts", data={"reason": "值"}).status_code == 422
    answer = client.post("/inspectors/contacts", data={"reason": WHY})
    assert answer.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    content = _text(answer)
    assert STAFF in content
    assert "2026-11-23 09:00" in content
    line = session.scalars(select(SecurityLog).order_by(SecurityLog.id.desc()).limit(1)).one()
    assert (line.action, line.subject) == ("personal_data_exported", "directory:inspectors")
    assert line.detail.endswith(f"rows: {WHY}")
    client.ages = True
    clock.advance(minutes=16)
    late = client.post("/inspectors/contacts", data={"reason": WHY})
    assert not late.headers["Content-Type"].startswith("application/vnd")
    assert STAFF not in late.text
    for name in ("police_clerk", "police_reviewer", "auditor", "secadmin"):
        assert client_as(name).get("/inspectors/contacts").status_code == 404


def test_a_number_typed_as_a_name_is_covered_in_the_security_log(act_as_system, session):
    with act_as_system() as unit:
        note_security(unit, "log_in", "refused", subject="13955550009", detail="unknown_name")
    line = session.scalars(select(SecurityLog).order_by(SecurityLog.id.desc()).limit(1)).one()
    assert line.subject == "139****0009"
