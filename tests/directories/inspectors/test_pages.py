"""Pages about inspectors, transfers, institutions and experts."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from app.directories.inspectors.models import Certificate, Expert, Inspector, Leave, Transfer
from app.directories.inspectors.offering import experts_offered
from app.directories.institutions.models import Institution
from app.security.models import Agency
from tests.directories.inspectors.test_services import administrator, agency, someone

DAY = date(2026, 11, 23)


def test_the_page_says_of_each_rule_whether_it_is_fulfilled(client_as, session) -> None:
    mine = someone(session)
    mine.certificate_from, mine.certificate_until = date(2025, 1, 1), date(2026, 11, 1)
    session.commit()
    page = client_as("police_admin").get(f"/inspectors/{mine.id}").text
    assert page.count("is-ok") >= 3 and "is-bad" in page
    for part in ("leaves", "certificates", "account", "transfer"):
        assert f"/inspectors/{mine.id}/{part}" in page
    mine.certificate_from = mine.certificate_until = None
    mine.certified = mine.leader = False
    session.commit()
    assert client_as("police_admin", "en").get(f"/inspectors/{mine.id}").status_code == 200


@pytest.mark.parametrize("part", ["leaves", "certificates", "account", "transfer"])
def test_the_acts_of_another_agency_are_not_there(client_as, session, part: str) -> None:
    theirs = someone(session, "AMR-640100")
    assert client_as("police_admin").get(f"/inspectors/{theirs.id}/{part}").status_code == 404


def test_a_leave_has_its_page_and_names_the_one_that_overlaps(client_as, session) -> None:
    mine = someone(session)
    browser = client_as("police_admin")
    given = {"first_day": "2027-03-01", "last_day": "2027-03-05", "reason": "学习"}
    assert browser.post(f"/inspectors/{mine.id}/leaves", data=given).status_code == 302
    again = browser.post(f"/inspectors/{mine.id}/leaves", data={**given, "last_day": "2027-03-09"})
    assert again.status_code == 422 and "2027-03-01" in again.text and "2027-03-09" in again.text
    leave = session.scalars(select(Leave).where(Leave.inspector_id == mine.id)).first()
    assert browser.post(f"/inspectors/{mine.id}/leaves/{leave.id}/end").status_code == 302


def test_a_certificate_is_entered_and_taken_away(client_as, session) -> None:
    mine = someone(session)
    browser = client_as("police_admin")
    address = f"/inspectors/{mine.id}/certificates"
    assert browser.post(address, data={"kind": "证"}).status_code == 422
    given = {"kind": "特种设备检验员证", "number": "TS-2", "valid_until": "2026-12-01"}
    assert browser.post(address, data=given).status_code == 302
    page = browser.get(address).text
    assert "TS-2" in page
    made = session.scalars(select(Certificate).where(Certificate.number == "TS-2")).one()
    assert browser.post(f"{address}/{made.id}/remove").status_code == 302
    assert "TS-2" not in browser.get(address).text


def test_a_transfer_by_its_pages(client_as, session) -> None:
    mine = someone(session)
    browser = client_as("police_admin")
    address = f"/inspectors/{mine.id}/transfer"
    assert browser.get(address).status_code == 200
    given = {"agency": "", "takes_effect_on": "2026-11-23", "reason": "工作调动"}
    assert browser.post(address, data=given).status_code == 422
    assert browser.post(address, data={**given, "agency": "AMR-640100"}).status_code == 302
    transfer = session.scalars(select(Transfer)).one()
    page = f"/inspectors/transfers/{transfer.id}"
    receiver = client_as(administrator(session, "AMR-640100"))
    for reader in (browser, receiver):
        assert mine.name in reader.get(page).text
        assert mine.name in reader.get("/inspectors/transfers/").text
    assert client_as(administrator(session, "HEALTH-640100")).get(page).status_code == 404
    assert receiver.post(f"{page}/decline", data={"answer": ""}).status_code == 422
    assert receiver.post(f"{page}/accept").status_code == 302
    session.expire_all()
    assert session.get_one(Inspector, mine.id).agency_id == agency(session, "AMR-640100").id


def test_the_account_is_linked_and_taken_off_by_its_page(client_as, session) -> None:
    first = someone(session, linked=True)
    user_id = first.user_id
    browser = client_as("police_admin")
    assert browser.get(f"/inspectors/{first.id}/account").status_code == 200
    assert browser.post(f"/inspectors/{first.id}/account/unlink").status_code == 302
    page = f"/inspectors/{first.id}/account"
    assert str(user_id) in browser.get(page).text
    assert browser.post(page, data={"account": "999999"}).status_code == 422
    assert browser.post(page, data={"account": str(user_id)}).status_code == 302
    assert browser.get(f"/inspectors/{first.id}/account/invite").status_code == 200


def institution(session, until: date | None) -> Institution:
    row = Institution(
        code="91640100MA7600000X", name="银川检测中心", qualification_kind="检验检测机构资质认定",
        valid_until=until, agency_id=agency(session, "POLICE-640100").id, active=True,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


@pytest.mark.rule("R-16.1")
def test_experts_of_an_expired_institution_are_not_offered(client_as, session) -> None:
    row = institution(session, date(2026, 11, 22))
    expert = Expert(
        code="E-1",
        name="专家甲",
        institution=row.name,
        institution_id=row.id,
        agency_id=row.agency_id,
        active=True,
    )
    session.add(expert)
    session.commit()
    assert expert not in experts_offered(session, "专家甲", DAY)
    assert client_as("police_admin").get("/lookup/experts?q=专家甲").json == []
    assert expert.name not in client_as("police_admin").get("/experts/list/?offered=yes").text
    assert expert.name in client_as("police_admin").get("/experts/list/?offered=no").text
    row.valid_until = DAY
    session.commit()
    assert expert in experts_offered(session, "专家甲", DAY)
    assert [hit["label"] for hit in client_as("police_admin").get("/lookup/experts?q=专家甲").json] == [
        "专家甲"
    ]


def test_an_institution_is_entered_and_an_expert_carries_its_name(client_as, session) -> None:
    browser = client_as("police_admin")
    given = {
        "code": "91640100ma7600000x",
        "name": "检测所",
        "valid_from": "2027-01-01",
        "valid_until": "2026-01-01",
    }
    assert browser.get("/institutions/add").status_code == 200
    assert "2027-01-01" in browser.post("/institutions/add", data=given).text
    good = {**given, "valid_from": "2026-01-01", "valid_until": "2027-01-01", "tests": "食品"}
    assert browser.post("/institutions/add", data=good).status_code == 302
    row = session.scalars(select(Institution).where(Institution.code == "91640100MA7600000X")).one()
    assert row.code == "91640100MA7600000X"
    assert "检测所" in browser.get("/institutions/list/").text
    expert = {"code": "E-9", "name": "专家乙", "institution_row": str(row.id), "institution": ""}
    answer = browser.post("/experts/add", data=expert)
    assert answer.status_code == 302, answer.text
    made = session.scalars(select(Expert).where(Expert.code == "E-9")).one()
    assert (made.institution_id, made.institution) == (row.id, "检测所")
    assert browser.get(f"/experts/show/{made.id}").status_code == 200
    nobody = browser.post("/experts/add", data={"code": "E-8", "name": "专家丙"})
    assert nobody.status_code == 200 and not session.scalars(select(Expert).where(Expert.code == "E-8")).all()


def test_the_list_filters_by_standing_and_shows_the_work_of_the_year(client_as, session) -> None:
    browser = client_as("police_admin")
    own = session.scalars(
        select(Inspector).join(Agency, Agency.id == Inspector.agency_id).where(Agency.code == "POLICE-640100")
    ).first()
    own.active = False
    session.commit()
    assert own.certificate_no in browser.get("/inspectors/?standing=INACTIVE").text
    assert own.certificate_no not in browser.get("/inspectors/?standing=ELIGIBLE").text
    assert browser.get("/inspectors/?cols=name,workload,standing").status_code == 200
