"""The entry point.

`python run.py` starts everything on this machine: embedded PostgreSQL and Redis unless `DATABASE_URL` and
`REDIS_URL` name real ones, migrations, the demo (embedded only), then web, worker and ticker under one
supervisor. `python run.py web|worker|scheduler|upgrade` is one part of a real deployment, `keys` makes its
keys. `flask --app run ...` finds the application and its commands here, on the running servers or on servers
of its own for as long as it takes.
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.supervisor import EmbeddedServers, SupervisorError, attach_or_start, check_server
from app.supervisor.family import Child, Family
from app.supervisor.ports import is_free, next_free_port
from app.supervisor.runfile import RunFile, locked
from config import CHECKOUT, Settings, SettingsError, child_environment, load_settings, on_port, on_servers

if TYPE_CHECKING:
    from flask import Flask

PARTS = {"web": "web", "worker": "worker", "ticker": "scheduler"}
_WEB_READY_WITHIN = 60.0

# The portal's own packages are imported where they are used: loading this file must start and read nothing.


def create_app() -> Flask:
    """The application on its servers, for `flask --app run` and for Gunicorn."""
    from app.web import create_app as build

    try:
        return build(_joined(load_settings()))
    except (SettingsError, SupervisorError) as fault:
        sys.exit(str(fault))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="run.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "part",
        nargs="?",
        choices=("web", "worker", "scheduler", "upgrade", "keys"),
        help="one part only; without it, everything on this machine",
    )
    part = parser.parse_args(arguments).part
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave_in_order)
    os.chdir(CHECKOUT)
    try:
        settings = load_settings()
        if part is None:
            _run_family(settings, PARTS)
        elif part == "web":
            _run_web(settings)
        elif part == "keys":
            _make_keys(settings)
        else:
            _run_part(part, _joined(settings))
    except (SettingsError, SupervisorError) as fault:
        print(f"\n{fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _leave_in_order(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _joined(settings: Settings) -> Settings:
    """The settings with servers behind them, for as long as this process lives."""
    if settings.database_url and settings.redis_url:
        return settings
    found = attach_or_start(
        settings.home, CHECKOUT, database_url=settings.database_url, redis_url=settings.redis_url
    )
    return on_servers(settings, found.database_url, found.redis_url)


def _run_part(part: str, settings: Settings) -> None:
    if part == "upgrade":
        check_server(settings.database_url or "")
        with _phase("Migrations, roles, reference data"):
            from app.web.lifecycle import set_up_hint, upgrade

            upgrade(settings)
        _say(set_up_hint(settings))
    elif part == "worker":
        from app.jobs.worker import main as work
        from app.web import create_app as build

        work(build(settings))
    else:
        from app.jobs.ticker import main as tick
        from app.web import create_app as build

        tick(build(settings))


def _make_keys(settings: Settings) -> None:
    """A new installation's keys; a file that is there stays as it is."""
    from datetime import datetime, timezone

    from app.security.protection import keyfile
    from app.security.protection.ciphers import CipherName

    path = settings.data_key_file
    made = keyfile.make(path, CipherName(settings.data_cipher), datetime.now(timezone.utc))
    _say(
        f"{path} {'was made' if made else 'is there already'}. Keep a copy apart from the database's backup."
    )


def _run_web(settings: Settings) -> None:
    """Gunicorn in place of this process; on embedded servers a supervisor of its own keeps them alive."""
    if not (settings.database_url and settings.redis_url):
        _run_family(settings, {"web": "web"})
        return
    check_server(settings.database_url)
    if not is_free(settings.port, settings.host):
        raise SupervisorError(_taken(settings))
    command = [sys.executable, "-m", "gunicorn", "-c", "python:app.supervisor.gunicorn_conf"]
    os.execv(sys.executable, command)


def _run_family(settings: Settings, parts: dict[str, str]) -> None:
    """Servers, data, then the named parts as children, until Ctrl-C; everything is stopped before it
    returns.
    """
    run_file = RunFile(settings.home)
    where = run_file.section("web").get("url", "another terminal")
    with locked(settings.home / "portal.lock", 0.0, f"The portal of this folder runs already: {where}"):
        servers = EmbeddedServers(
            settings.home, CHECKOUT, database_url=settings.database_url, redis_url=settings.redis_url
        )
        family = _Portal(settings, servers, parts)
        try:
            family.run()
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            servers.stop()
            run_file.update(supervisor=None)
    _say("Stopped.")


