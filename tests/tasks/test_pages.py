"""The pages of tasks, as people of the journey see them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.db import db
from app.kernel.clock import FixedClock
from app.notifications.due import lines_for
from app.plans.models import PlanEntry
from app.tasks import NextAction, Panel, StepNote, next_actions, panels, services, step_notes
from app.tasks.models import Participant, ResponseLink, Task
from app.tasks.queries import Filter, list_tasks
from app.web.search import search_everywhere
from tests.tasks.conftest import SCHEME, accept_as, item_ids, mails_to, part_of, token_of

FORM = {
    "content": "旅馆业联合检查",
    "period_from": "2026-11-25",
    "period_to": "2026-12-18",
    "method": "on_site",
}


@pytest.fixture(autouse=True)
def own_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers leaves with it."""
    for place in (panels, next_actions, step_notes):
        monkeypatch.setattr(place, "_things", list(place._things))


def fresh(session: Session, task: Task) -> Task:
    session.expire_all()
    return session.get(Task, task.id)


@pytest.mark.rule("R-22.1")
@pytest.mark.rule("R-23.1")
def test_the_clerk_makes_pushes_and_the_participants_answer_in_the_browser(
    entry: PlanEntry, client_as: Any, session: Session
) -> None:
    police = client_as("police_clerk")
    assert entry.name in police.get("/tasks/new").text
    page = police.get(f"/tasks/new?entry={entry.id}").text
    items = [str(p.item_id) for p in entry.participants]
    assert all(f'value="{i}" checked' in page for i in items)
    answer = police.post(f"/tasks/new?entry={entry.id}", data={**FORM, "item": items})
    assert answer.status_code == 302
    address = answer.location
    assert "推送任务" in police.get(address).text
    assert "2026-11-25 24:00" in police.get(f"{address}/push").text
    assert police.post(f"{address}/push").status_code == 302
    for who, code in (("amr_clerk", "AMR-640100"), ("health_clerk", "HEALTH-640100")):
        client = client_as(who)
        assert "确认事项和方案并参加" in client.get(f"{address}/respond").text
        task = session.scalars(select(Task)).one()
        own = [str(i) for i in item_ids(session, task, code)]
        sent = client.post(f"{address}/respond", data={"item": own, "answer": "accept"})
        assert sent.status_code == 302
        assert "响应成功" in client.get(sent.location).text
    assert fresh(session, task).state == "ready"
    shown = police.get(address).text
    assert "待抽取" in shown
    assert "联合检查方案" in shown
    assert "第二十二条" in police.get(f"{address}/scheme").text


def test_a_faulty_form_comes_back_with_its_entries_and_all_sentences(
    entry: PlanEntry, client_as: Any, session: Session
) -> None:
    data = {
        **FORM,
        "period_from": "2026-12-20",
        "announced": "y",
        "item": [str(p.item_id) for p in entry.participants],
    }
    answer = client_as("police_clerk").post(f"/tasks/new?entry={entry.id}", data=data)
    assert answer.status_code == 422
    assert "结束日期早于开始日期" in answer.text
    assert "旅馆业联合检查" in answer.text
    assert 'id="period_to-err"' in answer.text
    assert 'id="announced_reason-err"' in answer.text
    assert session.scalar(select(func.count()).select_from(Task)) == 0


def test_a_date_that_is_none_is_told_at_its_field(entry: PlanEntry, client_as: Any) -> None:
    answer = client_as("police_clerk").post(
        f"/tasks/new?entry={entry.id}", data={**FORM, "period_from": "tomorrow"}
    )
    assert answer.status_code == 422
    assert 'id="period_from-err"' in answer.text


def test_an_empty_form_is_told_all_that_it_lacks(entry: PlanEntry, client_as: Any) -> None:
    answer = client_as("police_clerk").post(
        f"/tasks/new?entry={entry.id}", data={"period_from": "", "method": "x"}
    )
    assert answer.status_code == 422
    for name in ("content", "period_from", "period_to", "method"):
        assert f'id="{name}-err"' in answer.text


