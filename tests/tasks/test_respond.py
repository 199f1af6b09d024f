"""Participants answer, are reminded, are released; the task goes on or back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.models import Event
from app.kernel.decisions import refused
from app.kernel.errors import Invalid, NotFound, Refused
from app.notifications.models import Message
from app.plans.models import PlanEntry
from app.tasks import queries, services
from app.tasks.models import Task
from app.tasks.places import after_cancelled, cancel_checks
from tests.tasks.conftest import SCHEME, accept_as, agency, item_ids, mails_to, part_of


@pytest.fixture(autouse=True)
def own_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers leaves with it."""
    for place in (after_cancelled, cancel_checks):
        monkeypatch.setattr(place, "_things", list(place._things))


def state(session: Session, task: Task) -> str:
    return session.get(Task, task.id, populate_existing=True).state


def tags(session: Session, task: Task) -> list[str]:
    query = select(Event.tag).where(Event.subject == f"task:{task.id}").order_by(Event.id)
    return list(session.scalars(query))


@pytest.mark.rule("R-23.1")
@pytest.mark.rule("R-21.1")
@pytest.mark.rule("R-21.2")
def test_when_all_have_accepted_the_task_is_ready(pushed: Task, act_as: Any, session: Session) -> None:
    accept_as(act_as, session, pushed, "amr_clerk", "AMR-640100")
    assert state(session, pushed) == "pushed"
    accept_as(act_as, session, pushed, "health_clerk", "HEALTH-640100")
    assert state(session, pushed) == "ready"
    assert tags(session, pushed) == ["task.created", "task.pushed", "task.accepted", "task.accepted"]
    task = queries.get_task(session, pushed.id)
    assert [a.code for a in queries.active_agencies(task)] == ["POLICE-640100", "AMR-640100", "HEALTH-640100"]
    assert len(mails_to(session, "police_clerk")) == 2


@pytest.mark.rule("R-23.1")
def test_an_item_that_is_not_confirmed_leaves_the_task(pushed: Task, act_as: Any, session: Session) -> None:
    own = sorted(item_ids(session, pushed, "AMR-640100"))
    if len(own) == 1:
        foreign = item_ids(session, pushed, "HEALTH-640100")
        with pytest.raises(Refused, match="response_foreign_item"), act_as("amr_clerk") as unit:
            services.accept(unit, pushed.id, foreign)
    with pytest.raises(Refused, match="response_without_item"), act_as("amr_clerk") as unit:
        services.accept(unit, pushed.id, [])
    with act_as("amr_clerk") as unit:
        services.accept(unit, pushed.id, own[:1])
    assert item_ids(session, pushed, "AMR-640100") == {own[0]}


@pytest.mark.rule("R-23.1")
def test_midnight_of_shanghai_divides_in_time_from_late(
    pushed: Task, act_as: Any, session: Session, clock: Any
) -> None:
    due_at = part_of(session, pushed, "AMR-640100").due_at
    clock.at = due_at - timedelta(seconds=1)
    accept_as(act_as, session, pushed, "amr_clerk", "AMR-640100")
    clock.at = due_at
    accept_as(act_as, session, pushed, "health_clerk", "HEALTH-640100")
    assert not part_of(session, pushed, "AMR-640100").late
    assert part_of(session, pushed, "HEALTH-640100").late
    assert state(session, pushed) == "ready"


def test_the_same_answer_twice_is_one_answer_another_one_is_refused(
    pushed: Task, act_as: Any, session: Session
) -> None:
    accept_as(act_as, session, pushed, "amr_clerk", "AMR-640100")
    accept_as(act_as, session, pushed, "amr_clerk", "AMR-640100")
    assert tags(session, pushed).count("task.accepted") == 1
    with pytest.raises(Refused, match="response_given"), act_as("amr_clerk") as unit:
        services.decline(unit, pushed.id, "没有人手")


@pytest.mark.parametrize(
    ("who", "error"),
    [("police_clerk", NotFound), ("office", NotFound), ("amr_admin", Refused), ("amr_reviewer", Refused)],
)
def test_only_a_clerk_of_a_participant_answers(
    pushed: Task, act_as: Any, who: str, error: type[Exception]
) -> None:
    with pytest.raises(error), act_as(who) as unit:
        services.accept(unit, pushed.id, [1])


def test_an_agency_outside_the_task_does_not_see_it(make_entry: Any, act_as: Any) -> None:
    entry = make_entry(partners=("AMR-640100",))
    with act_as("police_clerk") as unit:
        task = services.push_task(unit, services.create_task(unit, entry.id, **SCHEME).id)
    with pytest.raises(NotFound), act_as("health_clerk") as unit:
        services.accept(unit, task.id, [1])


