"""Pages of recusal: rules with preview, ties, declarations of targets, a phone's form without scripts."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from app.directories.inspectors.models import Inspector
from app.directories.recusals.models import Recusal, RecusalEvidence, RecusalRequest, RecusalRule, Tie
from app.security.models import Account, Agency

PDF = b"%PDF-1.7 relation"


@pytest.fixture
def inspector_name(session) -> str:
    """An inspector's account at the police."""
    return session.scalars(
        select(Account.username)
        .join(Inspector, Inspector.user_id == Account.id)
        .join(Agency, Agency.id == Inspector.agency_id)
        .where(Agency.code == "POLICE-640100", Inspector.active)
        .order_by(Account.id)
    ).first()


@pytest.mark.rule("R-25.2")
def test_a_rule_is_seen_before_it_holds(client_as, session, pair) -> None:
    inspector, target = pair
    browser = client_as("police_admin")
    tie = {"inspector_id": inspector.id, "target_id": target.id, "kind": "relative", "note": "配偶"}
    assert browser.post("/recusals/ties/", data={**tie, "target_id": ""}).status_code == 422
    assert browser.post("/recusals/ties/", data=tie).status_code == 302
    assert target.name in browser.get("/recusals/ties/").text
    shown = browser.post("/recusals/rules/RELATIVE", data={"preview": "1", "version": "0", "active": "y"})
    assert shown.status_code == 200 and target.name in shown.text and inspector.name in shown.text
    assert session.scalars(select(RecusalRule)).all() == []
    saved = browser.post("/recusals/rules/RELATIVE", data={"version": "0", "active": "y"})
    assert saved.status_code == 302
    made = session.scalars(select(Recusal).where(Recusal.rule_id.is_not(None))).one()
    assert (made.inspector_id, made.target_id) == (inspector.id, target.id)
    assert browser.get("/recusals/rules/").status_code == 200
    again = browser.post("/recusals/rules/RELATIVE", data={"version": "0"})
    assert again.status_code == 422
    kept = session.scalars(select(Tie)).one()
    assert browser.post(f"/recusals/ties/{kept.id}/remove").status_code == 302
    session.expire_all()
    assert session.get_one(Recusal, made.id).withdrawn_on is not None


def test_a_rule_without_numbers_is_refused_beside_the_field(client_as, inspector_name) -> None:
    answer = client_as("police_admin").post(
        "/recusals/rules/ROTATION", data={"version": "0", "active": "y", "months": "0", "visits": "0"}
    )
    assert answer.status_code == 422
    assert client_as("police_admin").get("/recusals/rules/NONE").status_code == 404
    for name in ("police_clerk", inspector_name):
        assert client_as(name).get("/recusals/rules/").status_code == 404


@pytest.mark.rule("R-25.2")
def test_an_inspector_declares_on_a_phone_without_scripts(client_as, session, inspector_name) -> None:
    browser = client_as(inspector_name)
    page = browser.get("/recusals/declare?target_q=银川").text
    assert "noscript" in page and 'name="target_q"' in page and 'name="inspector_q"' not in page
    first = page.split('name="target_id"')[1].split('<option value="')[2].split('"')[0]
    given = {
        "target_id": first, "reason": "RELATIVE", "evidence": "兄弟在该单位任职",
        "files": (BytesIO(PDF), "户口簿.pdf"),
    }  # fmt: skip
    answer = browser.post("/recusals/declare", data=given, content_type="multipart/form-data")
    assert answer.status_code == 302
    made = session.scalars(select(Recusal).order_by(Recusal.id.desc())).first()
    assert (made.declared_by, made.target_id) == ("inspector", int(first))
    assert "户口簿.pdf" in browser.get(f"/recusals/{made.id}").text
    kept = session.scalars(select(RecusalEvidence)).one()
    file = browser.get(f"/recusals/evidence/{kept.id}")
    assert file.data == PDF and "attachment" in file.headers["Content-Disposition"]
    assert file.headers["Cache-Control"] == "no-store"
    assert client_as("amr_clerk").get(f"/recusals/evidence/{kept.id}").status_code == 404
    bad = browser.post(
        "/recusals/declare",
        data={**given, "files": (BytesIO(b"MZ"), "a.exe")},
        content_type="multipart/form-data",
    )
    assert bad.status_code == 422 and "a.exe" in bad.text
    assert browser.post("/recusals/declare", data={"evidence": "x"}).status_code == 422


def test_a_declaration_of_a_target_is_answered_by_its_page(
    client_as, session, waiting, inspector_name
) -> None:
    number = waiting()
    browser = client_as("police_clerk")
    assert "6401-2026-0001-V001" in browser.get("/recusals/requests/").text
    page = browser.get(f"/recusals/requests/{number}").text
    assert "王经理" in page and "13900000000" not in page
    assert "6401-2026-0001-V001" in client_as("police_admin").get("/").text
    assert client_as("amr_clerk").get(f"/recusals/requests/{number}").status_code == 404
    assert client_as(inspector_name).get(f"/recusals/requests/{number}").status_code == 404
    assert browser.post(f"/recusals/requests/{number}/reject", data={"answer": ""}).status_code == 422
    assert (
        browser.post(f"/recusals/requests/{number}/confirm", data={"until": "2020-01-01"}).status_code == 422
    )
    assert browser.post(f"/recusals/requests/{number}/confirm", data={"answer": "属实"}).status_code == 302
    session.expire_all()
    found = session.get_one(RecusalRequest, number)
    assert found.state == "confirmed"
    assert f"/recusals/{found.recusal_id}" in browser.get(f"/recusals/requests/{number}").text
