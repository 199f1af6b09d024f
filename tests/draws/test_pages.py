"""The pages of draws and matching, by the accounts whose job it is."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from app.audit.models import Event
from app.db import db
from app.draws.models import Draw
from app.draws.queries import drawn_targets
from app.kernel.clock import SHANGHAI
from app.matching.models import Assignment
from app.notifications.due import lines_for
from app.security.models import Account
from app.verifier import verify
from tests.draws.stage import auditor_code


def freeze_data(session, clock) -> dict:
    until = (clock.now() + timedelta(days=1)).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    return {"until": until, "witness": ["AMR-640100", "HEALTH-640100", auditor_code(session)]}


def test_the_ceremony_in_the_browser(session, client_as, task, clock, ceremony) -> None:
    police = client_as("police_clerk")
    page = police.get(f"/draws/freeze/{task.id}")
    assert page.status_code == 200 and "S5" in page.text
    answer = police.post(f"/draws/freeze/{task.id}", data=freeze_data(session, clock))
    assert answer.status_code == 302, answer.text
    draw = session.scalars(select(Draw)).one()
    wall = police.get(f"/draws/{draw.draw_no}/")
    assert wall.status_code == 200 and draw.plan_hash[:8] in wall.text
    for witness in draw.plan["witnesses"]:
        client = client_as(ceremony.account_of(draw, witness))
        assert "data-digest" in client.get(f"/draws/{draw.draw_no}/contribute").text
        answer = client.post(
            f"/draws/{draw.draw_no}/contribute",
            data={"step": "commit", "digest": ["", ceremony.digest(draw, witness)]},
        )
        assert answer.status_code == 302, answer.text
    assert police.post(f"/draws/{draw.draw_no}/draw").status_code == 409
    for witness in draw.plan["witnesses"]:
        client = client_as(ceremony.account_of(draw, witness))
        value, nonce = ceremony.values[witness]
        wrong = client.post(
            f"/draws/{draw.draw_no}/contribute", data={"step": "reveal", "value": "wrong", "nonce": nonce}
        )
        assert wrong.status_code == 422 and 'value="wrong"' in wrong.text
        answer = client.post(
            f"/draws/{draw.draw_no}/contribute", data={"step": "reveal", "value": value, "nonce": nonce}
        )
        assert answer.status_code == 302, answer.text
    assert police.get(f"/draws/{draw.draw_no}/draw").status_code == 200
    assert police.post(f"/draws/{draw.draw_no}/draw").status_code == 302
    wall = police.get(f"/draws/{draw.draw_no}/")
    target = drawn_targets(session, draw.id)[0]
    assert target.target.name in wall.text
    assert target.code in police.get(f"/draws/{draw.draw_no}/targets").text
    assert police.post(f"/matching/{draw.draw_no}/match").status_code == 302
    board = police.get(f"/matching/{draw.draw_no}/")
    assert board.status_code == 200 and "eh-matrix" in board.text
    assert police.post(f"/matching/{draw.draw_no}/confirm").status_code == 302
    bundle = client_as("auditor").get(f"/draws/{draw.draw_no}/bundle.zip")
    assert verify.verify(bundle.data)["verdict"] == "ok"
    taken = session.scalar(select(func.count()).select_from(Event).where(Event.tag == "bundle.taken"))
    assert taken == 1
    row = session.scalars(select(Assignment).where(Assignment.role == "member")).first()
    inspector = client_as(session.get(Account, row.inspector.user_id).username)
    assert row.drawn_target.target.name in inspector.get("/matching/mine").text
    assert inspector.get(f"/matching/recuse/{row.id}").status_code == 200
    kept = inspector.post(f"/matching/recuse/{row.id}", data={"reason": "conflict", "evidence": ""})
    assert kept.status_code == 422 and 'value="conflict"' in kept.text
    answer = inspector.post(f"/matching/recuse/{row.id}", data={"reason": "conflict", "evidence": "paper"})
    assert answer.status_code == 302
    for path in (f"/tasks/{task.id}", f"/draws/{draw.draw_no}/receipt", "/draws/"):
        assert police.get(path).status_code == 200, path


@pytest.mark.rule("R-24.1")
def test_the_projected_page_shows_no_risk_class_and_no_stratum_of_a_target(client_as, ceremony) -> None:
    draw = ceremony.to_the_draw()
    page = client_as("auditor").get(f"/draws/{draw.draw_no}/").text
    assert "eh-risk" not in page
    assert 'class="s"' not in page


def test_the_projected_page_learns_that_something_has_happened(client_as, ceremony) -> None:
    draw = ceremony.freeze()
    client = client_as("health_clerk")
    path = f"/draws/{draw.draw_no}/changed"
    assert client.get(f"{path}?seen=frozen-0-0").text == ""
    ceremony.commit(draw, "AMR-640100")
    assert "data-done" in client.get(f"{path}?seen=frozen-0-0").text


def test_others_see_nothing_of_a_draw(client_as, ceremony, task) -> None:
    draw = ceremony.to_the_draw()
    assert client_as(None).get(f"/draws/{draw.draw_no}/").status_code == 302
    for account in ("sysadmin", "region_reviewer_b"):
        assert client_as(account).get(f"/draws/{draw.draw_no}/bundle.zip").status_code in {404, 409}
    assert client_as("amr_clerk").get(f"/draws/freeze/{task.id}").status_code == 404
    assert client_as("amr_clerk").post(f"/draws/{draw.draw_no}/draw").status_code == 404
    assert client_as("police_clerk").get(f"/draws/{draw.draw_no}/contribute").status_code == 404
    assert client_as("office").get(f"/draws/{draw.draw_no}/bundle.zip").status_code == 404
    assert client_as("police_clerk").get("/draws/none/").status_code == 404


def test_a_refused_freeze_gives_the_form_back(session, client_as, task, clock) -> None:
    data = {**freeze_data(session, clock), "witness": []}
    answer = client_as("police_clerk").post(f"/draws/freeze/{task.id}", data=data)
    assert answer.status_code == 422 and data["until"] in answer.text
    answer = client_as("police_clerk").post(f"/draws/freeze/{task.id}", data={**data, "until": ""})
    assert answer.status_code == 422


def test_the_workbench_shows_whose_turn_it_is(session, ceremony, act_as, clock) -> None:
    draw = ceremony.freeze()
    with act_as("amr_clerk") as unit:
        assert [line.url for line in lines_for(unit.session, unit.actor, clock)] == [
            f"/draws/{draw.draw_no}/contribute"
        ]
    for witness in draw.plan["witnesses"]:
        ceremony.commit(draw, witness)
    for witness in draw.plan["witnesses"]:
        ceremony.reveal(draw, witness)
    with act_as("police_clerk") as unit:
        urls = [line.url for line in lines_for(unit.session, unit.actor, clock)]
        assert f"/draws/{draw.draw_no}/draw" in urls
    ceremony.run(draw)
    with act_as("police_clerk") as unit:
        urls = [line.url for line in lines_for(unit.session, unit.actor, clock)]
        assert f"/matching/{draw.draw_no}/" in urls


def test_void_pages_lead_from_the_clerk_to_the_auditor(session, client_as, ceremony) -> None:
    draw = ceremony.freeze()
    ceremony.commit(draw, "AMR-640100")
    police, auditor = client_as("police_clerk"), client_as("auditor")
    assert police.post(f"/draws/{draw.draw_no}/void", data={"reason": "", "who": ""}).status_code == 422
    answer = police.post(f"/draws/{draw.draw_no}/void", data={"reason": "power cut", "who": "health"})
    assert answer.status_code == 302
    assert "power cut" in auditor.get(f"/draws/{draw.draw_no}/void").text
    assert auditor.post(f"/draws/{draw.draw_no}/void").status_code == 302
    session.expire_all()
    assert session.get(Draw, draw.id).state == "void"
    assert "power cut" in police.get(f"/draws/{draw.draw_no}/").text
    assert client_as("amr_clerk").get(f"/draws/{draw.draw_no}/void").status_code == 404


def test_a_list_of_draws_needs_few_queries(client_as, ceremony) -> None:
    ceremony.to_the_draw()
    client = client_as("police_clerk")
    client.get("/draws/")
    seen: list[str] = []

    def note(conn, cursor, statement, *rest) -> None:
        if statement.lstrip().upper().startswith("SELECT") and "ab_" not in statement:
            seen.append(statement)

    engine = db.engine.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get("/draws/").status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert seen and len([s for s in seen if "FROM draw" in s or "contribution" in s]) <= 12


def test_the_command_verifies_a_bundle(app, session, ceremony, tmp_path) -> None:
    draw = ceremony.to_the_draw()
    runner, path = app.test_cli_runner(), tmp_path / "bundle.zip"
    done = runner.invoke(args=["draw", "bundle", draw.draw_no, "--out", str(path), "--as", "auditor"])
    assert done.exit_code == 0, done.output
    assert "frame.tsv" in zipfile.ZipFile(io.BytesIO(path.read_bytes())).namelist()
    done = runner.invoke(args=["draw", "verify", str(path), "--json"])
    assert (done.exit_code, json.loads(done.output)["verdict"]) == (0, "ok")
    path.write_bytes(b"no zip")
    assert runner.invoke(args=["draw", "verify", str(path)]).exit_code == 2
    assert runner.invoke(args=["draw", "verify", str(tmp_path / "none.zip")]).exit_code == 2
    refused = runner.invoke(args=["draw", "bundle", draw.draw_no, "--out", str(path), "--as", "office"])
    assert refused.exit_code == 1


def test_a_commitment_can_be_made_on_the_command_line(app, ceremony, act_as) -> None:
    draw = ceremony.freeze()
    args = ["draw", "commitment", draw.plan_hash, "AMR-640100", "--number", "17", "--json"]
    made = json.loads(app.test_cli_runner().invoke(args=args).output)
    ceremony.values["AMR-640100"] = ("17", made["nonce"])
    assert ceremony.digest(draw, "AMR-640100") == made["commitment"]
