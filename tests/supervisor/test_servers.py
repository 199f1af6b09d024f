"""The embedded servers: kept data, kills, taken ports, closed folders, neighbours."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from app.supervisor import EmbeddedServers, Endpoints, SupervisorError
from app.supervisor.processes import working_in
from app.supervisor.runfile import RunFile
from tests.supervisor.conftest import CHECKOUT

Make = Callable[..., EmbeddedServers]


def write(found: Endpoints, text: str) -> None:
    with psycopg.connect(found.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])
    with redis.Redis.from_url(found.redis_url) as client:
        client.rpush("kept", text)


def read(found: Endpoints) -> tuple[list[str], list[str]]:
    with psycopg.connect(found.database_url) as connection:
        rows = [row[0] for row in connection.execute("SELECT text FROM kept ORDER BY text").fetchall()]
    with redis.Redis.from_url(found.redis_url, decode_responses=True) as client:
        return rows, sorted(client.lrange("kept", 0, -1))


def kill(servers: EmbeddedServers, name: str) -> None:
    os.kill(servers.status()[name]["pid"], signal.SIGKILL)


def test_stop_and_start_twice_keeps_data_ports_and_passwords(tmp_path: Path, make_servers: Make) -> None:
    servers = make_servers(tmp_path, durable=True)
    first = servers.start()
    write(first, "一")
    assert servers.stop()
    assert not any(one["running"] for one in servers.status().values())
    again = make_servers(tmp_path, durable=True)
    assert again.start() == first
    assert read(first) == (["一"], ["一"])
    assert again.stop()
    assert again.start() == first
    assert read(first) == (["一"], ["一"])


def test_a_killed_postmaster_comes_back_with_every_acknowledged_commit(
    tmp_path: Path, make_servers: Make
) -> None:
    servers = make_servers(tmp_path, durable=True)
    found = servers.start()
    write(found, "before the kill")
    backend = psycopg.connect(found.database_url)
    kill(servers, "postgres")
    assert servers.start().database_url == found.database_url
    assert read(found)[0] == ["before the kill"]
    backend.close()


def test_a_postmaster_killed_under_load_comes_back_three_times(tmp_path: Path, make_servers: Make) -> None:
    servers = make_servers(tmp_path, durable=True)
    for turn in range(3):
        found = servers.start()
        write(found, str(turn))
        busy = psycopg.connect(found.database_url)
        busy.execute("SELECT pg_sleep(0), count(*) FROM generate_series(1, 100000)")
        kill(servers, "postgres")
        busy.close()
    assert read(servers.start())[0] == ["0", "1", "2"]


def test_a_killed_redis_comes_back(tmp_path: Path, make_servers: Make) -> None:
    servers = make_servers(tmp_path, durable=True)
    found = servers.start()
    write(found, "second old")
    with redis.Redis.from_url(found.redis_url) as client:
        client.waitaof(1, 0, 5000)
    kill(servers, "redis")
    assert not servers.are_alive()
    assert servers.start().redis_url == found.redis_url
    assert read(found)[1] == ["second old"]


def test_a_redis_log_that_cannot_be_read_is_put_aside(tmp_path: Path, make_servers: Make) -> None:
    servers = make_servers(tmp_path, durable=True)
    write(servers.start(), "lost from Redis only")
    servers.stop()
    data = Path(servers.status()["redis"]["data"])
    manifest = next(data.glob("appendonlydir/*.manifest"))
    manifest.write_text("this is no list of files\n")
    found = servers.start()
    assert redis.Redis.from_url(found.redis_url).ping()
    assert read(found) == (["lost from Redis only"], [])
    assert list(data.parent.glob("redis.unreadable-*"))


def test_servers_that_outlive_a_killed_starter_are_adopted(tmp_path: Path, make_servers: Make) -> None:
    script = (
        "import os, sys; from pathlib import Path; from app.supervisor import EmbeddedServers\n"
        "EmbeddedServers(Path(sys.argv[1]), Path.cwd(), durable=False).start(); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=CHECKOUT, check=False)
    assert done.returncode == -signal.SIGKILL
    servers = make_servers(tmp_path)
    before = servers.status()
    assert [before[name]["running"] for name in ("postgres", "redis")] == [True, True]
    write(servers.start(), "adopted")
    assert servers.status() == before
    assert servers.stop()
    assert not working_in(Path(before["postgres"]["data"]))


def test_the_last_one_to_leave_stops_the_servers(tmp_path: Path, make_servers: Make) -> None:
    portal, command = make_servers(tmp_path), make_servers(tmp_path)
    assert portal.start() == command.start()
    assert not portal.stop()
    assert command.status()["postgres"]["running"]
    assert command.stop()
    assert not command.status()["postgres"]["running"]


def test_a_port_that_somebody_else_took_is_replaced(tmp_path: Path, make_servers: Make) -> None:
    servers = make_servers(tmp_path)
    found = servers.start()
    write(found, "x")
    servers.stop()
    ports = [urlsplit(url).port for url in (found.database_url, found.redis_url)]
    with socket.create_server(("127.0.0.1", ports[0])), socket.create_server(("127.0.0.1", ports[1])):
        moved = servers.start()
        assert {urlsplit(url).port for url in (moved.database_url, moved.redis_url)}.isdisjoint(ports)
        assert read(moved)[0] == ["x"]


def test_a_lost_run_json_is_written_anew(tmp_path: Path, make_servers: Make) -> None:
    servers = make_servers(tmp_path)
    write(servers.start(), "kept")
    servers.stop()
    (tmp_path / "run.json").unlink()
    assert read(make_servers(tmp_path).start())[0] == ["kept"]


def test_a_run_json_lost_while_the_servers_run(tmp_path: Path, make_servers: Make) -> None:
    servers = make_servers(tmp_path)
    write(servers.start(), "kept")
    (tmp_path / "run.json").unlink()
    assert read(make_servers(tmp_path).start())[0] == ["kept"]


def test_a_number_file_that_names_a_foreign_process_does_not_stop_the_start(
    tmp_path: Path, make_servers: Make
) -> None:
    servers = make_servers(tmp_path)
    servers.start()
    data = Path(servers.status()["postgres"]["data"])
    servers.stop()
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n1\n\n127.0.0.1\n1 1\nready\n")
    servers.start()
    assert servers.status()["postgres"]["running"]


def test_closed_folder_with_a_space_and_chinese_characters(tmp_path: Path, make_servers: Make) -> None:
    closed = tmp_path / "私 有"
    closed.mkdir(mode=0o700)
    home = closed / "数据 home"
    servers = make_servers(home)
    found = servers.start()
    write(found, "在")
    assert read(found) == (["在"], ["在"])
    assert closed.stat().st_mode & 0o777 == 0o700
    where = servers.placement()
    outside = RunFile(home).section("servers").get("outside")
    assert (str(where.base) == outside) if where.outside else outside is None
    if os.geteuid() == 0:
        # Root's servers run under an account that cannot enter; nothing of theirs is in the closed folder.
        assert (where.outside, (home / "servers").exists()) == (True, False)
        assert os.stat(where.folder("postgres")).st_uid == where.account.uid != 0


def test_passwords_are_for_the_owner_only(tmp_path: Path, make_servers: Make) -> None:
    found = make_servers(tmp_path).start()
    assert (tmp_path / "run.json").stat().st_mode & 0o777 == 0o600
    secret = urlsplit(found.database_url).password or ""
    others = [urlsplit(found.redis_url).password or ""]
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    for password in (secret, *others):
        assert len(password) >= 32
        assert not any(password.encode() in command for command in commands)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(found.database_url.replace(secret, "wrong"))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(found.redis_url.replace(others[0], "wrong")).ping()


def test_the_portals_role_is_no_superuser(tmp_path: Path, make_servers: Make) -> None:
    with psycopg.connect(make_servers(tmp_path).start().database_url) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, False, False, False)


def test_two_homes_run_side_by_side(tmp_path: Path, make_servers: Make) -> None:
    one, two = make_servers(tmp_path / "one").start(), make_servers(tmp_path / "two").start()
    write(one, "one")
    write(two, "two")
    assert (read(one)[0], read(two)[0]) == (["one"], ["two"])


def test_a_copied_clone_leaves_the_original_alone(tmp_path: Path, make_servers: Make) -> None:
    one = make_servers(tmp_path / "one")
    found = one.start()
    (tmp_path / "two").mkdir()
    shutil.copy(tmp_path / "one" / "run.json", tmp_path / "two" / "run.json")
    two = make_servers(tmp_path / "two")
    assert urlsplit(two.start().database_url).port != urlsplit(found.database_url).port
    two.stop()
    assert one.are_alive()


def test_a_given_server_is_not_replaced_by_an_embedded_one(tmp_path: Path, make_servers: Make) -> None:
    servers = make_servers(tmp_path, database_url="postgresql://elsewhere/portal")
    found = servers.start()
    assert found.database_url == "postgresql://elsewhere/portal"
    assert redis.Redis.from_url(found.redis_url).ping()
    assert not servers.status()["postgres"]["running"]


def test_with_two_given_servers_nothing_is_started(tmp_path: Path, make_servers: Make) -> None:
    urls = {"database_url": "postgresql://elsewhere/portal", "redis_url": "redis://elsewhere/0"}
    servers = make_servers(tmp_path / "untouched", **urls)
    assert servers.start() == Endpoints(**urls)
    assert servers.are_alive()
    assert not servers.stop()
    assert not (tmp_path / "untouched").exists()


def test_data_in_use_are_not_erased(tmp_path: Path, make_servers: Make) -> None:
    portal, other = make_servers(tmp_path), make_servers(tmp_path)
    portal.start()
    with pytest.raises(SupervisorError, match="in use"):
        other.erase()
    assert portal.are_alive()
