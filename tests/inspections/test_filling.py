"""Inspectors save and submit; nobody else does, nothing is lost, nothing is pre-chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from app.audit.models import Event
from app.directories.inspectors.models import Inspector
from app.draws.models import Draw
from app.inspections import services
from app.inspections.models import CheckForm
from app.inspections.queries import choices
from app.inspections.rules import FormEntry, LineEntry
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.matching.models import Assignment
from app.notifications.models import Message
from app.tasks.models import Task
from tests.inspections.world import DAY, entry_for, form_of

POLICE = "POLICE-640100"


@pytest.fixture
def form(approved, look):
    return form_of(look(), approved, POLICE)


@pytest.fixture
def leader(approved):
    return approved.people[POLICE][0]


def test_the_first_save_begins_the_checks_and_keeps_a_half_filled_form(form, leader, act_as, look):
    with act_as(leader) as unit:
        services.save_form(unit, form.id, FormEntry(accompanied_by="王五（协助）", version=form.version))
    session = look()
    stored = session.get(CheckForm, form.id)
    assert (stored.state, stored.accompanied_by, stored.result_id) == ("saved", "王五（协助）", None)
    assert session.get(Task, form.task_id).state == "checking"
    assert session.scalar(select(func.count()).where(Event.tag == "form.saved")) == 1


@pytest.mark.rule("R-26.1")
def test_a_form_without_a_result_is_not_submitted(form, leader, act_as, look):
    with pytest.raises(Invalid) as caught, act_as(leader) as unit:
        services.submit_form(unit, form.id, entry_for(form, None))
    assert [(f.field, f.code) for f in caught.value.faults] == [("result", "result_missing")]
    assert look().get(CheckForm, form.id).state == "not_started"


@pytest.mark.rule("R-26.1")
def test_a_problem_without_text_is_not_submitted(form, leader, act_as, result_ids):
    with pytest.raises(Invalid) as caught, act_as(leader) as unit:
        services.submit_form(unit, form.id, entry_for(form, result_ids["G"], disposition_code="3"))
    assert [(f.field, f.code) for f in caught.value.faults] == [("problem_text", "problem_needs_text")]


@pytest.mark.parametrize("code", ["A", "2", "B"])
def test_headings_and_results_of_other_lines_cannot_be_chosen(form, leader, act_as, result_ids, code):
    for verb in (services.save_form, services.submit_form):
        with pytest.raises(Invalid) as caught, act_as(leader) as unit:
            verb(unit, form.id, entry_for(form, result_ids[code]))
        assert ("result", "not_a_choice") in {(f.field, f.code) for f in caught.value.faults}


def test_each_line_of_business_has_its_own_results(session):
    assert "G" in {row.code for row in choices(session, "police")}
    assert "G" not in {row.code for row in choices(session, "amr")}
    assert {"B", "C", "D", "3", "4"} <= {row.code for row in choices(session, "amr")}
    assert not {"A", "2"} & {row.code for row in choices(session, "amr")}
    assert {row.scheme for row in choices(session, "amr")} == {"second_generation"}


@pytest.mark.rule("R-27.1")
def test_a_submitted_form_has_its_publication_deadline(submit, look):
    form = submit(POLICE)
    assert form.state == "submitted"
    stored = look().get(CheckForm, form.id)
    assert stored.publish_due_at.isoformat() == "2026-12-21T16:00:00+00:00"
    assert not stored.publish_due_provisional


def test_the_reviewers_are_told_of_a_submission(submit, look):
    form = submit(POLICE)
    links = look().scalars(select(Message.link).where(Message.kind == "inspections.submitted")).all()
    assert links == [f"/reviews/{form.id}"] * 2


def test_the_same_submission_twice_is_one(form, leader, act_as, look, result_ids):
    entry = entry_for(form, result_ids["1"])
    for _ in range(2):
        with act_as(leader) as unit:
            assert services.submit_form(unit, form.id, entry).state == "submitted"
    assert look().scalar(select(func.count()).where(Event.tag == "form.submitted")) == 1


def test_a_colleague_s_second_submission_is_refused(form, approved, act_as, result_ids):
    entry = entry_for(form, result_ids["1"])
    with act_as(approved.people[POLICE][0]) as unit:
        services.submit_form(unit, form.id, entry)
    with pytest.raises(Refused, match="form_wrong_state"), act_as(approved.people[POLICE][1]) as unit:
        services.submit_form(unit, form.id, entry)


def test_what_somebody_changed_meanwhile_is_shown_with_the_difference(form, approved, act_as, look):
    first, second = approved.people[POLICE]
    key = form.lines[0]["key"]
    seen = form.version
    with act_as(first) as unit:
        services.save_form(
            unit, form.id, FormEntry(problem_text="甲", lines={key: LineEntry("ok")}, version=seen)
        )
    with pytest.raises(Stale) as caught, act_as(second) as unit:
        services.save_form(unit, form.id, FormEntry(problem_text="乙", version=seen))
    changes = {c["field"]: (c["theirs"], c["yours"]) for c in caught.value.facts["changes"]}
    assert changes == {"problem_text": ("甲", "乙"), f"line-{key}": ("ok", "")}
    assert look().get(CheckForm, form.id).problem_text == "甲"


def test_saving_the_same_again_changes_nothing(form, leader, act_as, look):
    entry = FormEntry(problem_text="甲", version=form.version)
    for _ in range(2):
        with act_as(leader) as unit:
            services.save_form(unit, form.id, entry)
    assert look().scalar(select(func.count()).where(Event.tag == "form.saved")) == 1


@pytest.mark.rule("N-6")
@pytest.mark.parametrize("who", ["idle", "police_clerk", "police_reviewer"])
def test_whoever_is_not_assigned_neither_saves_nor_submits(form, approved, act_as, result_ids, who):
    name = approved.idle[POLICE] if who == "idle" else who
    for verb in (services.save_form, services.submit_form):
        with pytest.raises(Refused, match="not_assigned"), act_as(name) as unit:
            verb(unit, form.id, entry_for(form, result_ids["1"]))


@pytest.mark.rule("N-6")
def test_an_inspector_of_another_agency_does_not_fill_this_agency_s_form(form, approved, act_as, result_ids):
    with pytest.raises(Refused, match="not_assigned"), act_as(approved.people["AMR-640100"][0]) as unit:
        services.submit_form(unit, form.id, entry_for(form, result_ids["1"]))


@pytest.mark.rule("N-6")
def test_a_recused_inspector_no_longer_fills_the_form(
    form, approved, leader, act_as, act_as_system, result_ids
):
    with act_as_system() as unit:
        unit.session.execute(
            update(Assignment)
            .where(Assignment.drawn_target_id == approved.drawn_ids[0], Assignment.role == "lead")
            .values(state="recused", reason="亲属")
        )
    with pytest.raises(Refused, match="not_assigned"), act_as(leader) as unit:
        services.submit_form(unit, form.id, entry_for(form, result_ids["1"]))


@pytest.mark.rule("N-6")
def test_an_expired_certificate_stops_the_submission(
    form, leader, approved, act_as, act_as_system, result_ids, look
):
    inspector = look().scalars(select(Inspector).where(Inspector.user.has(username=leader))).one()
    with act_as_system() as unit:
        unit.session.execute(
            update(Inspector)
            .where(Inspector.id == inspector.id)
            .values(certificate_until=DAY - timedelta(days=1))
        )
    with pytest.raises(Refused, match="not_certified"), act_as(leader) as unit:
        services.submit_form(unit, form.id, entry_for(form, result_ids["1"]))


@pytest.mark.rule("R-15.3")
def test_one_inspector_alone_does_not_submit_a_check_on_site(
    form, approved, leader, act_as, act_as_system, result_ids
):
    with act_as_system() as unit:
        unit.session.execute(
            update(Assignment)
            .where(Assignment.drawn_target_id == approved.drawn_ids[0], Assignment.role == "member")
            .values(state="recused", reason="亲属")
        )
    with pytest.raises(Refused, match="too_few_inspectors"), act_as(leader) as unit:
        services.submit_form(unit, form.id, entry_for(form, result_ids["1"]))


@pytest.mark.rule("N-4")
def test_a_visit_before_its_approval_is_not_submitted(form, leader, act_as, result_ids):
    early = date(2026, 11, 21)
    with pytest.raises(Invalid) as caught, act_as(leader) as unit:
        services.submit_form(unit, form.id, entry_for(form, result_ids["1"], started_on=early))
    assert [(f.field, f.code) for f in caught.value.faults] == [("started_on", "visit_before_approval")]


def test_days_the_wrong_way_round_are_not_even_saved(form, leader, act_as):
    with pytest.raises(Invalid) as caught, act_as(leader) as unit:
        services.save_form(
            unit, form.id, FormEntry(started_on=DAY, ended_on=date(2026, 11, 1), version=form.version)
        )
    assert [(f.field, f.code) for f in caught.value.faults] == [("ended_on", "days_out_of_order")]


def test_a_form_of_another_region_is_not_there(form, approved, act_as, look, result_ids):
    stranger = (
        look()
        .scalars(
            select(Inspector)
            .where(Inspector.agency.has(code="POLICE-640200"), Inspector.user_id.is_not(None))
            .limit(1)
        )
        .one()
    )
    form_id, entry, name = form.id, entry_for(form, result_ids["1"]), stranger.user.username
    with pytest.raises(NotFound), act_as(name) as unit:
        services.save_form(unit, form_id, replace(entry))


@pytest.mark.rule("R-26.1")
def test_the_sealed_draw_opens_with_the_last_form(approved, submit, look):
    for number in (0, 1):
        for agency in approved.people:
            assert look().get(Draw, approved.draw_id).state == "drawn"
            submit(agency, number)
    assert look().get(Draw, approved.draw_id).state == "opened"
