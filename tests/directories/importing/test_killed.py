"""A worker process that is killed with `kill -9` in the middle of a file: nothing lost, nothing twice, nothing half."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import db
from app.directories.importing import services
from tests.conftest import _unit_as
from tests.directories.importing.files import code, csv_of, receive, row

ROOT = Path(__file__).resolve().parents[3]
NO_REDIS = "redis://127.0.0.1:1/0"
ROWS = 50_000
TWINS, BAD = 3, 2
OURS = "SELECT count(*) FROM target WHERE name LIKE '导入第%号示例'"


@pytest.fixture
def start_worker(own_app, tmp_path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Workers as processes of their own on the test's database; without Redis they look into the outbox themselves."""
    settings = own_app.extensions["settings"]
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environ = {
            "PATH": os.environ["PATH"],
            "PORTAL_ENV": "testing",
            "PORTAL_HOME": str(tmp_path),
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": NO_REDIS,
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


def one(sql: str, **values: object) -> object:
    with db.engine.connect() as connection:
        return connection.execute(text(sql), values).scalar()


def run_of(run_id: int) -> tuple[str, int]:
    """State and rows checked, as another connection sees them."""
    return one("SELECT state || ' ' || done FROM import_run WHERE id = :id", id=run_id).split()  # type: ignore[attr-defined]


def until(true: Callable[[], object], worker: subprocess.Popen[bytes], seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert worker.poll() is None, "the worker has ended"
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.01)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """With no chance to tidy up; then the lease of what it had in hand runs out."""
    worker.send_signal(signal.SIGKILL)
    assert worker.wait() == -signal.SIGKILL
    with db.engine.begin() as connection:
        connection.execute(
            text("UPDATE outbox SET pushed_at = now() - interval '2 minutes' WHERE state = 'pushed'")
        )


def told(step: str) -> int:
    """How far the latest job of this step says it is, on the connection of its own."""
    found = one(
        "SELECT p.done FROM job_progress p JOIN outbox o ON o.id = p.outbox_id WHERE o.kind = :kind "
        "AND o.args->>'step' = :step AND o.state <> 'done' ORDER BY o.id DESC LIMIT 1",
        kind=services.JOB,
        step=step,
    )
    return int(found or 0)  # type: ignore[call-overload]


@pytest.mark.slow
def test_a_worker_killed_in_the_check_and_in_the_writing_loses_doubles_and_shows_nothing(
    own_app, clock, start_worker
):
    with db.engine.connect() as connection:
        taken = set(connection.execute(text("SELECT code FROM target")).scalars())
    numbers = [n for n in range(2 * ROWS) if taken.isdisjoint((code(n), code(n)[8:17]))][:ROWS]
    rows = [row(number) for number in numbers]
    rows += [row(number) for number in numbers[:TWINS]]
    rows += [row(3 * ROWS + number, 住所="") for number in range(BAD)]
    with _unit_as("office", clock) as unit:
        run_id = receive(unit, csv_of(rows)).id
    assert run_of(run_id) == ["waiting", "0"]

    worker = start_worker()
    until(lambda: told("check") > 20_000, worker)
    kill(worker)
    state, done = run_of(run_id)
    assert (state, int(done) % 20_000) == ("waiting", 0)
    assert 0 < int(done) < ROWS
    kept = one("SELECT sum(new) FROM import_batch WHERE run_id = :id AND position >= 0", id=run_id)
    assert kept == int(done), "of the step that was killed nothing is left"

    worker = start_worker()
    until(lambda: run_of(run_id)[0] != "waiting", worker)
    assert run_of(run_id) == ["checked", str(len(rows))]
    figures = one("SELECT report FROM import_run WHERE id = :id", id=run_id)
    assert [figures[name] for name in ("rows", "new", "changed", "unchanged", "bad")] == [  # type: ignore[index]
        len(rows), ROWS, 0, 0, TWINS + BAD,
    ]  # fmt: skip
    assert one(OURS) == 0

    with _unit_as("office", clock) as unit:
        services.take_over(unit, run_id, skip_bad=True)
    until(lambda: told("commit") >= 10_000, worker)
    kill(worker)
    assert run_of(run_id)[0] == "committing"
    assert one(OURS) == 0, "nothing half-written is visible"

    worker = start_worker()
    until(lambda: run_of(run_id)[0] != "committing", worker)
    assert run_of(run_id)[0] == "committed"
    assert one(OURS) == ROWS
    written = "SELECT count(*) FROM row_history WHERE cause = :cause AND table_name = 'target'"
    assert one(written, cause=f"import:{run_id}") == ROWS
    assert one("SELECT count(*) FROM outbox WHERE kind = :kind AND state <> 'done'", kind=services.JOB) == 0