@pytest.mark.rule("R-23.1")
def test_a_decline_needs_a_reason_and_waits_for_the_release(
    pushed: Task, act_as: Any, session: Session
) -> None:
    with pytest.raises(Invalid), act_as("health_clerk") as unit:
        services.decline(unit, pushed.id, "  ")
    with act_as("health_clerk") as unit:
        services.decline(unit, pushed.id, "本期由季度专项覆盖")
    accept_as(act_as, session, pushed, "amr_clerk", "AMR-640100")
    assert state(session, pushed) == "pushed"
    part = part_of(session, pushed, "HEALTH-640100")
    with pytest.raises(Invalid), act_as("police_clerk") as unit:
        services.release(unit, part.id, "")
    with act_as("police_clerk") as unit:
        services.release(unit, part.id, "同意")
    assert state(session, pushed) == "ready"
    assert item_ids(session, pushed, "HEALTH-640100") == set()
    assert any(m.kind == "task.released" for m in session.scalars(select(Message)))
    assert mails_to(session, "office")[-1].subject.startswith(agency(session, "HEALTH-640100").name)


@pytest.mark.rule("R-23.1")
def test_silence_can_be_released_after_two_more_working_days(
    pushed: Task, act_as: Any, session: Session, clock: Any
) -> None:
    part = part_of(session, pushed, "HEALTH-640100")
    accept_as(act_as, session, pushed, "amr_clerk", "AMR-640100")
    clock.at = part.due_at + timedelta(days=2, seconds=-1)
    with pytest.raises(Refused, match="release_too_early"), act_as("police_clerk") as unit:
        services.release(unit, part.id, "未响应")
    clock.advance(seconds=1)
    with act_as("police_clerk") as unit:
        services.release(unit, part.id, "未响应")
    released = part_of(session, pushed, "HEALTH-640100")
    assert (released.state, released.late) == ("released", True)
    assert state(session, pushed) == "ready"
    with pytest.raises(Refused, match="response_released"), act_as("health_clerk") as unit:
        services.accept(unit, pushed.id, [1])


@pytest.mark.rule("R-21.1")
@pytest.mark.rule("R-23.1")
def test_with_one_agency_left_it_goes_back_to_draft_and_can_be_pushed_again(
    pushed: Task, act_as: Any, session: Session, clock: Any
) -> None:
    for who, code in (("amr_clerk", "AMR-640100"), ("health_clerk", "HEALTH-640100")):
        with act_as(who) as unit:
            services.decline(unit, pushed.id, "没有人手")
        with act_as("police_clerk") as unit:
            services.release(unit, part_of(unit.session, pushed, code).id, "同意")
    assert state(session, pushed) == "draft"
    clock.advance(days=1)
    with act_as("police_clerk") as unit:
        services.push_task(unit, pushed.id)
    part = part_of(session, pushed, "AMR-640100")
    assert (part.state, part.reason, part.responded_at) == ("pending", "", None)
    assert part.due_at.isoformat() == "2026-11-26T16:00:00+00:00"
    assert len([m for m in mails_to(session, "amr_clerk") if "/tasks/respond/" in m.body]) == 2
    accept_as(act_as, session, pushed, "amr_clerk", "AMR-640100")
    assert part_of(session, pushed, "AMR-640100").state == "accepted"


def test_another_agency_cannot_release(pushed: Task, act_as: Any, session: Session) -> None:
    with act_as("health_clerk") as unit:
        services.decline(unit, pushed.id, "没有人手")
    with pytest.raises(Refused, match="other_agency"), act_as("amr_clerk") as unit:
        services.release(unit, part_of(unit.session, pushed, "HEALTH-640100").id, "同意")


@pytest.mark.rule("R-23.1")
def test_the_clock_three_days_on_there_is_one_reminder(
    pushed: Task, act_as: Any, act_as_system: Any, session: Session, clock: Any
) -> None:
    accept_as(act_as, session, pushed, "amr_clerk", "AMR-640100")
    with act_as_system() as unit:
        assert services.remind(unit) == 0
    clock.advance(days=3)
    for expected in (1, 0, 0):
        with act_as_system() as unit:
            assert services.remind(unit) == expected
        clock.advance(minutes=1)
    reminders = [m for m in session.scalars(select(Message)) if m.kind == "task.reminder"]
    assert len(reminders) == 1
    assert len(mails_to(session, "health_clerk")) == 2
    assert len(mails_to(session, "amr_clerk")) == 1
    assert tags(session, pushed).count("task.reminded") == 1


def test_the_reminder_comes_at_nine_of_the_last_day(
    pushed: Task, act_as_system: Any, session: Session, clock: Any
) -> None:
    due_at = part_of(session, pushed, "AMR-640100").due_at
    clock.at = due_at - timedelta(hours=15, seconds=1)
    with act_as_system() as unit:
        assert services.remind(unit) == 0
    clock.advance(seconds=1)
    with act_as_system() as unit:
        assert services.remind(unit) == 2


@pytest.mark.rule("R-23.2")
def test_overdue_answers_of_all_levels_stand_on_the_regions_list(
    pushed: Task, act_as: Any, session: Session, clock: Any
) -> None:
    accept_as(act_as, session, pushed, "amr_clerk", "AMR-640100")
    clock.advance(days=3)
    for who in ("region_office", "office"):
        with act_as(who) as unit:
            found = queries.overdue_responses(unit.session, now=clock.now())
            assert [p.agency.code for p in found] == ["HEALTH-640100"]
            assert queries.count_overdue(unit.session, clock.now()) == 1
    with act_as("police_clerk") as unit:
        path = "640000/640100"
        assert len(queries.overdue_responses(unit.session, path, now=clock.now())) == 1
        assert queries.overdue_responses(unit.session, "640000/640200", now=clock.now()) == []


