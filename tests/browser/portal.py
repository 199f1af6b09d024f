"""A portal as a user starts it: `python run.py` with a home and a port of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from app.kernel.clock import Clock, parse_clock
from app.supervisor import EmbeddedServers
from app.supervisor.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 180.0
STOPPED_WITHIN = 60.0
NOT_INHERITED = ("DATABASE_URL", "REDIS_URL", "SMTP_URL", "SECRET_KEY", "PORTAL_ENV", "PORTAL_CLOCK", "PORT")


class Portal:
    """Web processes, worker, ticker and the embedded servers, of one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._printed = home.parent / f"{home.name}.txt"
        self._process: subprocess.Popen[bytes] | None = None
        self._clock: str | None = None

    def start(self, clock: str | None = None) -> None:
        """Return once the address and the accounts are printed."""
        self._clock = clock
        with self._printed.open("wb") as printed:
            command = [sys.executable, "run.py"]
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment(), stdout=printed, stderr=subprocess.STDOUT
            )
        end = time.monotonic() + READY_WITHIN
        while "Logs:" not in self.printed():
            if self._process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the portal has not started:\n{self.printed()}")
            time.sleep(0.2)

    def stop(self) -> None:
        """In order, as a service manager would; Ctrl-C does the same (tests/supervisor)."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(STOPPED_WITHIN)
        self._process = None

    @property
    def clock(self) -> Clock:
        return parse_clock(self._clock)

    def restart(self, clock: str | None) -> None:
        self.stop()
        self.start(clock)

    def erase(self) -> None:
        self.stop()
        EmbeddedServers(self.home, ROOT).erase()

    def printed(self) -> str:
        return self._printed.read_text(encoding="utf-8", errors="replace")

    @property
    def password(self) -> str:
        """As a person reads it from the terminal."""
        return self.printed().split("one password for all: ")[1].split(")")[0]

    def command(self, *arguments: str, code: int = 0) -> str:
        """What `flask --app run ...` prints beside the running portal."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "run", *arguments],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.command(*arguments, "--json", code=code))

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        clock = {"PORTAL_CLOCK": self._clock} if self._clock else {}
        return {**kept, **clock, "PORTAL_HOME": str(self.home), "PORT": str(self.port), "PYTHONUTF8": "1"}
