"""What the public sees after the journey, and what it never sees."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from sqlalchemy import event, func, select, update

from app.db import db
from app.directories.inspectors.models import Inspector
from app.directories.targets.models import Target
from app.draws.models import Draw, DrawnTarget
from app.inspections.models import CheckForm, Visit
from app.inspections.services import notice_token
from app.plans.models import Plan, PlanEntry
from app.publicity.models import PublicRecord
from app.publicity.rules import PublicKind
from app.publicity.snapshots import SNAPSHOTS
from app.security.models import Account
from app.tasks.models import Task
from app.verifier.verify import roots_from_proof
from app.web import application

PAGES = ["", "lists", "plans", "draws", "results", "bulletins", "log", "own-case"]
WORDS = ["lists", "plans", "draws", "results", "bulletins"]


@pytest.fixture
def public(client_as):
    return client_as(None)


@pytest.fixture
def plan_no(session, journey):
    return session.scalar(
        select(Plan.no)
        .join(PlanEntry, PlanEntry.plan_id == Plan.id)
        .join(Task, Task.entry_id == PlanEntry.id)
        .where(Task.id == journey["task"])
    )


@pytest.fixture
def draw_no(session, journey):
    return session.scalar(select(Draw.draw_no).where(Draw.id == journey["draw"]))


def everything_public(public, session):
    """The text of every public page and file that the journey has made."""
    addresses = [f"/public/{page}" for page in PAGES]
    addresses += [f"/public/{word}.{kind}" for word in WORDS for kind in ("csv", "json")]
    for record in session.scalars(select(PublicRecord)):
        word = f"{record.kind}s"
        addresses += [f"/public/{word}/{record.key}.{kind}" for kind in ("csv", "json")]
        if record.kind in {"list", "plan", "draw"}:
            addresses.append(f"/public/{word}/{record.key}")
        if record.kind == "draw":
            addresses.append(f"/public/draws/{record.key}/check")
        if record.target_code:
            addresses.append(f"/public/targets/{record.target_code}")
    for address in addresses:
        answer = public.get(address)
        assert answer.status_code == 200, address
        yield address, answer.get_data(as_text=True)


@pytest.mark.rule("R-27.1")
def test_the_portal_shows_plan_draw_and_results(public, session, draw_no, plan_no):
    forms = session.scalars(select(CheckForm.no)).all()
    assert len(forms) > 10
    assert f"/public/draws/{draw_no}" in public.get("/public/draws").text
    assert f"/public/plans/{plan_no}" in public.get("/public/plans").text
    page = public.get("/public/").text
    assert "最近公示" in page
    assert "/public/targets/" in page
    results = public.get("/public/results").text
    assert all(no in results for no in forms)


@pytest.mark.rule("R-30.1", "R-7.2")
def test_nothing_personal_and_no_class_stands_on_any_public_page_or_file(public, session):
    targets = session.scalars(select(Target).join(DrawnTarget, DrawnTarget.target_id == Target.id)).all()
    forbidden = {t.phone for t in targets} | {t.address for t in targets} | {t.home_address for t in targets}
    forbidden |= {t.legal_representative for t in targets} | {t.contact for t in targets}
    forbidden |= set(session.scalars(select(Inspector.name).limit(300)))
    forbidden |= set(session.scalars(select(Account.display_name)))
    forbidden |= {"risk_class", "risk_score", "信用风险", "home_address"}
    forbidden |= set(session.scalars(select(DrawnTarget.ticket)))
    forbidden = {text for text in forbidden if len(text) > 1}
    own_names = {t.name for t in targets}
    for address, text in everything_public(public, session):
        for name in own_names:
            text = text.replace(name, "")
        found = {word for word in forbidden if word in text}
        assert not found, address


@pytest.mark.rule("R-30.1", "R-7.2")
def test_the_scan_would_find_a_phone_if_one_were_shown(public, session):
    phone = session.scalars(select(Target.phone).where(Target.phone_digest.is_not(None)).limit(1)).one()
    record = session.scalars(select(PublicRecord).where(PublicRecord.kind == "result").limit(1)).one()
    record.payload = {**record.payload, "result": phone}
    session.flush()
    assert any(phone in text for _, text in everything_public(public, session))


@pytest.mark.rule("R-30.1")
def test_unknown_unpublished_and_internal_codes_get_the_same_answer(public, session):
    silent = session.scalars(
        select(Target.code)
        .where(Target.code_kind == "uscc", ~Target.id.in_(select(Visit.target_id)))
        .limit(1)
    ).one()
    internal = (
        session.scalars(select(Target.code).where(Target.code_kind == "internal").limit(1)).first() or "NX-1"
    )
    answers = [public.get(f"/public/targets/{code}") for code in ("91640100MA75XXXXXX", silent, internal)]
    assert [a.status_code for a in answers] == [404, 404, 404]
    bodies = {answer.data for answer in answers}
    assert len(bodies) == 1
    assert not any(answer.headers.getlist("Set-Cookie") for answer in answers)
    assert "This page does not exist" in public.get(f"/public/targets/{silent}?lang=en").text


@pytest.mark.rule("R-30.1")
def test_a_result_of_an_internal_code_has_no_page_and_no_code(session, act_as_system, public):
    form = session.scalars(select(CheckForm).limit(1)).one()
    target = form.visit.target
    session.execute(update(Target).where(Target.id == target.id).values(code_kind="internal"))
    session.expire_all()
    snapshot = SNAPSHOTS[PublicKind.RESULT](session, form.id)
    assert snapshot.target_code is None
    assert snapshot.payload["target_code"] == ""


@pytest.mark.rule("R-30.1")
def test_a_target_page_names_the_target_its_code_and_its_results_only(public, session, journey):
    record = session.scalars(
        select(PublicRecord)
        .where(PublicRecord.kind == "result", PublicRecord.target_code.is_not(None))
        .limit(1)
    ).one()
    page = public.get(f"/public/targets/{record.target_code}")
    assert record.title in page.text
    assert "noindex" in page.text
    assert page.text.count("-V0") == len(journey["agencies"])


@pytest.mark.rule("R-30.1")
def test_a_result_leaves_its_page_after_its_time(public, session, clock):
    record = session.scalars(select(PublicRecord).where(PublicRecord.target_code.is_not(None)).limit(1)).one()
    address = f"/public/targets/{record.target_code}"
    assert public.get(address).status_code == 200
    clock.advance(days=3 * 366)
    assert public.get(address).status_code == 404
    assert record.key not in public.get("/public/results").text
    assert public.get(f"/public/results/{record.key}.json").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_public_page_sets_no_cookie_and_may_be_cached(public, page):
    answer = public.get(f"/public/{page}")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    again = public.get(f"/public/{page}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_changed_record_changes_the_tag(public, session):
    before = public.get("/public/lists").headers["ETag"]
    session.execute(update(PublicRecord).where(PublicRecord.kind == "plan").values(title="改名"))
    assert public.get("/public/lists").headers["ETag"] == before
    assert "改名" in public.get("/public/plans").text


def test_a_signed_in_person_gets_the_page_that_everybody_gets(client_as, public):
    assert client_as("police_clerk").get("/public/draws").data == public.get("/public/draws").data


def test_the_language_is_part_of_the_address(public):
    english = public.get("/public/results?lang=en").text
    assert '<html lang="en"' in english
    assert "/public/draws?lang=en" in english
    assert '<html lang="zh-CN"' in public.get("/public/results").text


def test_search_year_and_region_narrow_the_list(public, session, journey):
    record = session.scalars(select(PublicRecord).where(PublicRecord.kind == "result").limit(1)).one()
    name = record.title

    def found(query):
        return public.get(f"/public/results.json{query}").json["items"]

    assert {row["title"] for row in found(f"?q={name[2:6]}")} >= {name}
    assert all(name[2:6] in row["title"] for row in found(f"?q={name[2:6]}"))
    assert len(found(f"?q={record.key}")) == 1
    assert len(found(f"?q={record.target_code}")) == len(journey["agencies"])
    assert len(found("?year=2026&region=640000")) == session.scalar(
        select(func.count()).select_from(CheckForm.__table__)
    )
    assert found("?year=2025") == []
    assert found("?region=640200") == []
    assert found("?q=%25") == []


def test_a_list_is_paged_by_key(public, session):
    first = public.get("/public/results.json").json["items"]
    ids = list(
        session.scalars(
            select(PublicRecord.id).where(PublicRecord.kind == "result").order_by(PublicRecord.id)
        )
    )
    page = public.get(f"/public/results.json?before={ids[10]}").json["items"]
    assert [row["key"] for row in page] == [row["key"] for row in first[8:]]
    assert public.get("/public/results?before=x").status_code == 404


def test_csv_has_a_mark_and_neutral_cells(public, session):
    record = session.scalars(select(PublicRecord).where(PublicRecord.kind == "result").limit(1)).one()
    record.title = "=1+1 示例"
    session.flush()
    answer = public.get("/public/results.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == session.scalar(select(func.count()).select_from(CheckForm.__table__))
    assert {"key", "title", "agency", "checked_on", "result"} <= set(rows[0])
    assert "'=1+1 示例" in {row["title"] for row in rows}


def test_rows_of_plan_and_draw_come_as_csv_and_json(public, session, journey, draw_no, plan_no):
    plan = public.get(f"/public/plans/{plan_no}.json").json
    assert plan["rows"][0]["initiator"]
    assert {"ratio", "scope", "month_from"} <= set(plan["rows"][0])
    draw = public.get(f"/public/draws/{draw_no}.json").json
    drawn = session.scalar(select(func.count()).select_from(DrawnTarget.__table__))
    assert (draw["state"], draw["drawn"], len(draw["rows"])) == ("opened", drawn, drawn)
    rows = list(
        csv.DictReader(io.StringIO(public.get(f"/public/draws/{draw_no}.csv").data.decode("utf-8-sig")))
    )
    assert [row["code"] for row in rows] == [row["code"] for row in draw["rows"]]


def test_openapi_describes_every_data_address(public):
    described = public.get("/public/openapi.json").json
    assert described["openapi"].startswith("3.")
    for word in WORDS:
        assert {f"/public/{word}.json", f"/public/{word}.csv", f"/public/{word}/{{id}}.json"} <= set(
            described["paths"]
        )
    schema = described["paths"]["/public/results.json"]["get"]["responses"]["200"]["content"][
        "application/json"
    ]
    assert "target_name" in schema["schema"]["properties"]["items"]["items"]["properties"]


@pytest.mark.rule("R-24.1")
def test_the_public_bundle_is_checked_in_plain_words(public, draw_no):
    page = public.get(f"/public/draws/{draw_no}/check").text
    assert "不一致" not in page.split("eh-checks", 1)[1].split("</ol>")[0]
    assert "通过" in page
    assert "未核验" in page
    assert "python verify.py" in page
    bundle = public.get(f"/public/draws/{draw_no}/bundle.zip")
    names = zipfile.ZipFile(io.BytesIO(bundle.data)).namelist()
    assert "frame.tsv" not in names
    assert "drawn-0.tsv" in names
    assert json.loads(zipfile.ZipFile(io.BytesIO(bundle.data)).read("transcript.json"))["list_secret"] is None
    assert public.get("/public/verify.py").data.startswith(b"#!/usr/bin/env python3")


@pytest.mark.rule("R-24.1")
def test_a_sealed_draw_says_so(public, session, draw_no):
    record = session.scalars(select(PublicRecord).where(PublicRecord.key == draw_no)).one()
    record.payload = {**record.payload, "opened_at": "", "seed": "", "rows": [], "state": "drawn"}
    session.flush()
    assert "已封存" in public.get(f"/public/draws/{draw_no}").text


def test_draws_that_are_not_public_are_not_there(public):
    for address in ("x", "x/check", "x/bundle.zip", "x.csv", "x.json"):
        assert public.get(f"/public/draws/{address}").status_code == 404


def own_case(public, token):
    return public.post("/public/own-case", data={"token": token})


@pytest.mark.rule("R-24.1")
def test_the_token_of_the_notice_shows_the_own_case_and_no_other(public, session):
    visit = session.scalars(select(Visit).order_by(Visit.id).limit(1)).one()
    others = session.scalars(
        select(Target.name).where(Target.id.in_(select(Visit.target_id)), Target.id != visit.target_id)
    )
    answer = own_case(public, notice_token(visit.no).upper())
    assert answer.status_code == 200
    assert visit.target.name in answer.text
    assert "一切正常" in answer.text
    assert not any(name in answer.text for name in others)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert (
        public.get(f"/public/own-case?token={notice_token(visit.no)}").headers["Cache-Control"] == "no-store"
    )


@pytest.mark.rule("R-24.1")
def test_the_own_case_is_sealed_until_the_draw_is_opened(public, session, draw_no):
    record = session.scalars(select(PublicRecord).where(PublicRecord.key == draw_no)).one()
    record.payload = {**record.payload, "opened_at": "", "seed": "", "rows": []}
    session.flush()
    visit = session.scalars(select(Visit).limit(1)).one()
    page = own_case(public, notice_token(visit.no)).text
    assert "已封存" in page
    assert visit.target.name not in page


@pytest.mark.parametrize("token", ["", "wrong", "a" * 500, "%00", "' OR 1=1"])
def test_a_wrong_token_gets_a_sentence_and_nothing_else(public, token):
    answer = own_case(public, token)
    assert answer.status_code == 404
    assert "核验码" in answer.text


def test_the_log_proves_inclusion_and_consistency(public):
    head = public.get("/public/log?format=json").json
    assert head["size"] > 10
    assert head["head"].splitlines()[1] == str(head["size"])
    proof = public.get(f"/public/log?index=3&size={head['size']}").json
    assert proof["root"] == head["root"]
    leaf, path = bytes.fromhex(proof["leaf"]), [bytes.fromhex(h) for h in proof["proof"]]
    assert roots_from_proof(leaf, 3, head["size"], path)[0].hex() == head["root"]
    assert public.get(f"/public/log?old=5&size={head['size']}").json["proof"]


@pytest.mark.parametrize(
    "query", ["size=0&index=0", "size=9999999&index=0", "size=5&index=5", "size=x&index=1", "size=5"]
)
def test_a_proof_outside_the_log_is_not_there(public, query):
    assert public.get(f"/public/log?{query}").status_code == 404


@pytest.mark.parametrize("page", ["", "lists", "plans", "draws", "results"])
def test_a_public_page_costs_few_queries(public, app, page):
    statements = []

    def note(connection, cursor, statement, *rest):
        statements.append(statement)

    event.listen(db.engines[None], "before_cursor_execute", note)
    try:
        public.get(f"/public/{page}")
    finally:
        event.remove(db.engines[None], "before_cursor_execute", note)
    assert 0 < len(statements) <= 12


def test_proof_routes_are_rate_limited(app, monkeypatch):
    usual = application.flask_options
    monkeypatch.setattr(application, "flask_options", lambda s: {**usual(s), "RATELIMIT_ENABLED": True})
    limited = application.create_app(app.extensions["settings"])
    limited.config["WTF_CSRF_ENABLED"] = False
    with limited.app_context():
        public = limited.test_client()
        answers = [public.post("/public/own-case", data={"token": "wrong"}).status_code for _ in range(31)]
        assert public.get("/public/results").status_code == 200
        db.engine.dispose()
    assert answers == [404] * 30 + [429]