@pytest.mark.rule("R-23.2")
def test_late_stays_late_and_the_reason_can_be_stated(
    pushed: Task, act_as: Any, session: Session, clock: Any
) -> None:
    with pytest.raises(Refused, match="response_not_overdue"), act_as("health_clerk") as unit:
        services.state_overdue_reason(unit, pushed.id, "培训")
    clock.advance(days=3)
    with act_as("health_clerk") as unit:
        services.state_overdue_reason(unit, pushed.id, "系统培训，未及时登录")
    accept_as(act_as, session, pushed, "health_clerk", "HEALTH-640100")
    part = part_of(session, pushed, "HEALTH-640100")
    assert (part.state, part.late, part.overdue_reason) == ("accepted", True, "系统培训，未及时登录")
    late = queries.overdue_responses(session, now=clock.now())
    assert "HEALTH-640100" in {p.agency.code for p in late}
    still = queries.overdue_responses(session, now=clock.now(), open_only=True)
    assert {p.agency.code for p in still} == {"AMR-640100"}


@pytest.mark.rule("R-21.1")
@pytest.mark.rule("R-6.1")
def test_higher_domains_move_it_step_by_step_only(
    pushed: Task, act_as: Any, session: Session, entry: PlanEntry
) -> None:
    with pytest.raises(Refused, match="task_wrong_state"), act_as("police_clerk") as unit:
        services.note_drawn(unit, pushed.id)
    accept_as(act_as, session, pushed, "amr_clerk", "AMR-640100")
    accept_as(act_as, session, pushed, "health_clerk", "HEALTH-640100")
    with pytest.raises(Refused, match="task_wrong_state"), act_as("police_clerk") as unit:
        services.note_matched(unit, pushed.id)
    with act_as("police_clerk") as unit:
        services.note_draw_void(unit, pushed.id)
        services.note_drawn(unit, pushed.id)
        services.note_draw_void(unit, pushed.id)
        assert unit.session.get(Task, pushed.id).state == "ready"
        services.note_drawn(unit, pushed.id)
        services.note_matched(unit, pushed.id)
    with act_as("health_reviewer") as unit:
        services.note_checking(unit, pushed.id)
        services.note_checking(unit, pushed.id)
        services.note_closed(unit, pushed.id)
        services.note_archived(unit, pushed.id)
        services.note_archived(unit, pushed.id)
    assert state(session, pushed) == "archived"
    assert session.get(PlanEntry, entry.id, populate_existing=True).state == "done"
    assert tags(session, pushed)[4:] == [
        "task.drawn",
        "task.draw_void",
        "task.drawn",
        "task.matched",
        "task.checking",
        "task.closed",
        "task.archived",
    ]


def test_a_task_is_cancelled_with_a_reason_before_the_draw_and_the_entry_is_free_again(
    pushed: Task, act_as: Any, session: Session, entry: PlanEntry
) -> None:
    heard = []
    after_cancelled.add(lambda unit, task: heard.append((task.id, task.cancel_reason)))
    with pytest.raises(Invalid), act_as("police_clerk") as unit:
        services.cancel_task(unit, pushed.id, " ")
    with act_as("police_clerk") as unit:
        services.cancel_task(unit, pushed.id, "与专项整治重复")
    assert (state(session, pushed), heard) == ("cancelled", [(pushed.id, "与专项整治重复")])
    assert session.get(PlanEntry, entry.id, populate_existing=True).state == "published"
    assert "与专项整治重复" in mails_to(session, "amr_clerk")[-1].body
    with act_as("police_clerk") as unit:
        assert services.create_task(unit, entry.id, **SCHEME).no == "6401-2026-0002"


def test_after_the_draw_nothing_is_cancelled(pushed: Task, act_as: Any, session: Session) -> None:
    accept_as(act_as, session, pushed, "amr_clerk", "AMR-640100")
    accept_as(act_as, session, pushed, "health_clerk", "HEALTH-640100")
    with act_as("police_clerk") as unit:
        services.note_drawn(unit, pushed.id)
    with pytest.raises(Refused, match="task_wrong_state"), act_as("police_clerk") as unit:
        services.cancel_task(unit, pushed.id, "不想查了")


def test_a_higher_domain_can_hold_the_cancellation(pushed: Task, act_as: Any, session: Session) -> None:
    cancel_checks.add(lambda session, task: refused("draw_under_way"))
    with pytest.raises(Refused, match="draw_under_way"), act_as("police_clerk") as unit:
        services.cancel_task(unit, pushed.id, "撤回")
    assert session.scalar(select(func.count()).select_from(Event).where(Event.tag == "task.cancelled")) == 0
