"""Publishing is a row and a job; the job writes the record once, however often it runs."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text

from app.audit.models import Event
from app.inspections.models import CheckForm
from app.inspections.rules import FormState
from app.jobs.models import Outbox
from app.kernel.errors import NotFound, Refused
from app.publicity import due, services
from app.publicity.models import Publication, PublicRecord
from app.tasks.models import Task


@pytest.fixture
def result(session):
    """A delivered publication of a result."""
    return session.scalars(
        select(Publication).where(Publication.kind == "result", Publication.state == "delivered").limit(1)
    ).one()


def clerk_of(publication):
    return f"{publication.agency.code.partition('-')[0].lower()}_clerk"


def history_of(session, table, row_id):
    return session.scalar(
        text("SELECT count(*) FROM row_history WHERE table_name = :t AND row_id = :r"),
        {"t": table, "r": str(row_id)},
    )


@pytest.mark.rule("R-27.1")
def test_the_journey_published_every_result_in_time_by_the_agency_that_checked(session):
    forms = session.scalars(select(CheckForm)).all()
    found = {
        p.subject_key: p for p in session.scalars(select(Publication).where(Publication.kind == "result"))
    }
    assert forms
    for form in forms:
        publication = found[form.no]
        assert form.state == FormState.PUBLISHED
        assert publication.agency_id == form.agency_id
        assert publication.delivered_at < publication.due_at == form.publish_due_at


@pytest.mark.rule("R-27.1")
def test_the_job_runs_twice_with_one_effect(session, act_as_system, result):
    record = session.scalars(select(PublicRecord).where(PublicRecord.key == result.subject_key)).one()
    result_id, record_id = result.id, record.id
    with act_as_system() as unit:
        row = unit.session.get(Publication, result_id)
        row.state = "queued"
    with act_as_system() as unit:
        services.deliver(unit, result_id)
    changes = history_of(session, "public_record", record_id)
    events = session.scalar(select(func.count()).select_from(Event.__table__))
    with act_as_system() as unit:
        assert services.deliver(unit, result_id) is None
    assert history_of(session, "public_record", record_id) == changes
    assert session.scalar(select(func.count()).select_from(Event.__table__)) == events


@pytest.mark.rule("R-27.1")
def test_publishing_again_updates_the_record_and_keeps_the_earlier_version(
    session, act_as_system, clock, result
):
    result_id, key, form_id = result.id, result.subject_key, result.subject_id
    before = session.scalars(select(PublicRecord).where(PublicRecord.key == key)).one()
    record_id, published, changes = (
        before.id,
        before.published_at,
        history_of(session, "public_record", before.id),
    )
    clock.advance(days=1)
    with act_as_system() as unit:
        services.publish_result(unit, unit.session.get(CheckForm, form_id))
        services.deliver(unit, result_id)
    after = session.get(PublicRecord, record_id, populate_existing=True)
    assert (after.published_at, after.updated_at > published) == (published, True)
    assert history_of(session, "public_record", record_id) == changes + 1


@pytest.mark.rule("R-27.1")
def test_what_fails_says_why_and_is_tried_again_by_the_outbox(session, act_as_system, act_as, clock, result):
    result_id, form_id, clerk = result.id, result.subject_id, clerk_of(result)
    with act_as_system() as unit:
        form = unit.session.get(CheckForm, form_id)
        form.task.name = "联系 13800138000"
        services.publish_result(unit, form)
        services.deliver(unit, result_id)
        failed = unit.session.get(Publication, result_id)
        assert (failed.state, failed.attempts) == ("failed", 1)
        assert "task_name" in failed.error
        key = f"publicity:{failed.id}:{failed.revision}"
    row = session.scalars(select(Outbox).where(Outbox.key == key)).one()
    assert row.due_at > clock.now()
    with act_as(clerk) as unit:
        assert [line.kind for line in due.lines(unit.session, unit.actor, clock)] == ["failed"]
        assert services.try_again(unit, result_id).state == "queued"


@pytest.mark.rule("R-30.1")
def test_a_foreign_agency_can_neither_withdraw_nor_see_a_publication(act_as, session, result):
    result_id, own = result.id, clerk_of(result)
    foreign = next(name for name in ("amr_clerk", "health_clerk", "police_clerk") if name != own)
    with pytest.raises(NotFound), act_as(foreign) as unit:
        services.withdraw(unit, result_id, "误录")


@pytest.mark.rule("R-27.1")
def test_a_withdrawn_result_leaves_the_pages_and_comes_back_only_by_a_person(
    act_as, act_as_system, client_as, session, result
):
    result_id, key, form_id, clerk = result.id, result.subject_key, result.subject_id, clerk_of(result)
    with pytest.raises(Refused), act_as(clerk) as unit:
        services.withdraw(unit, result_id, " ")
    with act_as(clerk) as unit:
        services.withdraw(unit, result_id, "误录")
    assert client_as(None).get(f"/public/results/{key}.json").status_code == 404
    assert key not in client_as(None).get("/public/results").text
    with act_as_system() as unit:
        assert services.publish_result(unit, unit.session.get(CheckForm, form_id)) is None
    with act_as(clerk) as unit:
        services.try_again(unit, result_id)
    with act_as_system() as unit:
        services.deliver(unit, result_id)
    assert client_as(None).get(f"/public/results/{key}.json").status_code == 200


@pytest.mark.rule("R-24.1")
def test_a_draw_is_not_withdrawn(act_as, session):
    draw = session.scalars(select(Publication).where(Publication.kind == "draw")).one()
    draw_id, clerk = draw.id, clerk_of(draw)
    with pytest.raises(Refused) as refusal, act_as(clerk) as unit:
        services.withdraw(unit, draw_id, "x")
    assert refusal.value.code == "draw_stays_public"


def test_the_reason_of_a_cancelled_task_stands_in_its_plan(act_as_system, client_as, session, journey):
    with act_as_system() as unit:
        task = unit.session.get(Task, journey["task"])
        task.state, task.cancel_reason = "cancelled", "两个部门的检查已合并"
        plan_publication = services.publish_cancellation(unit, task)
        plan_no = task.entry.plan.no
        services.deliver(unit, plan_publication)
    assert "两个部门的检查已合并" in client_as(None).get(f"/public/plans/{plan_no}").text


def test_an_approved_result_that_is_exempted_in_time_is_not_published(act_as_system, session, result):
    result_id, form_id = result.id, result.subject_id
    with act_as_system() as unit:
        form = unit.session.get(CheckForm, form_id)
        services.publish_result(unit, form)
        form.state, form.exempt_basis, form.exempt_by = "exempt", "涉及商业秘密", "u1"
        unit.session.flush()
        assert services.deliver(unit, result_id) is None
    assert session.get(Publication, result_id, populate_existing=True) is None


def test_the_staff_list_shows_the_own_publications_and_the_acts(client_as, session, result):
    result_id, key, clerk = result.id, result.subject_key, clerk_of(result)
    foreign = next(name for name in ("amr_clerk", "health_clerk", "police_clerk") if name != clerk)
    assert key in client_as(clerk).get("/publications/").text
    assert key not in client_as(foreign).get("/publications/").text
    assert client_as(foreign).get(f"/publications/{result_id}").status_code == 404
    page = client_as(clerk).post(f"/publications/{result_id}/withdraw", data={"reason": ""})
    assert "请说明撤回原因" in page.text
    assert (
        client_as(clerk).post(f"/publications/{result_id}/withdraw", data={"reason": "误录"}).status_code
        == 302
    )
    assert "误录" in client_as(clerk).get(f"/publications/{result_id}").text
    assert client_as("sysadmin").get("/publications/").status_code == 404
