"""What this domain tells the directory of inspectors, and what a target says by the code on its notice."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from flask import current_app
from sqlalchemy import select

from app.directories.inspectors import services as inspectors
from app.directories.inspectors.models import Inspector, Transfer
from app.directories.inspectors.places import open_visits_of, workload_of
from app.directories.recusals.making import Meeting
from app.directories.recusals.models import RecusalEvidence, RecusalRequest
from app.directories.recusals.services import confirm_request
from app.inspections.models import Visit
from app.inspections.of_inspectors import meetings_of, visits_of_pair
from app.inspections.services import notice_token
from app.publicity.views import NOTICE_LIMIT
from app.security.models import Account, Agency


def inspector_of(session, username: str) -> Inspector:
    query = select(Inspector).join(Account, Account.id == Inspector.user_id)
    return session.scalars(query.where(Account.username == username)).one()


def test_the_work_of_the_year_is_what_was_matched_and_what_is_done(approved, submit, look) -> None:
    leader = approved.people["AMR-640100"][0]
    person = inspector_of(look(), leader)
    before = workload_of(look(), [person.id], 2026)[person.id]
    assert (before.matched, before.done) == (2, 0)
    assert len(open_visits_of(look(), person.id, person.agency_id)) == 2
    submit("AMR-640100")
    after = workload_of(look(), [person.id], 2026)[person.id]
    assert (after.matched, after.done) == (2, 1)
    assert len(open_visits_of(look(), person.id, person.agency_id)) == 1
    assert workload_of(look(), [person.id], 2025)[person.id].total == 0


@pytest.mark.rule("R-25.2")
def test_only_done_visits_count_as_meetings(approved, submit, look) -> None:
    person = inspector_of(look(), approved.people["AMR-640100"][0])
    assert list(meetings_of(look(), person.agency_id, date(2020, 1, 1))) == []
    form = submit("AMR-640100")
    met = list(meetings_of(look(), person.agency_id, date(2020, 1, 1)))
    visit = look().get_one(Visit, form.visit_id)
    assert {(m.target_id, m.visit_id) for m in met} == {(visit.target_id, visit.id)}
    assert person.id in {m.inspector_id for m in met} and all(isinstance(m, Meeting) for m in met)
    assert list(meetings_of(look(), person.agency_id, date(2030, 1, 1))) == []


def test_who_is_transferred_without_an_account_has_the_visits_listed(approved, look, act_as) -> None:
    """The engine names the successor from the frozen roster; this world has none, so the transfer says why not."""
    session = look()
    person = inspector_of(session, approved.people["POLICE-640100"][0])
    person_id, from_id = person.id, person.agency_id
    person.user_id = None
    session.commit()
    to_id = look().scalars(select(Agency.id).where(Agency.code == "AMR-640100")).one()
    with act_as("police_admin") as unit:
        number = inspectors.ask_transfer(unit, person_id, to_id, date(2026, 11, 24), "调动").id
    assert len(open_visits_of(look(), person_id, from_id)) == 2
    assert look().get_one(Transfer, number).state == "asked"


@pytest.fixture
def token(approved, look) -> str:
    visit = look().scalars(select(Visit).where(Visit.task_id == approved.task_id).order_by(Visit.id)).first()
    return notice_token(visit.no)


def declare(public, token: str, inspector: object, **changes: object):
    given = {
        "token": token, "inspector": str(inspector), "statement": "是本单位法定代表人的妹夫",
        "declarant": "王经理", "phone": "13900000000", "files": (BytesIO(b"%PDF-1.7"), "户口簿.pdf"),
    }  # fmt: skip
    return public.post(
        "/public/recusal/declare", data={**given, **changes}, content_type="multipart/form-data"
    )


@pytest.mark.rule("R-25.2")
def test_a_target_declares_by_the_code_on_its_notice(approved, token, client_as, look, act_as) -> None:
    public = client_as(None)
    person = inspector_of(look(), approved.people["POLICE-640100"][0])
    assert public.get("/public/recusal/").status_code == 200
    page = public.post("/public/recusal/", data={"token": token.upper()})
    assert page.status_code == 200 and person.name in page.text
    assert page.headers["Cache-Control"] == "no-store"
    answer = declare(public, token, person.id)
    assert answer.status_code == 200
    assert declare(public, token, person.id).status_code == 200
    found = look().scalars(select(RecusalRequest)).one()
    assert (found.inspector_id, found.agency_id, found.state) == (person.id, person.agency_id, "waiting")
    assert len(look().scalars(select(RecusalEvidence)).all()) == 1
    assert len(visits_of_pair(look(), person.id, found.target_id)) == 1
    with act_as("police_clerk") as unit:
        confirm_request(unit, found.id, "属实，已更换")
    assert "属实，已更换" in public.post("/public/recusal/", data={"token": token}).text
    open_visit = client_as("police_clerk").get(f"/recusals/requests/{found.id}").text
    assert "/matching/recuse/" in open_visit


def test_bad_declarations_are_named_and_store_nothing(approved, token, client_as, look) -> None:
    public = client_as(None)
    person = inspector_of(look(), approved.people["POLICE-640100"][0])
    stranger = inspector_of(look(), approved.idle["POLICE-640100"])
    assert declare(public, token, stranger.id).status_code == 422
    assert declare(public, token, "x" * 30).status_code == 422
    assert declare(public, token, person.id, statement="").status_code == 422
    assert declare(public, token, person.id, declarant="王" * 81).status_code == 422
    bad = declare(public, token, person.id, files=(BytesIO(b"MZ"), "a.exe"))
    assert bad.status_code == 422 and "a.exe" in bad.text
    for wrong in ("", "wrong", "a" * 500):
        assert declare(public, wrong, person.id).status_code == 404
        assert public.post("/public/recusal/", data={"token": wrong}).status_code in (404, 422)
    assert look().scalars(select(RecusalRequest)).all() == []


def test_the_public_form_is_rate_limited(app) -> None:
    limits = current_app.appbuilder.sm.limiter.limit_manager._blueprint_limits["PublicObjections"]
    assert NOTICE_LIMIT == "10 per minute" and limits
