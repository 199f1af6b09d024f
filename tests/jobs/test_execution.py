"""A row of the outbox is carried out once, in the scope of whoever caused it, or it waits, or it is shown."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, text

from app.db import Actor, db, unit_of_work
from app.jobs.execution import MOST_ATTEMPTS, run_outbox
from app.jobs.models import Outbox
from app.jobs.queries import oldest_open_seconds
from app.jobs.registry import job
from app.jobs.services import enqueue
from app.kernel.clock import today
from app.security.models import Account
from app.security.queries import actor_of, memberships_of, scope_for
from app.security.scope import Scope
from tests.jobs.conftest import all_rows, one, put

EFFECTS = "SELECT count(*) FROM event WHERE tag = 'test.effect'"
seen: list[tuple[str, Scope]] = []


@job("test.who")
def who(unit, args, progress):
    seen.append((unit.actor.code, unit.scope))


def test_a_job_is_done_once_however_often_it_is_run(jobs_app):
    (number,) = put(jobs_app, "test.effect", range(1))
    assert [run_outbox(number) for _ in range(3)] == ["done", "skip", "skip"]
    assert one(EFFECTS) == 1


def test_the_same_key_is_the_same_job(jobs_app):
    assert put(jobs_app, "test.effect", range(2)) == put(jobs_app, "test.effect", range(2))
    assert one("SELECT count(*) FROM outbox WHERE kind = 'test.effect'") == 2


def test_a_job_vanishes_with_the_transaction_of_its_cause(jobs_app):
    clock = jobs_app.extensions["clock"]
    with pytest.raises(RuntimeError), unit_of_work(Actor.system(), Scope.system("test"), clock) as unit:
        enqueue(unit, "test.effect", "test.effect:77", {"n": 77})
        raise RuntimeError
    assert one("SELECT count(*) FROM outbox WHERE key = 'test.effect:77'") == 0


def test_an_unknown_kind_and_a_cause_without_a_name_are_refused(jobs_app):
    clock = jobs_app.extensions["clock"]
    unknown, nobody = (
        pytest.raises(ValueError, match="no job is"),
        pytest.raises(ValueError, match="membership"),
    )
    with unknown, unit_of_work(Actor.system(), Scope.system("test"), clock) as unit:
        enqueue(unit, "test.nothing", "x", {})
    with nobody, unit_of_work(Actor(code="public"), Scope.public(), clock) as unit:
        enqueue(unit, "test.effect", "x", {})


def test_a_persons_job_runs_in_the_persons_scope(jobs_app, clock):
    orm = db.session()
    account = orm.scalars(select(Account).where(Account.username == "police_clerk")).one()
    mine = memberships_of(orm, account.id)[0]
    with unit_of_work(actor_of(mine, today(clock)), scope_for(orm, mine, today(clock)), clock) as unit:
        number, wanted = enqueue(unit, "test.who", "test.who:1", {}), (unit.actor.code, unit.scope)
    seen.clear()
    assert run_outbox(number) == "done"
    assert seen == [wanted]


def test_the_job_of_somebody_who_left_is_shown_as_failed(jobs_app, clock):
    orm = db.session()
    account = orm.scalars(select(Account).where(Account.username == "police_clerk")).one()
    mine = memberships_of(orm, account.id)[0]
    with unit_of_work(actor_of(mine, today(clock)), scope_for(orm, mine, today(clock)), clock) as unit:
        number = enqueue(unit, "test.who", "test.who:2", {})
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE membership SET active = false WHERE id = :id"), {"id": mine.id})
    assert run_outbox(number) == "failed"
    assert "membership" in one("SELECT error FROM outbox WHERE id = :id", id=number)


def test_a_fault_leaves_nothing_and_comes_back_later(jobs_app, clock):
    (number,) = put(jobs_app, "test.fault", range(1))
    assert run_outbox(number) == "retry"
    assert one(EFFECTS) == 0
    assert run_outbox(number) == "skip", "not due yet"
    clock.advance(seconds=6)
    assert run_outbox(number) == "retry"
    assert one("SELECT attempts FROM outbox WHERE id = :id", id=number) == 2


def test_after_the_last_attempt_a_person_sees_it_without_the_data(jobs_app, clock):
    (number,) = put(jobs_app, "test.fault", range(1))
    outcomes = []
    for _ in range(MOST_ATTEMPTS):
        outcomes.append(run_outbox(number))
        clock.advance(hours=2)
    assert outcomes == ["retry"] * (MOST_ATTEMPTS - 1) + ["failed"]
    assert run_outbox(number) == "skip"
    error = one("SELECT error FROM outbox WHERE id = :id", id=number)
    assert "RuntimeError" in error and "secret" not in error


def test_a_refusal_is_told_in_its_sentence_and_giving_up_ends_at_once(jobs_app):
    (number,) = put(jobs_app, "test.refused", range(1))
    assert run_outbox(number) == "retry"
    assert one("SELECT error FROM outbox WHERE id = :id", id=number)
    (number,) = put(jobs_app, "test.hopeless", range(1))
    assert run_outbox(number) == "failed"
    assert one("SELECT error FROM outbox WHERE id = :id", id=number) == "This cannot work."


def test_an_attempt_that_kills_its_worker_is_counted(jobs_app, monkeypatch):
    (number,) = put(jobs_app, "test.effect", range(1))
    monkeypatch.setattr("app.jobs.execution._carry_out", lambda *all_of_it: exec("raise SystemExit(9)"))
    with pytest.raises(SystemExit):
        run_outbox(number)
    assert one("SELECT attempts FROM outbox WHERE id = :id", id=number) == 1
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE outbox SET attempts = 8 WHERE id = :id"), {"id": number})
    assert run_outbox(number) == "skip"
    assert one("SELECT state FROM outbox WHERE id = :id", id=number) == "failed"


def test_progress_is_seen_while_the_job_runs_and_survives_its_failure(jobs_app):
    @job("test.looks")
    def looks(unit, args, progress):
        progress(3, 10)
        args["seen"] = one("SELECT done FROM job_progress ORDER BY at DESC LIMIT 1")
        assert args["seen"] == 3
        progress(4, 10)
        raise RuntimeError

    (number,) = put(jobs_app, "test.looks", range(1))
    assert run_outbox(number) == "retry"
    assert all_rows("SELECT done, total FROM job_progress WHERE outbox_id = :id", id=number) == [(4, 10)]


def test_two_workers_at_one_row_do_it_once(jobs_app):
    numbers = put(jobs_app, "test.effect", range(20))
    outcomes: list[str] = []

    def work() -> None:
        with jobs_app.app_context():
            outcomes.extend(run_outbox(number) for number in numbers)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one(EFFECTS) == 20
    assert outcomes.count("done") == 20


def test_the_oldest_open_row_has_an_age(jobs_app, clock):
    for (number,) in all_rows("SELECT id FROM outbox WHERE state IN ('new', 'pushed')"):
        run_outbox(number)
    orm = db.session()
    assert oldest_open_seconds(orm, clock.now()) == 0
    put(jobs_app, "test.effect", range(1))
    clock.advance(seconds=130)
    assert oldest_open_seconds(orm, clock.now()) == 130
    assert orm.scalars(select(Outbox.key).order_by(Outbox.id.desc())).first() == "test.effect:0"


@job("test.asks")
def asks(unit, args, progress):
    row = unit.session.execute(text("SELECT current_user, current_setting('portal.agencies', true)")).one()
    told.append(tuple(row))


told: list[tuple[str, str | None]] = []


def test_the_scope_of_a_persons_job_reaches_the_database_and_ends_with_it(jobs_app, clock):
    orm = db.session()
    account = orm.scalars(select(Account).where(Account.username == "police_clerk")).one()
    mine = memberships_of(orm, account.id)[0]
    with unit_of_work(actor_of(mine, today(clock)), scope_for(orm, mine, today(clock)), clock) as unit:
        agency, number = unit.actor.agency_id, enqueue(unit, "test.asks", "test.asks:1", {})
    (of_the_system,) = put(jobs_app, "test.asks", range(2, 3))
    told.clear()
    assert [run_outbox(number), run_outbox(of_the_system)] == ["done", "done"]
    (role, agencies), (owner, nothing) = told
    assert (role, agencies) == ("portal_scoped", str(agency))
    assert owner != "portal_scoped"
    assert not nothing
