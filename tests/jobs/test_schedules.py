"""Every period of a schedule runs once, also those that fell into a stop."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest

from app.db import Actor, unit_of_work
from app.jobs.execution import run_outbox
from app.jobs.registry import Schedule, periodic
from app.jobs.schedules import enter_due_periods, missed_starts
from app.jobs.ticker import Ticker
from app.kernel.clock import SHANGHAI
from app.security.scope import Scope
from tests.jobs.conftest import all_rows, one

ran: list[str] = []


@periodic("test.daily", every="day", at="06:30")
def daily(unit, period):
    ran.append(period)


@periodic("test.sweep", every="minute", missed="latest")
def sweep(unit, period):
    ran.append(period)


def _enter(app) -> int:
    with unit_of_work(Actor.system(), Scope.system("test"), app.extensions["clock"]) as unit:
        return enter_due_periods(unit)


def _periods(name: str) -> list[str]:
    found = all_rows("SELECT period FROM schedule_run WHERE schedule = :name ORDER BY period", name=name)
    return [period for (period,) in found]


def _schedule(every: str, at: str = "") -> Schedule:
    return Schedule("x", every, at, "all", lambda unit, period: None)


@pytest.mark.parametrize(
    ("every", "at", "now", "expected"),
    [
        ("day", "06:30", "2026-11-23T06:29", "2026-11-22T00:00"),
        ("day", "06:30", "2026-11-23T06:30", "2026-11-23T00:00"),
        ("hour", "15", "2026-11-23T09:14", "2026-11-23T08:00"),
        ("hour", "", "2026-11-23T09:14", "2026-11-23T09:00"),
        ("minute", "", "2026-11-23T09:14", "2026-11-23T09:14"),
    ],
)
def test_the_first_period_is_the_latest_that_is_due(every, at, now, expected):
    moment = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    (start,) = missed_starts(_schedule(every, at), moment.astimezone(timezone.utc), None)
    assert start.strftime("%Y-%m-%dT%H:%M") == expected


def test_a_stop_of_three_days_is_made_up_for(jobs_app, clock):
    _enter(jobs_app)
    clock.advance(days=3)
    _enter(jobs_app)
    assert _enter(jobs_app) == 0
    assert _periods("test.daily") == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]
    assert len(_periods("test.sweep")) == 2, "a sweep needs only its latest period"
    keys = all_rows("SELECT id FROM outbox WHERE kind = 'schedule.test.daily' ORDER BY id")
    ran.clear()
    assert [run_outbox(number) for (number,) in keys] == ["done"] * 4
    assert ran == _periods("test.daily")


def test_a_clock_that_was_put_forward_and_back_goes_on(jobs_app, clock):
    clock.advance(days=3)
    _enter(jobs_app)
    clock.advance(days=-2)
    _enter(jobs_app)
    assert _periods("test.daily") == ["2026-11-24", "2026-11-26"]


def test_two_tickers_at_once_enter_nothing_twice(jobs_app, clock):
    clock.advance(days=1)
    together = threading.Barrier(2)

    def tick() -> None:
        with jobs_app.app_context():
            together.wait()
            for _ in range(3):
                Ticker(jobs_app).tick()

    threads = [threading.Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entered = one("SELECT count(*) FROM schedule_run WHERE schedule = 'test.daily'")
    assert entered == one("SELECT count(*) FROM outbox WHERE kind = 'schedule.test.daily'") == 1


def test_a_tick_survives_a_missing_redis(jobs_app, clock):
    from dataclasses import replace

    settings = replace(jobs_app.extensions["settings"], redis_url="redis://127.0.0.1:1/0")
    jobs_app.extensions["settings"] = settings
    Ticker(jobs_app).tick()
    assert _periods("test.daily")
    assert timedelta(0) <= clock.now() - clock.at


def test_a_time_that_does_not_fit_is_refused():
    for every, at in (("minute", "5"), ("hour", "06:30"), ("day", "25:00")):
        with pytest.raises(ValueError, match="no time"):
            periodic("test.wrong", every=every, at=at)


def test_housekeeping_forgets_old_periods_but_enters_none_again(jobs_app, clock):
    _enter(jobs_app)
    for (number,) in all_rows("SELECT id FROM outbox WHERE kind LIKE 'schedule.test.%'"):
        assert run_outbox(number) == "done"
    clock.advance(days=40)
    _enter(jobs_app)
    number = one("SELECT id FROM outbox WHERE kind = 'schedule.jobs.housekeeping' ORDER BY id DESC LIMIT 1")
    assert run_outbox(number) == "done"
    assert one("SELECT count(*) FROM outbox WHERE key = 'schedule.test.daily:2026-11-23'") == 0
    assert len(_periods("test.daily")) == 40, "the oldest is gone"
    assert _enter(jobs_app) == 0
