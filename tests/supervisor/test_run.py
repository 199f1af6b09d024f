"""`python run.py` from first line to last: start, kills, commands beside it, Ctrl-C, a second start."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.supervisor import EmbeddedServers
from app.supervisor.ports import free_port
from app.supervisor.processes import wait_until, working_in
from tests.supervisor.small_portal import SmallPortal

COUNT = ("-m", "flask", "--app", "run", "visits")


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[SmallPortal]:
    folder = tmp_path / "门户 clone"
    folder.mkdir(mode=0o700)
    portal = SmallPortal(folder)
    yield portal
    if portal.exit_code() is None:
        portal.stop(signal.SIGTERM)
    if (portal.home / "run.json").exists():
        EmbeddedServers(portal.home, folder).erase()


def test_start_kill_everything_and_stop(portal: SmallPortal) -> None:
    port = str(free_port())
    printed = portal.start(PORT=port)
    assert f"Open http://127.0.0.1:{port}" in printed
    assert "the accounts" in printed
    assert portal.visit() == 1
    assert portal.command(*COUNT).stdout == "1\n"
    assert "runs already: http://127.0.0.1:" in portal.command("run.py").stderr

    visits = 1
    for name in ("postgres", "redis", "web", "worker", "ticker"):
        pid = portal.kill(name)
        assert portal.comes_back(name, pid)
        assert wait_until(lambda: portal.visit() is not None, 20)
        visits = portal.visit() or 0
    assert visits >= 11

    assert portal.stop() == 0
    assert portal.printed().endswith("Stopped.\n")
    assert working_in(portal.folder) == []
    assert working_in(Path(portal.written()["postgres"]["data"])) == []
    after = portal.command(*COUNT)
    assert (after.returncode, after.stdout) == (0, f"{visits}\n"), after.stderr
    assert working_in(Path(portal.written()["postgres"]["data"])) == []


def test_a_killed_supervisor_and_a_new_start_lose_nothing(portal: SmallPortal) -> None:
    port = str(free_port())
    portal.start(PORT=port)
    assert portal.visit() == 1
    assert portal.stop(signal.SIGKILL) == -signal.SIGKILL
    assert wait_until(lambda: working_in(portal.folder) == [], 15)
    assert "Ctrl-C stops" in portal.start(PORT=port)
    assert portal.visit() == 2
    assert portal.stop(signal.SIGTERM) == 0


def test_a_taken_port_is_named_and_left_unless_it_was_asked_for(portal: SmallPortal) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        except OSError:
            pass  # Somebody else has it: as good.
        printed = portal.start()
        assert "Port 8080 is taken; the portal listens on " in printed
        assert portal.visit() == 1
        portal.stop()
        assert portal.start(PORT="8080").startswith("\nPort 8080 is taken by another program.")
        assert portal.exit_code() == 1


def test_real_servers_are_used_and_nothing_is_loaded_into_them(portal: SmallPortal, tmp_path: Path) -> None:
    others = EmbeddedServers(tmp_path / "real", portal.folder, durable=False)
    found = others.start()
    try:
        given = {"DATABASE_URL": found.database_url, "REDIS_URL": found.redis_url, "PORT": str(free_port())}
        printed = portal.start(**given)
        assert "Ctrl-C stops" in printed
        assert "the accounts" not in printed
        with psycopg.connect(found.database_url) as connection:
            assert connection.execute("SELECT to_regclass('demo')").fetchone() == (None,)
        assert portal.stop() == 0
        assert others.are_alive()
        assert not (portal.home / "servers").exists()
    finally:
        others.stop()
        others.erase()


def test_a_setting_at_fault_is_one_sentence(portal: SmallPortal) -> None:
    for arguments in (("run.py",), ("run.py", "upgrade"), COUNT):
        done = portal.command(*arguments, PORTAL_ENV="production")
        assert done.returncode == 1
        assert "DATABASE_URL and REDIS_URL and SECRET_KEY and PORTAL_DATA_KEY_FILE must be set" in done.stderr
        assert "Traceback" not in done.stderr
