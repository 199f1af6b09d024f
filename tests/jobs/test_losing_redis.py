"""Redis is a hand, not a memory: wiped, stopped or never there, nothing is lost and nothing is done twice."""

from __future__ import annotations

import time
from dataclasses import replace

from app.db import Actor, unit_of_work
from app.jobs import queues
from app.jobs.queues import LEASE, LONGEST_QUEUE, relay
from app.jobs.redis import connect, ping
from app.jobs.worker import Hand
from app.security.scope import Scope
from tests.jobs.conftest import all_rows, one, put

EFFECTS = "SELECT count(*) FROM event WHERE tag = 'test.effect'"
OPEN = "SELECT count(*) FROM outbox WHERE state IN ('new', 'pushed') AND kind LIKE 'test.%'"


def _relay(app) -> int:
    clock = app.extensions["clock"]
    with unit_of_work(Actor.system(), Scope.system("relay"), clock) as unit:
        return relay(unit.session, connect(app.extensions["settings"]), clock.now())


def test_a_wiped_redis_three_times_loses_and_doubles_nothing(jobs_app, redis, clock):
    put(jobs_app, "test.effect", range(60))
    hand = Hand(jobs_app)
    for most in (10, 20, 15):
        clock.advance(seconds=LEASE.total_seconds() + 3)
        _relay(jobs_app)
        _work_some(hand, most)
        redis.flushdb()
    clock.advance(seconds=LEASE.total_seconds() + 3)
    _relay(jobs_app)
    _relay(jobs_app)
    hand.through_redis(idle=1)
    assert one(OPEN) == 0
    assert one(EFFECTS) == 60
    assert (
        all_rows("SELECT subject FROM event WHERE tag = 'test.effect' GROUP BY 1 HAVING count(*) > 1") == []
    )


def _work_some(hand: Hand, most: int) -> None:
    from app.jobs import worker

    rq_worker = worker._Worker(hand, connect(hand._settings, wait=16.0))
    rq_worker.work(max_idle_time=1, max_jobs=most, logging_level="CRITICAL")


def test_what_was_pushed_twice_is_done_once(jobs_app, redis, clock):
    pairs = [(number, "default") for number in put(jobs_app, "test.effect", range(5))]
    queues.push(redis, pairs)
    queues.push(redis, pairs)
    Hand(jobs_app).through_redis(idle=1)
    assert one(EFFECTS) == 5


def test_a_hint_follows_the_commit_and_only_ids_travel(jobs_app, redis):
    (number,) = put(jobs_app, "test.effect", range(1))
    assert redis.llen("rq:queue:default") == 1
    job = redis.hgetall(f"rq:job:outbox-{number}")
    assert job[b"description"] == f"outbox {number}".encode()
    assert redis.hexists(f"rq:job:outbox-{number}", "data")


def test_the_queue_stays_a_window_on_the_outbox(jobs_app, redis, clock):
    put(jobs_app, "test.effect", range(3))
    redis.rpush("rq:queue:default", *[f"outbox-x{i}" for i in range(LONGEST_QUEUE)])
    clock.advance(seconds=10)
    assert _relay(jobs_app) == 0
    assert one("SELECT count(*) FROM outbox WHERE state = 'new' AND kind = 'test.effect'") == 3


def test_without_redis_the_worker_takes_its_work_from_the_outbox(jobs_app, monkeypatch):
    settings = replace(jobs_app.extensions["settings"], redis_url="redis://127.0.0.1:1/0")
    jobs_app.extensions["settings"] = settings
    assert not ping(settings)
    began = time.monotonic()
    put(jobs_app, "test.effect", range(12))
    assert time.monotonic() - began < 3, "nobody waits for a Redis that is gone"
    hand = Hand(jobs_app)
    hand.turn()
    assert one(OPEN) == 0
    assert one(EFFECTS) == 12


def test_a_redis_that_goes_away_while_the_worker_waits_does_not_hold_it(jobs_app, monkeypatch):
    from redis.exceptions import ConnectionError as Gone

    from app.jobs import worker

    def gone(*args, **kwargs):
        raise Gone("closed by the server")

    monkeypatch.setattr(worker.Queue, "dequeue_any", classmethod(gone))
    began = time.monotonic()
    Hand(jobs_app).through_redis(idle=5)
    assert time.monotonic() - began < 4


def test_a_worker_asked_to_stop_finishes_the_job_in_hand(jobs_app):
    import pytest

    hand = Hand(jobs_app)
    with pytest.raises(SystemExit):
        hand.stop(15, None)
    hand = Hand(jobs_app)
    with pytest.raises(SystemExit), hand.busy():
        hand.stop(15, None)
        finished = True
    assert finished
