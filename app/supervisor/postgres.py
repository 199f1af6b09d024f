"""The embedded PostgreSQL: its programs from the wheel, its life in our hands."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg import sql

from app.supervisor.errors import SupervisorError
from app.supervisor.logs import tail
from app.supervisor.placement import CLEAN_ENVIRONMENT, Placement
from app.supervisor.ports import free_port
from app.supervisor.processes import Process, end_all, process, wait_until, working_in, works_in
from app.supervisor.runfile import RunFile

DATABASE = "portal"
ROLE = "portal"
ROWS_ROLE = "portal_scoped"
ADMIN = "postgres"
_ATTEMPTS = 8
# Recovery after a crash replays up to max_wal_size.
_READY_WITHIN = 180.0
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # Loopback only: the path of a socket may hold 107 bytes, and a deep folder has more.
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "80",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
# For tests: several runs share one server.
_NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


class _PasswordRefused(Exception):
    """The server is ours but knows another password than `run.json`."""


class EmbeddedPostgres:
    """One server per PORTAL_HOME. Adopts its own server when that still runs, starts it otherwise."""

    name = "postgres"

    def __init__(self, placement: Placement, run_file: RunFile, log: Path, *, durable: bool = True) -> None:
        self._place = placement
        self._run_file = run_file
        self._log = log
        self._settings = _SETTINGS if durable else {**_SETTINGS, **_NOT_DURABLE}
        self._started: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self._place.base / "postgres"

    def url(self, database: str = DATABASE, role: str = ROLE) -> str:
        """Connection URL over loopback, with the role's password."""
        section = self._run_file.section(self.name)
        password = section["password" if role == ROLE else "admin_password"]
        return f"postgresql://{role}:{password}@127.0.0.1:{section['port']}/{database}"

    def running(self) -> Process | None:
        """The postmaster of our data folder, whoever started it."""
        if self._started is not None:
            self._started.poll()
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None
        one = process(pid)
        return one if one and works_in(pid, self.data) else None

    def start(self) -> None:
        """Make the data folder if there is none, start or adopt the server, make role and database if
        missing.
        """
        self._make_passwords()
        self._make_data()
        # After a kill of the postmaster its children may still hold shared memory for a moment: refused,
        # then not.
        for attempt in range(_ATTEMPTS):
            if self.running() is None or not self._run_file.section(self.name).get("port"):
                self._shut_down()
                self._spawn()
            try:
                if self._becomes_ready():
                    break
            except _PasswordRefused:
                self._reset_admin_password()
            time.sleep(min(0.25 * 2**attempt, 3.0))
        else:
            raise SupervisorError(
                f"The embedded PostgreSQL does not start. Its last lines:\n{tail(self._log)}"
            )
        self._make_database()
        running = self.running()
        if running:
            self._run_file.update(
                postgres={
                    "pid": running.pid,
                    "began": running.began,
                    "database_url": self.url(),
                    "data": str(self.data),
                }
            )

    def stop(self) -> None:
        """Shut down in an orderly way; the next start needs no recovery."""
        self._shut_down()
        self.let_go()
        self._run_file.update(postgres={"pid": None})

    def _shut_down(self) -> None:
        running = self.running()
        if running:
            running.send(signal.SIGINT)
            wait_until(lambda: self.running() is None, 60)
        end_all(working_in(self.data), signal.SIGQUIT, 10)

    def let_go(self) -> None:
        """The server may outlive us: it is found again by its data folder."""
        if self._started is not None and self._started.poll() is None:
            self._started.returncode = 0
        self._started = None

    def _make_passwords(self) -> None:
        section = self._run_file.section(self.name)
        missing = [name for name in ("password", "admin_password") if not section.get(name)]
        if missing:
            self._run_file.update(postgres={name: secrets.token_hex(24) for name in missing})

    def _make_data(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        part = self._place.base / "postgres.part"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        self._place.account.own(part)
        handle, name = tempfile.mkstemp(prefix="pw.", dir=self._place.base)
        try:
            with open(handle, "w", encoding="ascii") as target:
                target.write(self._run_file.section(self.name)["admin_password"] + "\n")
            self._place.account.own(Path(name))
            self._run(
                "initdb",
                "-D",
                str(part),
                "-U",
                ADMIN,
                f"--pwfile={name}",
                "--encoding=UTF8",
                "--auth-local=reject",
                "--auth-host=scram-sha-256",
                "--no-sync",
                "--no-instructions",
                # Other locales sort and split Chinese differently on every machine.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C.UTF-8",
            )
        finally:
            os.unlink(name)
        part.rename(self.data)

    def _run(self, program: str, *arguments: str, text: str | None = None) -> None:
        done = subprocess.run(
            [str(self._place.postgres_programs / "bin" / program), *arguments],
            input=text,
            text=True,
            cwd="/",
            env=CLEAN_ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **self._place.account.popen_options(),
        )
        if done.returncode != 0:
            raise SupervisorError(f"PostgreSQL's {program} failed:\n{done.stdout.strip()}")

    def _reset_admin_password(self) -> None:
        """`run.json` was lost: set the new password without knowing the old one, while no server runs."""
        self._shut_down()
        password = self._run_file.section(self.name)["admin_password"]
        self._run(
            "postgres",
            "--single",
            "-D",
            str(self.data),
            "postgres",
            text=f"ALTER ROLE {ADMIN} PASSWORD '{password}'\n",
        )

    def _spawn(self) -> None:
        self._drop_foreign_pid_file()
        port = free_port(self._run_file.section(self.name).get("port"))
        self._run_file.update(postgres={"port": port})
        settings = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with open(self._log, "ab") as log:
            self._started = subprocess.Popen(
                [
                    str(self._place.postgres_programs / "bin" / "postgres"),
                    "-D",
                    str(self.data),
                    "-c",
                    f"port={port}",
                    *settings,
                ],
                cwd="/",
                env=CLEAN_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._place.account.popen_options(),
            )

    def _drop_foreign_pid_file(self) -> None:
        """After a restart of the machine the number in the file may belong to any process of ours."""
        path = self.data / "postmaster.pid"
        if path.exists() and os.path.isdir("/proc/self") and self.running() is None:
            try:
                alive = process(int(path.read_text().split("\n", 1)[0])) is not None
            except ValueError:
                alive = True
            if alive:
                path.unlink()

    def _becomes_ready(self) -> bool:
        """False when the server ended, or never let us in."""
        in_time = wait_until(lambda: self._lets_us_in() or self._has_ended(), _READY_WITHIN)
        return in_time and self._lets_us_in()

    def _has_ended(self) -> bool:
        ours_ended = self._started is None or self._started.poll() is not None
        return ours_ended and self.running() is None

    def _lets_us_in(self) -> bool:
        if not self._run_file.section(self.name).get("port"):
            return False
        try:
            psycopg.connect(self.url("postgres", ADMIN), connect_timeout=5).close()
        except psycopg.OperationalError as refusal:
            if "password authentication failed" in str(refusal):
                raise _PasswordRefused from refusal
            return False
        return True

    def is_alive(self) -> bool:
        return self.running() is not None

    def _make_database(self) -> None:
        """The role owns its database and nothing more: no superuser, so that row-level security holds for
        it.
        """
        password = self._run_file.section(self.name)["password"]
        with psycopg.connect(self.url("postgres", ADMIN), autocommit=True) as admin:
            known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
            verb = "ALTER" if known else "CREATE"
            admin.execute(
                sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                    sql.SQL(verb), sql.Identifier(ROLE), sql.Literal(password)
                )
            )
            # Owns nothing and cannot log in: the portal works as this role whenever a person asks.
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROWS_ROLE]).fetchone():
                admin.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(ROWS_ROLE)))
            admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(ROWS_ROLE), sql.Identifier(ROLE)))
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                admin.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(ROLE)
                    )
                )
