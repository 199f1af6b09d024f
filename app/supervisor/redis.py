"""The embedded Redis (the Valkey server program), under the same rules as the embedded PostgreSQL.

It holds only work that PostgreSQL can hand out again: a log that cannot be read is put aside, not repaired.
"""

from __future__ import annotations

import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

from app.supervisor.errors import SupervisorError
from app.supervisor.logs import tail
from app.supervisor.placement import CLEAN_ENVIRONMENT, Placement
from app.supervisor.ports import free_port
from app.supervisor.processes import Process, began_at, end_all, wait_until, working_in
from app.supervisor.runfile import RunFile

_ATTEMPTS = 6
_READY_WITHIN = 30.0


class EmbeddedRedis:
    """One server per PORTAL_HOME, on loopback, with a password, its log of changes kept in the data
    folder.
    """

    name = "redis"

    def __init__(self, placement: Placement, run_file: RunFile, log: Path, *, durable: bool = True) -> None:
        self._place = placement
        self._run_file = run_file
        self._log = log
        self._durable = durable
        self._started: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self._place.base / "redis"

    def url(self, number: int = 0) -> str:
        section = self._run_file.section(self.name)
        return f"redis://:{section['password']}@127.0.0.1:{section['port']}/{number}"

    def running(self) -> Process | None:
        if self._started is not None:
            self._started.poll()
        return self._run_file.process(self.name)

    def is_alive(self) -> bool:
        return self.running() is not None

    def start(self) -> None:
        """Start the server, or adopt the one that `run.json` names and that answers with our password."""
        if not self._run_file.section(self.name).get("password"):
            self._run_file.update(redis={"password": secrets.token_hex(24)})
        for attempt in range(_ATTEMPTS):
            if not (self.running() and self._answers()):
                self._spawn()
            if (
                wait_until(lambda: self._answers() or self.running() is None, _READY_WITHIN)
                and self._answers()
            ):
                self._run_file.update(redis={"redis_url": self.url(), "data": str(self.data)})
                return
            if attempt == 1:
                self._put_log_aside()
            time.sleep(0.25 * 2**attempt)
        raise SupervisorError(f"The embedded Redis does not start. Its last lines:\n{tail(self._log)}")

    def stop(self) -> None:
        """SIGTERM makes it write what it holds and end."""
        end_all(working_in(self.data), signal.SIGTERM, 15)
        self.let_go()
        self._run_file.update(redis={"pid": None})

    def let_go(self) -> None:
        """The server may outlive us: it is found again by `run.json`."""
        if self._started is not None and self._started.poll() is None:
            self._started.returncode = 0
        self._started = None

    def _spawn(self) -> None:
        end_all(working_in(self.data), signal.SIGTERM, 15)
        section = self._run_file.section(self.name)
        port = free_port(section.get("port"))
        data = self._place.folder("redis")
        with open(self._log, "ab") as log:
            # The settings come over standard input: a password on the command line is everybody's to read.
            self._started = subprocess.Popen(
                [str(self._place.redis_program), "-"],
                cwd=data,
                env=CLEAN_ENVIRONMENT,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._place.account.popen_options(),
            )
        assert self._started.stdin is not None
        try:
            with self._started.stdin as settings:
                settings.write(self._settings(port, section["password"]).encode())
        except BrokenPipeError:
            return
        began = began_at(self._started.pid)
        self._run_file.update(redis={"port": port, "pid": self._started.pid, "began": began})

    def _settings(self, port: int, password: str) -> str:
        lines = [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {password}",
            "dir ./",
            "databases 64",
            f"appendonly {'yes' if self._durable else 'no'}",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "daemonize no",
            'logfile ""',
        ]
        return "\n".join(lines) + "\n"

    def _put_log_aside(self) -> None:
        end_all(working_in(self.data), signal.SIGTERM, 15)
        self.data.rename(self.data.with_name(f"redis.unreadable-{int(time.time())}"))

    def _answers(self) -> bool:
        """Whether our password opens the kept port and the data have been loaded."""
        section = self._run_file.section(self.name)
        if not section.get("port"):
            return False
        try:
            with socket.create_connection(("127.0.0.1", section["port"]), timeout=2) as line:
                line.sendall(f"AUTH {section['password']}\r\nPING\r\nQUIT\r\n".encode())
                reply = b""
                while part := line.recv(4096):
                    reply += part
        except OSError:
            return False
        return b"+PONG" in reply
