"""The pair of embedded servers of one PORTAL_HOME, shared by everybody who works there.

The running portal and any command join the same servers; the last one to leave stops them. Nobody's child
dies with its parent here: after a kill -9 the servers go on, and the next start finds and adopts them.
"""

from __future__ import annotations

import atexit
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.supervisor.errors import SupervisorError
from app.supervisor.placement import Placement, place
from app.supervisor.postgres import EmbeddedPostgres
from app.supervisor.redis import EmbeddedRedis
from app.supervisor.runfile import Presence, RunFile, locked

# As long as a first start on a slow machine may take.
_START_LOCK_SECONDS = 300.0


@dataclass(frozen=True)
class Endpoints:
    """Where the servers listen. The URLs hold passwords."""

    database_url: str
    redis_url: str


class EmbeddedServers:
    """PostgreSQL and Redis below `home`. Starting and stopping are safe to repeat and safe between
    processes.
    """

    def __init__(
        self,
        home: Path,
        checkout: Path,
        *,
        database_url: str | None = None,
        redis_url: str | None = None,
        durable: bool = True,
    ) -> None:
        """A URL that is given names a real server, which is used instead of the embedded one.

        :param durable: False trades safety against power loss for speed: for tests
        """
        self.home = home.absolute()
        self._checkout = checkout.absolute()
        self._given = {"postgres": database_url, "redis": redis_url}
        self._durable = durable
        self._presence = Presence(self.home / "servers.users")
        self._pair: tuple[EmbeddedPostgres, EmbeddedRedis] | None = None
        self._placement: Placement | None = None

    def start(self) -> Endpoints:
        """Join the servers if they run, start what does not. Called again, it brings back what died."""
        if not self.is_needed:
            return Endpoints(self._given["postgres"] or "", self._given["redis"] or "")
        self.home.mkdir(parents=True, exist_ok=True)
        run_file = RunFile(self.home)
        with locked(self.home / "servers.lock", _START_LOCK_SECONDS):
            run_file.forget_what_was_copied()
            self._presence.enter()
            try:
                for server in self._wanted():
                    server.start()
            except BaseException:
                self._leave()
                raise
        postgres, redis = self._servers()
        return Endpoints(self._given["postgres"] or postgres.url(), self._given["redis"] or redis.url())

    def stop(self) -> bool:
        """Leave; stops the servers when nobody else uses them. True when that stopped them."""
        if not self._presence.is_held:
            return False
        with locked(self.home / "servers.lock", _START_LOCK_SECONDS):
            return self._leave()

    def stop_if_unused(self) -> bool:
        """Stop servers that a killed portal left running. False, and nothing done, while somebody uses
        them.
        """
        self.home.mkdir(parents=True, exist_ok=True)
        with locked(self.home / "servers.lock", _START_LOCK_SECONDS):
            self._presence.enter()
            return self._leave()

    def status(self) -> dict[str, Any]:
        """`{"postgres": {"running": bool, "pid": int, "port": int, "data": path}, "redis": {...}}`."""
        content = RunFile(self.home).read()
        found: dict[str, Any] = {}
        for server in self._servers():
            section, running = content.get(server.name, {}), server.running()
            found[server.name] = {
                "running": running is not None,
                "pid": running.pid if running else None,
                "port": section.get("port"),
                "data": str(server.data),
            }
        return found

    def are_alive(self) -> bool:
        """A cheap look: both processes are there."""
        return all(server.is_alive() for server in self._wanted())

    def admin_url(self, database: str = "postgres") -> str:
        """As the server's superuser: for tests and maintenance, never for the portal's own connections."""
        return self._servers()[0].url(database, "postgres")

    def placement(self) -> Placement:
        if self._placement is None:
            self._placement = place(self.home, self._checkout)
            if self._placement.outside:
                RunFile(self.home).update(servers={"outside": str(self._placement.base)})
        return self._placement

    def erase(self) -> None:
        """Stop the servers and remove their data.

        :raises SupervisorError: while somebody uses them
        """
        where = self.placement()
        if not self.stop_if_unused():
            raise SupervisorError(f"The servers of {self.home} are in use; stop the portal first.")
        with locked(self.home / "servers.lock", _START_LOCK_SECONDS):
            shutil.rmtree(where.base)
            if where.outside and not list(where.base.parent.glob("data-*")):
                shutil.rmtree(where.base.parent)
            (self.home / "run.json").unlink(missing_ok=True)

    @property
    def is_needed(self) -> bool:
        """False when both URLs were given: then nothing is placed, started or watched."""
        return not all(self._given.values())

    def _wanted(self) -> list[EmbeddedPostgres | EmbeddedRedis]:
        if not self.is_needed:
            return []
        return [server for server in self._servers() if not self._given[server.name]]

    def _servers(self) -> tuple[EmbeddedPostgres, EmbeddedRedis]:
        if self._pair is None:
            logs = self.home / "log"
            logs.mkdir(parents=True, exist_ok=True)
            run_file, where = RunFile(self.home), self.placement()
            self._pair = (
                EmbeddedPostgres(where, run_file, logs / "postgres.log", durable=self._durable),
                EmbeddedRedis(where, run_file, logs / "redis.log", durable=self._durable),
            )
        return self._pair

    def _leave(self) -> bool:
        alone = self._presence.is_alone()
        for server in reversed(self._servers()):
            if alone:
                server.stop()
            else:
                server.let_go()
        self._presence.leave()
        return alone


def attach_or_start(
    home: Path, checkout: Path, *, database_url: str | None = None, redis_url: str | None = None
) -> Endpoints:
    """For a command: join the running servers, or start them until this process ends."""
    servers = EmbeddedServers(home, checkout, database_url=database_url, redis_url=redis_url)
    stop_at_exit(servers)
    return servers.start()


def stop_at_exit(servers: EmbeddedServers) -> None:
    """Leave the servers when this process ends. A fork inherits the promise; only the maker keeps it."""
    owner = os.getpid()

    def leave() -> None:
        if os.getpid() == owner:
            servers.stop()

    atexit.register(leave)