class _Portal:
    """One run of the whole: what `python run.py` does from the first line to the last."""

    def __init__(self, settings: Settings, servers: EmbeddedServers, parts: dict[str, str]) -> None:
        self._settings = settings
        self._servers = servers
        self._accounts = ""
        self._began = time.monotonic()
        self._next_try = 0.0
        self._family = Family(
            [Child(name, [sys.executable, "run.py", part]) for name, part in parts.items()],
            home=settings.home,
            checkout=CHECKOUT,
            environment=lambda: child_environment(self._settings),
            say=_say,
            before_each_look=self._keep_servers,
        )

    def run(self) -> None:
        self._family.end_leftovers()
        if self._settings.port_is_explicit and not is_free(self._settings.port, self._settings.host):
            raise SupervisorError(_taken(self._settings))
        if self._servers.is_needed:
            with _phase("PostgreSQL and Redis"):
                self._start_servers()
        check_server(self._settings.database_url or "")
        self._prepare_data()
        self._choose_port()
        RunFile(self._settings.home).update(
            supervisor={"pid": os.getpid()}, web={"url": self._settings.base_url}
        )
        self._family.run(self._announce)

    def _start_servers(self) -> None:
        found = self._servers.start()
        self._settings = on_servers(self._settings, found.database_url, found.redis_url)

    def _prepare_data(self) -> None:
        """In production the operator runs `upgrade` when he wants it; the demo is only for the embedded
        database.
        """
        from app.web.lifecycle import demo_accounts_text, load_demo, upgrade

        if self._settings.env != "production":
            with _phase("Migrations, roles, reference data"):
                upgrade(self._settings)
        if self._settings.embedded:
            with _phase("Demo data"):
                load_demo(self._settings)
            self._accounts = demo_accounts_text(self._settings)

    def _choose_port(self) -> None:
        wanted = self._settings.port
        if is_free(wanted, self._settings.host):
            return
        if self._settings.port_is_explicit:
            raise SupervisorError(_taken(self._settings))
        self._settings = on_port(self._settings, next_free_port(wanted + 1, self._settings.host))
        _say(f"Port {wanted} is taken; the portal listens on {self._settings.port} this time.")

    def _announce(self) -> None:
        with _phase("Web, worker, ticker"):
            _wait_for_web(self._settings, lambda: self._family.is_stopping)
        if self._servers.is_needed and self._servers.placement().outside:
            where = self._servers.placement().base
            _say(f"The folder is closed to the servers' account: their data lie in {where}")
        _say(f"\nStarted in {time.monotonic() - self._began:.0f} s. Open {self._settings.base_url}")
        _say(self._accounts)
        _say(f"Logs: {self._settings.log_dir}. Ctrl-C stops everything.")

    def _keep_servers(self) -> None:
        """Bring back a server that died; the children reconnect, or begin anew where its port has changed."""
        if self._servers.are_alive() or time.monotonic() < self._next_try:
            return
        before = self._settings
        _say("An embedded server has ended; starting it again.")
        try:
            self._start_servers()
        except SupervisorError as fault:
            self._next_try = time.monotonic() + 10
            _say(str(fault))
            return
        if self._settings != before:
            self._family.restart()


def _wait_for_web(settings: Settings, is_stopping: Callable[[], bool]) -> None:
    end = time.monotonic() + _WEB_READY_WITHIN
    while not is_stopping() and not _web_answers(settings):
        if time.monotonic() > end:
            _say(f"The web process does not answer yet; see {settings.log_dir / 'web.log'}")
            return
        time.sleep(0.1)


def _web_answers(settings: Settings) -> bool:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    connection = http.client.HTTPConnection(host, settings.port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _taken(settings: Settings) -> str:
    return (
        f"Port {settings.port} is taken by another program. Stop that program, or choose another port: "
        f"PORT={settings.port + 1}"
    )


@contextmanager
def _phase(name: str) -> Iterator[None]:
    """One line per step of the start, with its seconds."""
    print(f"{name:.<40} ", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - began:6.1f} s", flush=True)


def _say(text: str) -> None:
    if text:
        print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