def test_a_stale_form_shows_what_the_other_wrote(
    draft: Task, client_as: Any, act_as: Any, session: Session
) -> None:
    seen = str(fresh(session, draft).version)
    client = client_as("police_clerk")
    first = client.post(f"/tasks/{draft.id}/edit", data={**FORM, "content": "甲方案", "seen": seen})
    assert first.status_code == 302
    second = client.post(f"/tasks/{draft.id}/edit", data={**FORM, "content": "乙方案", "seen": seen})
    assert second.status_code == 422
    assert "甲方案" in second.text
    assert "乙方案" in second.text


def test_a_draft_that_changed_under_the_push_page_is_not_pushed(
    draft: Task, client_as: Any, session: Session
) -> None:
    seen = fresh(session, draft).version
    client = client_as("police_clerk")
    client.post(f"/tasks/{draft.id}/edit", data={**FORM, "content": "甲方案", "seen": str(seen)})
    answer = client.post(f"/tasks/{draft.id}/push", data={"seen": str(seen)})
    assert answer.status_code == 409
    assert "甲方案" in answer.text
    assert fresh(session, draft).state == "draft"
    assert client.post(f"/tasks/{draft.id}/push", data={"seen": str(seen + 1)}).status_code == 302
    assert fresh(session, draft).state == "pushed"


@pytest.mark.rule("R-23.1")
def test_declining_without_a_reason_keeps_the_page(pushed: Task, client_as: Any, session: Session) -> None:
    client = client_as("health_clerk")
    answer = client.post(f"/tasks/{pushed.id}/respond", data={"answer": "decline", "reason": " "})
    assert answer.status_code == 422
    assert 'id="reason-err"' in answer.text
    client.post(f"/tasks/{pushed.id}/respond", data={"answer": "decline", "reason": "季度专项已覆盖"})
    assert part_of(session, pushed, "HEALTH-640100").state == "declined"
    police = client_as("police_clerk")
    part = part_of(session, pushed, "HEALTH-640100")
    assert "季度专项已覆盖" in police.get(f"/tasks/{pushed.id}").text
    assert police.get(f"/tasks/{pushed.id}/release/{part.id}").status_code == 200
    sent = police.post(f"/tasks/{pushed.id}/release/{part.id}", data={"reason": "同意"})
    assert sent.status_code == 302
    assert part_of(session, pushed, "HEALTH-640100").state == "released"


@pytest.mark.parametrize("path", ["push", "edit", "cancel", "release/1"])
def test_pages_of_the_initiator_are_not_there_for_others(pushed: Task, client_as: Any, path: str) -> None:
    for who in ("amr_clerk", "police_reviewer", "office", "auditor", "sysadmin"):
        assert client_as(who).get(f"/tasks/{pushed.id}/{path}").status_code == 404
        assert client_as(who).post(f"/tasks/{pushed.id}/{path}", data={"reason": "x"}).status_code == 404


def test_who_may_read_the_page(pushed: Task, client_as: Any) -> None:
    for who in ("police_admin", "police_reviewer", "amr_clerk", "office", "region_office", "auditor"):
        assert client_as(who).get(f"/tasks/{pushed.id}").status_code == 200
        assert client_as(who).get("/tasks/").status_code == 200
    for who in ("sysadmin", "secadmin"):
        assert client_as(who).get(f"/tasks/{pushed.id}").status_code == 404
    assert client_as(None).get(f"/tasks/{pushed.id}").status_code == 302


def test_a_draft_is_not_there_for_participants(draft: Task, client_as: Any) -> None:
    assert client_as("amr_clerk").get(f"/tasks/{draft.id}").status_code == 404
    assert draft.no not in client_as("amr_clerk").get("/tasks/").text


@pytest.mark.parametrize("path", ["/tasks/x", "/tasks/99999999999999999999", "/tasks/0", "/tasks/?before=x"])
def test_a_senseless_address_is_not_there(client_as: Any, path: str) -> None:
    assert client_as("police_clerk").get(path).status_code == 404


@pytest.mark.parametrize("query", ["state=mad", "role=god", "year=20x6", "year=２０２６"])
def test_a_senseless_filter_is_refused(client_as: Any, query: str) -> None:
    assert client_as("police_clerk").get(f"/tasks/?{query}").status_code == 400


