"""A task is made from a published entry, and pushed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.models import Event
from app.item_lists.models import ItemList
from app.kernel.errors import Invalid, NotFound, Refused, Stale
from app.notifications.models import Message
from app.plans.models import Plan, PlanEntry
from app.tasks import services
from app.tasks.models import Participant, Task, TaskCounter, TaskItem
from app.tasks.rules import Scheme
from tests.tasks.conftest import SCHEME, agency, item_ids, mails_to, part_of


@pytest.mark.rule("R-22.1")
def test_a_task_takes_over_agencies_items_scope_and_numbers_from_its_entry(
    draft: Task, entry: PlanEntry
) -> None:
    assert draft.no == "6401-2026-0001"
    assert (draft.state, draft.name, draft.rule, draft.selection) == (
        "draft",
        entry.name,
        entry.rule,
        entry.selection,
    )
    assert {p.agency.code for p in draft.participants} == {"AMR-640100", "HEALTH-640100"}
    assert {(i.agency_id, i.item_id) for i in draft.items} == {
        (p.agency_id, p.item_id) for p in entry.participants
    }


def test_numbers_follow_each_other_without_a_gap(make_entry: Any, act_as: Any, session: Session) -> None:
    numbers = []
    for _ in range(2):
        entry = make_entry()
        with act_as("police_clerk") as unit:
            numbers.append(services.create_task(unit, entry.id, **SCHEME).no)
        with pytest.raises(Refused), act_as("police_clerk") as unit:
            services.create_task(unit, entry.id, **{**SCHEME, "content": "x"})
    assert numbers == ["6401-2026-0001", "6401-2026-0002"]
    assert session.scalar(select(TaskCounter.last)) == 2


def test_the_same_scheme_sent_twice_makes_one_task(
    draft: Task, entry: PlanEntry, act_as: Any, session: Session
) -> None:
    with act_as("police_clerk") as unit:
        assert services.create_task(unit, entry.id, **SCHEME).id == draft.id
    assert session.scalar(select(func.count()).select_from(Task)) == 1


def test_an_entry_has_one_open_task(draft: Task, entry: PlanEntry, act_as: Any) -> None:
    with pytest.raises(Refused, match="entry_has_open_task"), act_as("police_clerk") as unit:
        services.create_task(unit, entry.id, **{**SCHEME, "content": "另一个方案"})


@pytest.mark.rule("R-2.1")
def test_an_entry_of_one_agency_makes_no_joint_task(make_entry: Any, act_as: Any) -> None:
    entry = make_entry(partners=())
    with pytest.raises(Refused, match="task_too_few_agencies"), act_as("police_clerk") as unit:
        services.create_task(unit, entry.id, **SCHEME)


@pytest.mark.rule("R-2.1")
def test_items_can_be_left_out_but_not_the_second_agency(
    entry: PlanEntry, act_as: Any, session: Session
) -> None:
    police = agency(session, "POLICE-640100").id
    health = agency(session, "HEALTH-640100").id
    others = {p.item_id for p in entry.participants if p.agency_id != police}
    with pytest.raises(Refused, match="task_too_few_agencies"), act_as("police_clerk") as unit:
        services.create_task(unit, entry.id, **SCHEME, withhold=others)
    own = {p.item_id for p in entry.participants if p.agency_id == health}
    with act_as("police_clerk") as unit:
        task = services.create_task(unit, entry.id, **SCHEME, withhold=own)
        assert [p.agency.code for p in task.participants] == ["AMR-640100"]


@pytest.mark.rule("N-1")
def test_an_item_of_a_list_that_is_not_published_is_refused_at_making_and_at_push(
    make_entry: Any, act_as: Any, session: Session
) -> None:
    entry = make_entry()
    with act_as("police_clerk") as unit:
        task = services.create_task(unit, entry.id, **SCHEME)
    item = entry.participants[0].item
    session.get(ItemList, item.list_id).state = "draft"
    session.commit()
    with pytest.raises(Refused, match="task_items_not_published") as caught, act_as("police_clerk") as unit:
        services.push_task(unit, task.id)
    assert item.name in caught.value.facts["items"]
    other = make_entry()
    with pytest.raises(Refused, match="task_items_not_published"), act_as("police_clerk") as unit:
        services.create_task(unit, other.id, **SCHEME)


@pytest.mark.rule("N-1")
def test_an_item_of_last_years_list_is_refused(make_entry: Any, act_as: Any, session: Session) -> None:
    entry = make_entry()
    session.get(ItemList, entry.participants[0].item.list_id).year = 2025
    session.commit()
    with pytest.raises(Refused, match="task_items_not_published"), act_as("police_clerk") as unit:
        services.create_task(unit, entry.id, **SCHEME)


def test_only_a_published_joint_entry_is_a_ground(
    make_entry: Any, joint_plan: Plan, act_as: Any, session: Session
) -> None:
    entry = make_entry()
    session.get(Plan, joint_plan.id).state = "approved"
    session.commit()
    with pytest.raises(NotFound), act_as("police_clerk") as unit:
        services.create_task(unit, entry.id, **SCHEME)
    session.get(Plan, joint_plan.id).state = "published"


def test_an_entry_whose_task_is_done_can_have_another(make_entry: Any, act_as: Any, session: Session) -> None:
    entry = make_entry()
    session.get(PlanEntry, entry.id).state = "done"
    session.commit()
    with act_as("police_clerk") as unit:
        task = services.create_task(unit, entry.id, **SCHEME)
        services.push_task(unit, task.id)
    session.expire_all()
    assert session.get(PlanEntry, entry.id).state == "in_progress"


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("amr_clerk", "other_agency"),
        ("police_admin", "role_missing"),
        ("police_reviewer", "role_missing"),
        ("office", "role_missing"),
    ],
)
def test_only_a_clerk_of_the_initiator_makes_it(entry: PlanEntry, act_as: Any, who: str, code: str) -> None:
    with pytest.raises(Refused, match=code), act_as(who) as unit:
        services.create_task(unit, entry.id, **SCHEME)


@pytest.mark.rule("R-22.1")
def test_a_faulty_scheme_leaves_nothing_behind(entry: PlanEntry, act_as: Any, session: Session) -> None:
    with pytest.raises(Invalid) as caught, act_as("police_clerk") as unit:
        services.create_task(unit, entry.id, **{**SCHEME, "content": "", "announced": True})
    assert {f.field for f in caught.value.faults} == {"content", "announced_reason"}
    assert session.scalar(select(func.count()).select_from(Task)) == 0
    assert session.scalar(select(func.count()).select_from(TaskCounter)) == 0


def test_a_draft_that_somebody_changed_meanwhile_is_not_overwritten(
    draft: Task, act_as: Any, session: Session
) -> None:
    seen = draft.version
    first, second = (Scheme(text, SCHEME["period_from"], SCHEME["period_to"]) for text in ("甲", "乙"))
    with act_as("police_clerk") as unit:
        services.change_scheme(unit, draft.id, version=seen, scheme=first)
    with pytest.raises(Stale) as caught, act_as("police_clerk") as unit:
        services.change_scheme(unit, draft.id, version=seen, scheme=second)
    assert caught.value.facts["changes"] == [{"field": "content", "theirs": "甲", "yours": "乙"}]
    assert session.get(Task, draft.id, populate_existing=True).content == "甲"


@pytest.mark.rule("R-21.1")
def test_a_pushed_scheme_stands(pushed: Task, act_as: Any) -> None:
    with pytest.raises(Refused, match="task_wrong_state"), act_as("police_clerk") as unit:
        services.change_scheme(
            unit, pushed.id, version=pushed.version, scheme=Scheme("x", date(2026, 12, 1), date(2026, 12, 2))
        )


@pytest.mark.rule("R-21.1")
@pytest.mark.rule("R-23.1")
def test_a_push_asks_every_clerk_with_the_deadline(pushed: Task, session: Session, entry: PlanEntry) -> None:
    assert pushed.state == "pushed"
    assert session.get(PlanEntry, entry.id, populate_existing=True).state == "in_progress"
    for code, clerk in (("AMR-640100", "amr_clerk"), ("HEALTH-640100", "health_clerk")):
        part = part_of(session, pushed, code)
        assert part.due_at.isoformat() == "2026-11-25T16:00:00+00:00"
        assert not part.due_provisional
        (mail,) = mails_to(session, clerk)
        assert pushed.no in mail.subject
        assert "2026-11-25 24:00" in mail.subject
        assert "/tasks/respond/" in mail.body
    assert mails_to(session, "police_clerk") == []


@pytest.mark.rule("R-21.2")
def test_the_second_push_changes_nothing(pushed: Task, act_as: Any, session: Session) -> None:
    with act_as("police_clerk") as unit:
        services.push_task(unit, pushed.id)
    assert session.scalar(select(func.count()).select_from(Event).where(Event.tag == "task.pushed")) == 1
    assert session.scalar(select(func.count()).select_from(Message).where(Message.kind == "task.pushed")) == 2


@pytest.mark.rule("R-2.1")
def test_a_task_without_a_participant_is_not_pushed(draft: Task, act_as: Any, session: Session) -> None:
    task = session.get(Task, draft.id)
    for row in session.scalars(select(TaskItem).where(TaskItem.agency_id != task.initiator_id)):
        session.delete(row)
    for part in session.scalars(select(Participant)):
        session.delete(part)
    session.commit()
    with pytest.raises(Refused, match="task_too_few_agencies"), act_as("police_clerk") as unit:
        services.push_task(unit, draft.id)
    assert session.get(Task, draft.id, populate_existing=True).state == "draft"


def test_another_agency_cannot_push_it_nor_see_the_draft(draft: Task, act_as: Any) -> None:
    with pytest.raises(NotFound), act_as("amr_clerk") as unit:
        services.push_task(unit, draft.id)


@pytest.mark.rule("R-23.1")
def test_in_2027_the_deadline_is_provisional_and_the_task_goes_on(
    make_entry: Any, joint_plan: Plan, act_as: Any, session: Session, clock: Any
) -> None:
    for row in session.scalars(select(ItemList)):
        row.year = 2027
    session.get(Plan, joint_plan.id).year = 2027
    session.commit()
    clock.advance(days=120)
    entry = make_entry()
    scheme = {**SCHEME, "period_from": date(2027, 4, 1), "period_to": date(2027, 4, 30)}
    with act_as("police_clerk") as unit:
        task = services.push_task(unit, services.create_task(unit, entry.id, **scheme).id)
    assert task.no == "6401-2027-0001"
    assert part_of(session, task, "AMR-640100").due_provisional
    assert "暂定" in mails_to(session, "amr_clerk")[0].subject
    assert item_ids(session, task, "AMR-640100")
