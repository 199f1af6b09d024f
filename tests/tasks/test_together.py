"""Several people at the same moment, on a database of their own; and the schedule that reminds."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit.models import Event
from app.db import Actor, Unit, db, unit_of_work
from app.jobs.registry import find_job
from app.kernel.clock import FixedClock, today
from app.kernel.errors import Refused
from app.notifications.models import Message
from app.security.models import Account
from app.security.queries import actor_of, memberships_of, scope_for
from app.security.scope import Scope
from app.tasks import services
from app.tasks.models import Participant, Task
from tests.tasks.conftest import SCHEME, agency, new_entry, new_plan


@pytest.fixture
def at_once(own_app: Flask, clock: FixedClock) -> Callable[..., list[Any]]:
    """Run acts in threads, each as a person in a session of its own; give what each returned or raised."""

    def run(*acts: tuple[str, Callable[[Unit], Any]]) -> list[Any]:
        def one(pair: tuple[str, Callable[[Unit], Any]]) -> Any:
            name, act = pair
            with own_app.app_context():
                orm = db.session()
                account = orm.scalars(select(Account).where(Account.username == name)).one()
                membership = memberships_of(orm, account.id)[0]
                actor, scope = actor_of(membership, today(clock)), scope_for(orm, membership, today(clock))
                orm.rollback()
                try:
                    with unit_of_work(actor, scope, clock) as unit:
                        return act(unit)
                except Refused as error:
                    return error.code

        with ThreadPoolExecutor(len(acts)) as pool:
            return list(pool.map(one, acts))

    return run


def entries(own_app: Flask, number: int) -> list[int]:
    session = db.session()
    session.info["scope"] = Scope.system("test")
    plan = new_plan(session)
    return [new_entry(session, plan).id for _ in range(number)]


def test_tasks_made_at_the_same_moment_have_numbers_without_gap_or_twin(own_app: Flask, at_once: Any) -> None:
    def make(entry_id: int) -> Callable[[Unit], str]:
        return lambda unit: services.create_task(unit, entry_id, **SCHEME).no

    numbers = at_once(*(("police_clerk", make(entry_id)) for entry_id in entries(own_app, 4)))
    assert sorted(numbers) == [f"6401-2026-000{n}" for n in range(1, 5)]


def test_a_form_sent_twice_at_the_same_moment_makes_one_task_and_one_push(
    own_app: Flask, at_once: Any
) -> None:
    (entry_id,) = entries(own_app, 1)

    def make(unit: Unit) -> int:
        return services.create_task(unit, entry_id, **SCHEME).id

    made = at_once(("police_clerk", make), ("police_clerk", make))
    assert made[0] == made[1]

    def push(unit: Unit) -> str:
        return services.push_task(unit, made[0]).state

    assert at_once(("police_clerk", push), ("police_clerk", push)) == ["pushed", "pushed"]
    session = db.session()
    pushes = select(func.count()).select_from(Event).where(Event.tag == "task.pushed")
    assert session.scalar(pushes) == 1


@pytest.mark.rule("R-21.1")
def test_the_last_two_answers_at_the_same_moment_make_it_ready_once(own_app: Flask, at_once: Any) -> None:
    (entry_id,) = entries(own_app, 1)
    session = db.session()

    def push(unit: Unit) -> int:
        return services.push_task(unit, services.create_task(unit, entry_id, **SCHEME).id).id

    (task_id,) = at_once(("police_clerk", push))
    task = session.get(Task, task_id, populate_existing=True)
    items = {
        row.agency_id: {i.item_id for i in task.items if i.agency_id == row.agency_id} for row in task.items
    }

    def accept(code: str) -> Callable[[Unit], str]:
        own = items[agency(session, code).id]
        return lambda unit: services.accept(unit, task_id, own).state

    answers = at_once(("amr_clerk", accept("AMR-640100")), ("health_clerk", accept("HEALTH-640100")))
    assert answers == ["accepted", "accepted"]
    session.expire_all()
    assert session.get(Task, task_id).state == "ready"
    moved = [e.data.get("to") for e in session.scalars(select(Event).where(Event.tag == "task.accepted"))]
    assert sorted(moved, key=str) == [None, "ready"]


@pytest.mark.rule("R-23.1")
def test_the_schedule_of_every_minute_reminds_once_whatever_runs_twice(
    pushed: Task, session: Any, clock: FixedClock
) -> None:
    job = find_job("schedule.tasks.reminders")
    assert job is not None
    clock.at = session.scalars(select(Participant.due_at)).first() + timedelta(days=1)
    for _ in range(2):
        with unit_of_work(Actor.system(), Scope.system("schedule"), clock) as unit:
            job.run(unit, {"period": "2026-11-26T09:00"}, lambda done, total=None: None)
    assert (
        session.scalar(select(func.count()).select_from(Message).where(Message.kind == "task.reminder")) == 2
    )
