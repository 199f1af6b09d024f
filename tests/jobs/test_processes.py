"""The worker as a process of its own: killed in the middle, asked to stop, without Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.db import Actor, db, unit_of_work
from app.notifications.services import notify, register_template
from app.security.models import Account
from app.security.scope import Scope
from tests.jobs.conftest import one

ROOT = Path(__file__).resolve().parent.parent.parent
PEOPLE = 150
OPEN = "SELECT count(*) FROM outbox WHERE kind = 'notifications.mail' AND state <> 'done'"
SENT_TWICE = (
    "SELECT count(*) FROM (SELECT row_id FROM row_history WHERE table_name = 'mail' AND op = 'UPDATE'"
    " GROUP BY row_id HAVING count(*) > 1) twice"
)


@pytest.fixture
def start_worker(jobs_app, tmp_path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    settings = jobs_app.extensions["settings"]
    started: list[subprocess.Popen[bytes]] = []

    def start(redis_url: str | None = None) -> subprocess.Popen[bytes]:
        environ = {
            "PATH": os.environ["PATH"],
            "PORTAL_ENV": "testing",
            "PORTAL_HOME": str(tmp_path),
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": redis_url or settings.redis_url,
            "SECRET_KEY": settings.secret_key,
            "PORTAL_DATA_KEY_FILE": str(settings.data_key_file),
        }
        command = [sys.executable, "run.py", "worker"]
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()


def _tell_everybody(app) -> None:
    register_template("test.everybody", subject="x", body="y")
    with unit_of_work(Actor.system(), Scope.system("test"), app.extensions["clock"]) as unit:
        people = unit.session.scalars(select(Account).order_by(Account.id).limit(PEOPLE)).all()
        assert notify(unit, people, "test.everybody", "everybody", {}, "") == PEOPLE


def _until(true: Callable[[], bool], seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.05)


@pytest.mark.slow
def test_a_killed_worker_loses_and_doubles_nothing(jobs_app, start_worker, redis):
    _tell_everybody(jobs_app)
    before = one(OPEN)
    first = start_worker()
    _until(lambda: one(OPEN) < before - 10)
    first.send_signal(signal.SIGKILL)
    first.wait()
    redis.flushdb()
    with db.engine.begin() as connection:  # the lease of what it had in hand is over
        connection.execute(text("UPDATE outbox SET pushed_at = pushed_at - interval '2 minutes'"))
    second = start_worker()
    _until(lambda: one(OPEN) == 0)
    assert one(SENT_TWICE) == 0
    assert one("SELECT count(*) FROM mail WHERE key LIKE 'everybody:%' AND sent_at IS NULL") == 0
    second.send_signal(signal.SIGTERM)
    assert second.wait(timeout=10) in (0, 128 + signal.SIGTERM)


@pytest.mark.slow
def test_without_redis_the_worker_goes_on_and_stops_when_asked(jobs_app, start_worker):
    _tell_everybody(jobs_app)
    worker = start_worker("redis://127.0.0.1:1/0")
    _until(lambda: one(OPEN) == 0)
    worker.send_signal(signal.SIGINT)
    assert worker.wait(timeout=10) in (0, 128 + signal.SIGINT)
