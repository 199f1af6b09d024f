"""Who can see a record: the walls asked the other way round agree with what each person reads."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.db import db, unit_of_work
from app.directories.targets.models import Target
from app.kernel.clock import today
from app.kernel.errors import NotFound
from app.security.models import Account, Membership
from app.security.queries import actor_of, scope_for
from app.security.roles import seeing
from app.security.scope import Scope
from tests.draws.stage import make_task


@pytest.fixture
def task(app, session, clock):
    return make_task(session, clock.now())


def _readers(session, clock, model, key) -> set[int]:
    """Everybody, asked one by one: the slow way that must give the same."""
    found = set()
    day = today(clock)
    session.info["scope"] = Scope.system("test")
    for membership in session.scalars(select(Membership).where(Membership.active)).all():
        session.info["scope"] = Scope.system("test")
        scope = scope_for(session, membership, day)
        session.info["scope"] = scope
        if session.scalar(select(model.id).where(model.id == key)) is not None:
            found.add(membership.user_id)
    session.info["scope"] = Scope.system("test")
    return found


def _groups(session, clock, subject):
    record = seeing.find_record(session, subject)
    return record, seeing.who_sees(session, record, today(clock))


def test_groups_and_single_questions_agree_on_a_target(session, clock):
    target = session.scalars(select(Target).order_by(Target.id).limit(1)).one()
    record, seen = _groups(session, clock, f"target:{target.id}")
    people = {
        u
        for u, _n, agency, roles in seeing.people_of(
            session, [g.agency_id for g in seen.groups], today(clock), 100000
        )
        if any((g.agency_id, g.roles) == (agency, roles) for g in seen.groups)
    }
    assert people == _readers(session, clock, Target, target.id)
    assert record.title == target.name


def test_who_takes_part_is_found_as_well_as_who_owns(session, clock, task, agency):
    from app.tasks.models import Task

    _record, seen = _groups(session, clock, f"task:{task.id}")
    why = {(g.agency_id, g.why) for g in seen.groups}
    assert (agency("POLICE-640100").id, "own") in why
    assert (agency("AMR-640100").id, "shared") in why
    assert (agency("OFFICE-640100").id, "office") in why
    assert (agency("OFFICE-640000").id, "office") in why
    assert not any(g.agency_id == agency("POLICE-640200").id for g in seen.groups)
    assert not any({"system_admin", "security_admin", "audit_admin"} & set(g.roles) for g in seen.groups)
    people = {
        u
        for u, _n, a, roles in seeing.people_of(
            session, [g.agency_id for g in seen.groups], today(clock), 100000
        )
        if any((g.agency_id, g.roles) == (a, roles) for g in seen.groups)
    }
    assert people == _readers(session, clock, Task, task.id)


def test_many_people_cost_few_statements(session, clock, task):
    from sqlalchemy import event

    count = []
    note = lambda *given: count.append(given[2])  # noqa: E731
    event.listen(db.engine.engine, "before_cursor_execute", note)
    try:
        _record, seen = _groups(session, clock, f"task:{task.id}")
    finally:
        event.remove(db.engine.engine, "before_cursor_execute", note)
    assert sum(g.count for g in seen.groups) > 40
    assert len(count) <= 12


def test_whoever_is_addressed_in_person_is_counted(session, clock, task, member, newcomer):
    """An inspector's own entry is read by the inspector, wherever the account has moved."""
    from app.directories.inspectors.models import Inspector

    person = newcomer("POLICE-640200", "inspector")
    row = session.scalars(select(Inspector).order_by(Inspector.id).limit(1)).one()
    row.user_id = person.user_id
    session.commit()
    _record, seen = _groups(session, clock, f"inspector:{row.id}")
    assert seen.persons == [person.user_id]


@pytest.mark.parametrize(
    "subject", ["", "task:", "task:x", "account:1", "task:987654321", "security_log:1", "task:1;--"]
)
def test_unknown_kinds_and_keys_are_not_there(subject, session):
    with pytest.raises(NotFound):
        seeing.find_record(session, subject)


def test_only_records_within_ones_own_reach_can_be_asked_about(session, task, act_as, clock, newcomer):
    stranger = newcomer("POLICE-640200", "agency_admin")
    actor = actor_of(stranger, today(clock))
    scope = scope_for(session, stranger, today(clock))
    with pytest.raises(NotFound), unit_of_work(actor, scope, clock) as unit:
        seeing.find_record(unit.session, f"task:{task.id}")
    with act_as("police_admin") as unit:
        assert seeing.find_record(unit.session, f"task:{task.id}").id == task.id


def test_the_page_names_people_of_the_own_area_and_counts_the_others(client_as, task, session):
    page = client_as("police_admin").get(f"/roles/who-can-see/?subject=task:{task.id}").text
    names = dict(session.execute(select(Account.username, Account.display_name)).all())
    assert names["police_clerk"] in page
    assert names["amr_clerk"] not in page
    assert "市场监督管理局" in page or "市场监管" in page
    wide = client_as("office").get(f"/roles/who-can-see/?subject=task:{task.id}").text
    assert names["amr_clerk"] in wide


def test_the_task_page_leads_there(client_as, task):
    assert f"subject=task:{task.id}" in client_as("office").get(f"/tasks/{task.id}").text
