"""The pages: each by the person whose job it is; what is refused comes back with its entries."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from app.db import db
from app.inspections import services
from app.inspections.models import CheckForm, FollowUp, Visit
from app.matching.places import after_confirm
from app.notifications.due import lines_for
from app.security.protection import mask
from tests.inspections.world import form_of

POLICE, AMR = "POLICE-640100", "AMR-640100"


@pytest.fixture
def form(approved, look):
    return form_of(look(), approved, POLICE)


@pytest.fixture
def leader(approved, client_as):
    return client_as(approved.people[POLICE][0])


def sent(form: CheckForm, chosen: int | None, **changes: str) -> dict[str, str]:
    values = {f"line-{line['key']}": "ok" for line in form.lines}
    values |= {
        "started_on": "2026-11-23",
        "ended_on": "2026-11-23",
        "version": str(form.version),
        "act": "submit",
    }
    if chosen:
        values["result"] = str(chosen)
    return {**values, **changes}


def test_the_form_has_nothing_chosen_beforehand(form, leader):
    page = leader.get(f"/visits/forms/{form.id}")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert 'type="radio"' in text
    assert "checked" not in text
    assert "违反公安部门相关规定" in text
    assert "公示信息隐瞒真实情况弄虚作假" not in text


def test_a_complete_form_is_submitted_from_the_page(form, leader, result_ids, look):
    answer = leader.post(f"/visits/forms/{form.id}", data=sent(form, result_ids["1"]))
    assert answer.status_code == 302
    assert look().get(CheckForm, form.id).state == "submitted"
    assert leader.get(f"/visits/forms/{form.id}").status_code == 302


@pytest.mark.rule("R-26.1")
def test_a_refused_form_comes_back_with_its_entries_and_a_sentence(form, leader, look):
    answer = leader.post(f"/visits/forms/{form.id}", data=sent(form, None, problem_text="写了很久的话"))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "写了很久的话" in text
    assert 'aria-invalid="true"' in text
    assert text.count(" checked") == len(form.lines)
    assert look().get(CheckForm, form.id).state == "not_started"


def test_a_draft_is_saved_and_shown_again(form, leader, look):
    data = sent(form, None, act="save", problem_text="草稿", started_on="", ended_on="")
    assert leader.post(f"/visits/forms/{form.id}", data=data).status_code == 302
    assert "草稿" in leader.get(f"/visits/forms/{form.id}").get_data(as_text=True)
    assert look().get(CheckForm, form.id).state == "saved"


def test_a_stale_form_shows_the_difference_and_keeps_the_entry(form, leader, approved, client_as, look):
    colleague = client_as(approved.people[POLICE][1])
    data = sent(form, None, act="save")
    colleague.post(f"/visits/forms/{form.id}", data={**data, "problem_text": "同事写的"})
    answer = leader.post(f"/visits/forms/{form.id}", data={**data, "problem_text": "我写的"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "同事写的" in text
    assert "我写的" in text
    assert look().get(CheckForm, form.id).problem_text == "同事写的"


@pytest.mark.parametrize("data", [{"started_on": "2026-13-45"}, {"result": "x" * 30}, {"version": "-1"}])
def test_a_broken_entry_is_a_sentence_not_a_fault_of_the_server(form, leader, data):
    assert leader.post(f"/visits/forms/{form.id}", data=sent(form, None, **data)).status_code == 422


@pytest.mark.parametrize("who", ["idle", AMR, "police_clerk", "amr_clerk", "sysadmin"])
def test_the_form_page_is_not_there_for_anybody_else(form, approved, client_as, who):
    name = approved.idle[POLICE] if who == "idle" else approved.people[AMR][0] if who == AMR else who
    client = client_as(name)
    if who == AMR:
        answer = client.post(f"/visits/forms/{form.id}", data=sent(form, None, act="save"))
        assert answer.status_code == 409
    else:
        assert client.get(f"/visits/forms/{form.id}").status_code == 404


def test_an_inspector_sees_the_own_visits_and_notes_the_arrival(approved, leader, client_as, form, look):
    text = leader.get("/visits/").get_data(as_text=True)
    assert "6401-2026-9001" in text or "旅馆业联合抽查" in text
    assert text.count("eh-ph-card") == 2
    nothing = client_as(approved.idle[POLICE])
    assert nothing.get("/visits/").get_data(as_text=True).count("eh-ph-card") == 0
    assert nothing.get(f"/visits/{form.visit_id}").status_code == 404
    answer = leader.post(f"/visits/{form.visit_id}/entry", data={"what": "arrived", "form": form.id})
    assert answer.status_code == 302
    assert look().get(Visit, form.visit_id).arrived_at is not None


def test_the_list_of_visits_takes_few_queries(approved, client_as):
    client = client_as("police_clerk")
    client.get("/visits/")
    seen = []
    listener = lambda *args: seen.append(args[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        assert client.get("/visits/").status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    business = [s for s in seen if "check_form" in s or "visit" in s or "assignment" in s]
    assert len(business) <= 12


def test_a_participant_reads_the_other_agency_s_form_only_once_it_is_submitted(
    form, leader, client_as, result_ids
):
    leader.post(f"/visits/forms/{form.id}", data=sent(form, None, act="save", problem_text="还没写完的"))
    clerk = client_as("amr_clerk")
    assert "还没写完的" not in clerk.get(f"/visits/{form.visit_id}").get_data(as_text=True)
    assert "还没写完的" in client_as("police_clerk").get(f"/visits/{form.visit_id}").get_data(as_text=True)
    db.session.expire_all()
    fresh = db.session.execute(
        select(CheckForm.__table__.c.version).where(CheckForm.__table__.c.id == form.id)
    ).scalar()
    data = sent(form, result_ids["1"], problem_text="还没写完的", version=str(fresh))
    assert leader.post(f"/visits/forms/{form.id}", data=data).status_code == 302
    assert "还没写完的" in clerk.get(f"/visits/{form.visit_id}").get_data(as_text=True)


@pytest.mark.rule("N-4")
def test_the_reviewer_approves_the_visits_on_one_page(visits, client_as, look):
    client = client_as("police_reviewer")
    page = client.get(f"/visits/approval/{visits.task_id}")
    assert page.status_code == 200
    assert "6401-2026-9001-V002" in page.get_data(as_text=True)
    assert client.post(f"/visits/approval/{visits.task_id}").status_code == 302
    assert all(v.approved_at for v in look().scalars(select(Visit)))
    assert client_as("police_clerk").post(f"/visits/approval/{visits.task_id}").status_code == 404


@pytest.mark.rule("N-4")
def test_no_notice_is_printed_before_the_approval(visits, client_as, look):
    visit = look().scalars(select(Visit).order_by(Visit.id)).first()
    client = client_as("police_clerk")
    assert client.get(f"/visits/papers/notice/{visit.id}").status_code == 409
    assert client.get(f"/visits/papers/approval/{visits.task_id}").status_code == 200


def test_notice_and_sheets_carry_token_address_and_inspectors(approved, client_as, look):
    visit = look().scalars(select(Visit).order_by(Visit.id)).first()
    client = client_as("police_clerk")
    notice = client.get(f"/visits/papers/notice/{visit.id}").get_data(as_text=True)
    token = services.notice_token(visit.no)
    assert "/public/own-case" in notice
    assert token not in notice
    assert f"{token[:4]} {token[4:8]} " in notice
    assert "<svg" in notice
    assert "style=" not in notice
    assert notice == client.get(f"/visits/papers/notice/{visit.id}").get_data(as_text=True)
    both = client.get(f"/visits/papers/notices/{approved.task_id}").get_data(as_text=True)
    assert both.count("<h1>行政检查通知书") == 2
    sheets = client.get(f"/visits/papers/sheets/{approved.task_id}?blank=1").get_data(as_text=True)
    assert sheets.count("<h1>检查记录表") == 2
    assert "☑" not in sheets
    assert client.get(f"/visits/papers/sheet/{visit.id}").status_code == 200


def test_an_inspector_does_not_print_the_papers_of_all_visits(approved, leader):
    assert leader.get(f"/visits/papers/notices/{approved.task_id}").status_code == 404


def test_reviewers_see_approve_return_and_exempt(submit, client_as, look):
    form = submit(POLICE)
    client = client_as("police_reviewer")
    assert form.no in client.get("/reviews/").get_data(as_text=True)
    assert client.get(f"/reviews/{form.id}").status_code == 200
    refused = client.post(f"/reviews/{form.id}/return", data={"remark": "", "version": form.version})
    assert refused.status_code == 409
    assert (
        client.post(
            f"/reviews/{form.id}/return", data={"remark": "请补充", "version": form.version}
        ).status_code
        == 302
    )
    assert look().get(CheckForm, form.id).state == "returned"
    assert "请补充" in client.get(f"/reviews/{form.id}").get_data(as_text=True)
    other = submit(POLICE, 1)
    stale = client.post(f"/reviews/{other.id}/approve", data={"version": other.version - 1})
    assert stale.status_code == 409
    asked = client.post(
        f"/reviews/{other.id}/ask-exemption", data={"basis": "条例第十四条", "version": other.version}
    )
    assert asked.status_code == 302
    assert client.post(f"/reviews/{other.id}/exempt").status_code == 409
    second = client_as("police_reviewer_b")
    page = second.get(f"/reviews/{other.id}").get_data(as_text=True)
    assert "条例第十四条" in page and f"/reviews/{other.id}/exempt" in page
    assert second.post(f"/reviews/{other.id}/exempt").status_code == 302
    assert look().get(CheckForm, other.id).state == "exempt"


def test_an_approval_from_the_page_leads_to_a_case_handled_and_closed(submit, client_as, look):
    form = submit(POLICE, result="G", problem_text="未登记", disposition_code="3")
    client = client_as("police_reviewer")
    assert client.post(f"/reviews/{form.id}/approve", data={"version": form.version}).status_code == 302
    case = look().scalars(select(FollowUp)).one()
    clerk = client_as("police_clerk")
    assert case.no in clerk.get("/follow-ups/").get_data(as_text=True)
    assert (
        clerk.post(f"/follow-ups/{case.id}/handle", data={"text": "", "version": case.version}).status_code
        == 409
    )
    data = {"text": "已改正", "disposition": "3", "version": case.version}
    assert clerk.post(f"/follow-ups/{case.id}/handle", data=data).status_code == 302
    assert clerk.post(f"/follow-ups/{case.id}/close", data={}).status_code == 404
    assert client.get(f"/follow-ups/{case.id}").status_code == 200
    assert client.post(f"/follow-ups/{case.id}/close", data={}).status_code == 302
    assert look().get(FollowUp, case.id).state == "closed"
    assert client_as("amr_clerk").get(f"/follow-ups/{case.id}").status_code == 404


def test_another_agency_s_reviewer_has_no_acts_on_the_review_page(submit, client_as):
    form = submit(POLICE)
    client = client_as("amr_reviewer")
    assert form.no not in client.get("/reviews/").get_data(as_text=True)
    assert (
        'data-module="submit-once"'
        not in client.get(f"/reviews/{form.id}").get_data(as_text=True).split("<main", 1)[1]
    )
    assert client.post(f"/reviews/{form.id}/approve", data={}).status_code == 409


@pytest.mark.parametrize("path", ["/visits/?after=x", "/reviews/?after=-1", "/follow-ups/?after=1e9"])
def test_a_broken_page_key_is_refused(approved, client_as, path):
    assert client_as("police_reviewer").get(path).status_code == 400


def test_the_task_page_and_the_target_page_show_visits_and_results(submit, client_as, approved):
    form = submit(POLICE)
    client = client_as("police_clerk")
    task = client.get(f"/tasks/{approved.task_id}").get_data(as_text=True)
    assert "6401-2026-9001-V001" in task
    assert f"/visits/papers/notices/{approved.task_id}" in task
    target = client.get(f"/targets/{approved.target_ids[0]}").get_data(as_text=True)
    assert form.visit.no in target


def titles(act_as, clock, name):
    with act_as(name) as unit:
        return [line.url for line in lines_for(unit.session, unit.actor, clock)]


def test_the_workbench_tells_everyone_what_is_due(visits, act_as, clock, look):
    first = form_of(look(), visits, POLICE)
    leader = visits.people[POLICE][0]
    assert f"/visits/approval/{visits.task_id}" in titles(act_as, clock, "police_reviewer")
    assert f"/visits/{first.visit_id}" in titles(act_as, clock, leader)
    with act_as("police_reviewer") as unit:
        services.approve_visits(unit, visits.task_id)
    assert f"/visits/approval/{visits.task_id}" not in titles(act_as, clock, "police_reviewer")
    assert f"/visits/forms/{first.id}" in titles(act_as, clock, leader)


def test_deadlines_of_reviews_publications_and_cases_stand_on_the_workbench(submit, act_as, clock, look):
    form = submit(POLICE, result="G", problem_text="未登记", disposition_code="3")
    assert f"/reviews/{form.id}" in titles(act_as, clock, "police_reviewer")
    assert f"/visits/{form.visit_id}" in titles(act_as, clock, "police_clerk")
    with act_as("police_reviewer") as unit:
        services.approve_form(unit, form.id)
    case = look().scalars(select(FollowUp)).one()
    assert f"/follow-ups/{case.id}" in titles(act_as, clock, "police_clerk")


def test_the_confirmed_matching_sets_the_visits_up(world, act_as, look):
    from app.draws.models import Draw

    with act_as("police_clerk") as unit:
        for callback in after_confirm:
            callback(unit, unit.session.get(Draw, world.draw_id))
    assert len(look().scalars(select(Visit)).all()) == 2


@pytest.mark.rule("R-30.1")
def test_the_inspector_of_a_visit_finds_the_number_masked_and_asks_for_it(form, leader, look):
    target = look().get(Visit, form.visit_id).target
    number, page = target.phone, f"/visits/{form.visit_id}"
    assert number
    text = leader.get(page).get_data(as_text=True)
    assert number not in text
    assert mask("phone", number) in text
    asked = {"fields": ["phone"], "reason": "现场联系被检查对象"}
    assert leader.post(f"/personal/target/{target.id}", data=asked).status_code == 302
    assert number in leader.get(page).get_data(as_text=True)
