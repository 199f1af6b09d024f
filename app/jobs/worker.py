"""The hand that works on the outbox: through RQ's SimpleWorker, and straight from it while Redis is gone."""

from __future__ import annotations

import signal
import sys
import time
from datetime import timedelta
from types import FrameType
from typing import Any

import structlog
from flask import Flask
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job as RqJob
from sqlalchemy.exc import SQLAlchemyError

from app.db import db
from app.jobs.execution import run_next
from app.jobs.redis import QUEUES, Down, connect, ping

log = structlog.get_logger()

IDLE = 5
"""Seconds without work after which the worker looks into the outbox itself."""
PAUSE = 1.0
LEFT_TO_THE_RELAY = timedelta(seconds=5)
SWEEP = 100


class RedisGone(Exception):
    """Redis went away in the middle: RQ would wait for it, this worker goes on without it."""


class _Queue(Queue):
    @classmethod
    def dequeue_any(cls, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().dequeue_any(*args, **kwargs)
        except Down as fault:
            raise RedisGone from fault


class _Worker(SimpleWorker):
    """RQ's worker without its signal handlers and without its channel for remote commands."""

    queue_class = _Queue
    log_job_description = False

    def __init__(self, hand: Hand, connection: Redis) -> None:
        super().__init__(list(QUEUES), connection=connection)
        self.hand = hand

    def execute_job(self, job: RqJob, queue: Queue) -> None:
        with self.hand.busy():
            super().execute_job(job, queue)

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().heartbeat(*args, **kwargs)
        except Down as fault:
            raise RedisGone from fault

    def _install_signal_handlers(self) -> None:
        """The process has its own."""

    def subscribe(self) -> None:
        """No commands from outside."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed to."""


class _Busy:
    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def __enter__(self) -> None:
        self._hand.is_busy = True

    def __exit__(self, *fault: object) -> None:
        self._hand.is_busy = False
        if self._hand.is_stopping:
            raise SystemExit(0)


class Hand:
    """The loop of one worker process, in an application context."""

    def __init__(self, app: Flask) -> None:
        self._settings = app.extensions["settings"]
        self._clock = app.extensions["clock"]
        self.is_busy = False
        self.is_stopping = False

    def busy(self) -> _Busy:
        """While a job runs a wish to stop waits for its end."""
        return _Busy(self)

    def stop(self, number: int, _frame: FrameType | None) -> None:
        again, self.is_stopping = self.is_stopping, True
        if again or not self.is_busy:
            sys.exit(128 + number)

    def work(self) -> None:
        while not self.is_stopping:
            self.turn()

    def turn(self) -> None:
        """RQ until it is idle or gone, then what lies in the outbox; a fault ends neither."""
        try:
            if ping(self._settings):
                self.through_redis()
                self.sweep(LEFT_TO_THE_RELAY)
            elif self.sweep(timedelta()) == 0:
                time.sleep(PAUSE)
        except SQLAlchemyError as fault:
            log.warning("database unavailable", fault=type(fault).__name__)
            db.session.remove()
            time.sleep(PAUSE)

    def through_redis(self, idle: int = IDLE) -> None:
        """Work on the queues until nothing came for `idle` seconds."""
        try:
            worker = _Worker(self, connect(self._settings, wait=float(idle + 15)))
            worker.work(max_idle_time=idle, logging_level="CRITICAL")
        except (RedisGone, *Down) as fault:
            log.warning("redis went away", fault=type(fault).__name__)

    def sweep(self, leave: timedelta, most: int = SWEEP) -> int:
        """Rows that are due longer than `leave` ago and that nobody is at, straight from the outbox."""
        for done in range(most):
            now = self._clock.now()
            with self.busy():
                found = run_next(now, now - leave)
            if not found:
                return done
        return most


def main(app: Flask) -> None:
    """Work until the process is asked to stop; the job in hand is finished first."""
    hand = Hand(app)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, hand.stop)
    with app.app_context():
        hand.work()
