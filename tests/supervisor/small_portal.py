"""A clone that has everything but the portal: its supervisor from start to finish, without its weight."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from app.supervisor.processes import wait_until
from tests.supervisor.conftest import CHECKOUT

WEB = """
import os
import psycopg
from flask import Flask

def create_app(settings):
    app = Flask(__name__)
    app.config["REDIS_URL"] = settings.redis_url
    app.add_url_rule("/healthz", view_func=lambda: "ok")

    @app.get("/visits")
    def visits():
        with psycopg.connect(settings.database_url) as connection:
            connection.execute("INSERT INTO visits DEFAULT VALUES")
            return str(connection.execute("SELECT count(*) FROM visits").fetchone()[0])

    @app.cli.command("visits")
    def count():
        with psycopg.connect(settings.database_url) as connection:
            print(connection.execute("SELECT count(*) FROM visits").fetchone()[0])

    return app
"""
LIFECYCLE = """
import psycopg

def upgrade(settings):
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS visits (id int GENERATED ALWAYS AS IDENTITY)")

def load_demo(settings):
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS demo ()")

def demo_accounts_text(settings):
    return "the accounts"
"""
PART = """
import time
import redis

def main(app):
    redis.Redis.from_url(app.config["REDIS_URL"]).ping()
    time.sleep(600)
"""


class SmallPortal:
    """`python run.py` in a folder of its own, with web, worker and ticker that do next to nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out.txt"
        self.home = folder / "var"
        self._running: subprocess.Popen[bytes] | None = None
        for name in ("app/supervisor", "app/kernel"):
            shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("run.py", "config.py", "app/__init__.py"):
            shutil.copy(CHECKOUT / name, folder / name)
        texts = {"web/__init__": WEB, "web/lifecycle": LIFECYCLE, "jobs/__init__": "", "jobs/worker": PART}
        for name, text in {**texts, "jobs/ticker": PART}.items():
            path = folder / "app" / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    def environment(self, **environ: str) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), **environ}

    def start(self, **environ: str) -> str:
        """Start it; what it has printed once it is up, or has ended."""
        with open(self.out, "wb") as out:
            self._running = subprocess.Popen(
                [sys.executable, "run.py"],
                cwd=self.folder,
                env=self.environment(**environ),
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        wait_until(lambda: "Ctrl-C stops" in self.printed() or self.exit_code() is not None, 60)
        return self.printed()

    def printed(self) -> str:
        return self.out.read_text(encoding="utf-8")

    def exit_code(self) -> int | None:
        return self._running.poll() if self._running else None

    def stop(self, number: signal.Signals = signal.SIGINT) -> int | None:
        """Signal the supervisor and wait for it; its exit code."""
        if self._running is None:
            return None
        self._running.send_signal(number)
        self._running.wait(60)
        return self._running.returncode

    def written(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.home / "run.json").read_text(encoding="utf-8"))
        return content

    def kill(self, name: str) -> int:
        pid = int(self.written()[name]["pid"])
        os.kill(pid, signal.SIGKILL)
        return pid

    def comes_back(self, name: str, killed: int) -> bool:
        """Whether that part runs under another number soon."""
        return wait_until(lambda: self.written().get(name, {}).get("pid") not in (killed, None), 20)

    def visit(self) -> int | None:
        """The number of visits so far with this one; None while the page does not answer."""
        try:
            with urllib.request.urlopen(f"{self.written()['web']['url']}/visits", timeout=10) as answer:
                return int(answer.read())
        except (OSError, urllib.error.URLError):
            return None

    def command(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment(**environ),
            capture_output=True,
            text=True,
            check=False,
        )