def test_the_list_is_narrowed_by_state_role_year_and_text(pushed: Task, client_as: Any) -> None:
    amr = client_as("amr_clerk")
    for query in (
        "",
        "state=open",
        "state=pushed",
        "role=participant",
        "year=2026",
        f"q={pushed.no}",
        "q=旅馆",
    ):
        assert pushed.no in amr.get(f"/tasks/?{query}").text, query
    for query in ("state=ready", "role=initiator", "year=2025", "q=没有这个"):
        assert f">{pushed.no}<" not in amr.get(f"/tasks/?{query}").text, query


def test_pages_follow_by_key_and_cost_the_same(
    make_entry: Any, act_as: Any, client_as: Any, session: Session
) -> None:
    for _ in range(3):
        entry = make_entry()
        with act_as("police_clerk") as unit:
            services.create_task(unit, entry.id, **SCHEME)
    first = list_tasks(session, Filter(), limit=2)
    assert len(first) == 3
    rest = list_tasks(session, Filter(), before=first[1].id, limit=2)
    assert [t.id for t in rest] == [first[2].id]
    assert len(_queries(lambda: client_as("police_clerk").get("/tasks/"))) <= 16


def test_the_task_page_costs_a_fixed_number_of_queries(pushed: Task, client_as: Any) -> None:
    assert len(_queries(lambda: client_as("police_clerk").get(f"/tasks/{pushed.id}"))) <= 26


def _queries(act: Any) -> list[str]:
    """The reads of a request on an empty session, with those around every page (person, menu, banners)."""
    seen: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    db.session.expunge_all()
    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        assert act().status_code == 200
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return seen


def test_higher_domains_put_panels_notes_and_the_next_action_on_the_page(
    pushed: Task, client_as: Any, act_as: Any, session: Session
) -> None:
    for who, code in (("amr_clerk", "AMR-640100"), ("health_clerk", "HEALTH-640100")):
        accept_as(act_as, session, pushed, who, code)
    panels.add(Panel("抽取", "tasks/facts.html", lambda session, task: None))
    step_notes.add(lambda session, task: {"draw": StepNote(("四十八户",), late=True)})
    next_actions.add(lambda session, task, actor: NextAction("去冻结", "某人", "/freeze", "冻结"), 1)
    page = client_as("police_clerk").get(f"/tasks/{pushed.id}").text
    assert "四十八户" in page
    assert "下一步：去冻结" in page


@pytest.mark.rule("R-23.1")
def test_the_workbench_shows_what_is_due_to_whom(
    pushed: Task, act_as: Any, session: Session, clock: FixedClock
) -> None:
    with act_as("amr_clerk") as unit:
        (line,) = [x for x in lines_for(unit.session, unit.actor, clock) if pushed.no in x.detail]
        assert (line.rule, line.url) == ("R-23.1", f"/tasks/{pushed.id}/respond")
        assert line.due_at == part_of(unit.session, pushed, "AMR-640100").due_at
    with act_as("health_clerk") as unit:
        services.decline(unit, pushed.id, "没有人手")
    with act_as("police_clerk") as unit:
        urls = {x.url for x in lines_for(unit.session, unit.actor, clock)}
        assert f"/tasks/{pushed.id}/release/{part_of(unit.session, pushed, 'HEALTH-640100').id}" in urls
    clock.advance(days=3)
    for who in ("region_office", "office"):
        with act_as(who) as unit:
            assert "/overdue/" in {x.url for x in lines_for(unit.session, unit.actor, clock)}


@pytest.mark.rule("R-23.2")
def test_the_regions_list_shows_the_silent_agency_and_its_reason(
    pushed: Task, client_as: Any, session: Session, clock: FixedClock
) -> None:
    office = client_as("region_office")
    assert "没有逾期响应" in office.get("/overdue/").text
    clock.advance(days=3)
    health = client_as("health_clerk")
    assert health.post(f"/tasks/{pushed.id}/overdue-reason", data={"reason": "系统培训"}).status_code == 302
    page = office.get("/overdue/").text
    assert pushed.no in page
    assert "系统培训" in page
    assert "逾期" in client_as("police_clerk").get(f"/tasks/{pushed.id}").text
    assert office.get("/overdue/?all=1").status_code == 200
    assert office.get("/overdue/?after=x").status_code == 400
    assert client_as("police_clerk").get("/overdue/").status_code == 404


def test_the_search_finds_by_number_and_by_name(pushed: Task, act_as: Any) -> None:
    with act_as("amr_clerk") as unit:
        for text in (pushed.no, pushed.no[:9], "旅馆业"):
            hits = [hit.url for group in search_everywhere(unit.session, text) for hit in group.hits]
            assert f"/tasks/{pushed.id}" in hits


@pytest.mark.rule("R-23.1")
def test_the_mail_link_asks_for_log_in_and_changes_nothing_by_looking(
    pushed: Task, client_as: Any, session: Session
) -> None:
    token = token_of(mails_to(session, "amr_clerk")[0])
    asked = client_as(None).get(f"/tasks/respond/{token}")
    assert asked.status_code == 302
    assert "/login/" in asked.location
    client = client_as("amr_clerk")
    assert client.get(f"/tasks/respond/{token}").status_code == 200
    assert client.get(f"/tasks/respond/{token}").status_code == 200
    assert part_of(session, pushed, "AMR-640100").state == "pending"
    own = [str(i) for i in item_ids(session, pushed, "AMR-640100")]
    assert client.post(f"/tasks/respond/{token}", data={"item": own, "answer": "accept"}).status_code == 302
    assert part_of(session, pushed, "AMR-640100").state == "accepted"
    again = client.post(f"/tasks/respond/{token}", data={"item": own, "answer": "accept"})
    assert again.status_code == 409
    assert "已使用过" in again.text


@pytest.mark.rule("R-23.1")
def test_a_refused_answer_does_not_spend_the_link(pushed: Task, client_as: Any, session: Session) -> None:
    token = token_of(mails_to(session, "amr_clerk")[0])
    client = client_as("amr_clerk")
    assert client.post(f"/tasks/respond/{token}", data={"answer": "accept"}).status_code == 422
    session.expire_all()
    assert all(link.used_at is None for link in session.scalars(select(ResponseLink)))
    assert client.get(f"/tasks/respond/{token}").status_code == 200


@pytest.mark.rule("R-23.1")
def test_the_link_of_another_person_and_an_invented_one_lead_nowhere(
    pushed: Task, client_as: Any, session: Session
) -> None:
    token = token_of(mails_to(session, "amr_clerk")[0])
    for who in ("health_clerk", "police_clerk"):
        answer = client_as(who).post(f"/tasks/respond/{token}", data={"answer": "decline", "reason": "x"})
        assert answer.status_code == 409
        assert "发给其他人员" in answer.text
        assert pushed.no not in answer.text.split("<main")[1]
    assert client_as("amr_clerk").get("/tasks/respond/invented").status_code == 404
    assert {p.state for p in session.scalars(select(Participant))} == {"pending"}


@pytest.mark.rule("R-23.1")
def test_the_link_dies_with_the_draw(make_entry: Any, act_as: Any, client_as: Any, session: Session) -> None:
    entry = make_entry(partners=("AMR-640100",))
    with act_as("police_clerk") as unit:
        task = services.push_task(unit, services.create_task(unit, entry.id, **SCHEME).id)
    token = token_of(mails_to(session, "amr_clerk")[0])
    accept_as(act_as, session, task, "amr_clerk", "AMR-640100")
    with act_as("police_clerk") as unit:
        services.note_drawn(unit, task.id)
    answer = client_as("amr_clerk").get(f"/tasks/respond/{token}")
    assert answer.status_code == 409
    assert "链接失效" in answer.text


def test_only_the_digest_of_a_token_is_kept(pushed: Task, session: Session) -> None:
    token = token_of(mails_to(session, "amr_clerk")[0])
    kept = {bytes(link.digest) for link in session.scalars(select(ResponseLink))}
    assert len(kept) == 2
    assert token.encode() not in kept
    assert all(len(digest) == 32 for digest in kept)


def test_a_cancelled_task_says_why(pushed: Task, client_as: Any) -> None:
    police = client_as("police_clerk")
    assert police.post(f"/tasks/{pushed.id}/cancel", data={"reason": ""}).status_code == 422
    assert police.post(f"/tasks/{pushed.id}/cancel", data={"reason": "与专项重复"}).status_code == 302
    assert "与专项重复" in client_as("amr_clerk").get(f"/tasks/{pushed.id}").text


def test_the_pages_speak_english_as_well(pushed: Task, client_as: Any) -> None:
    page = client_as("police_clerk", "en").get(f"/tasks/{pushed.id}").text
    assert "Agencies and responses" in page
    assert "the participants respond" in page
