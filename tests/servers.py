"""One embedded PostgreSQL and Redis for all test processes of this checkout, started by whoever comes first.

    endpoints = ensure_servers()                             # joins, or starts
    ensure_template("portal_ab12", build)                    # once: `build(url)` migrates an empty database
    url = create_database_from_template("x", "portal_ab12")  # an own copy, milliseconds
    leave_servers()                                          # the last one to leave stops them

Databases carry the number of the process that made them: what a killed run left is dropped by the next.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from app.supervisor.processes import began_at
from app.supervisor.runfile import locked
from app.supervisor.servers import EmbeddedServers, Endpoints, stop_at_exit

CHECKOUT = Path(__file__).resolve().parent.parent
HOME = CHECKOUT / "var" / "test" / "servers"

_servers = EmbeddedServers(HOME, CHECKOUT, durable=False)
_endpoints: Endpoints | None = None


def ensure_servers() -> Endpoints:
    """The servers' addresses; the database named there is empty and shared, so make your own."""
    global _endpoints
    if _endpoints is None:
        _endpoints = _servers.start()
        stop_at_exit(_servers)
        _drop_what_the_dead_left()
    return _endpoints


def leave_servers() -> None:
    """For `pytest_unconfigure`: leave, and stop the servers when nobody else uses them."""
    global _endpoints
    if _endpoints is not None:
        _servers.stop()
        _endpoints = None


def server_admin_url() -> str:
    """As the server's superuser."""
    ensure_servers()
    return _servers.admin_url()


def redis_url(number: int) -> str:
    """One of the 64 numbered Redis databases, for tests that flush it."""
    return f"{ensure_servers().redis_url.rpartition('/')[0]}/{number}"


def ensure_template(name: str, build: Callable[[str], None], of: str | None = None) -> None:
    """Make the template database `name` with `build(url)` unless it is there; it begins as a copy of `of`,
    or empty.

    Put a digest of what `build` depends on at the end of the name, after an underscore: templates with the
    same beginning and another digest are dropped.
    """
    ensure_servers()
    with locked(HOME / "template.lock"), _admin() as admin:
        if _exists(admin, name):
            return
        beginning = name.rpartition("_")[0]
        for old in _names(admin, "datistemplate AND datname NOT LIKE 'template_'"):
            if beginning and old.rpartition("_")[0] == beginning:
                admin.execute(sql.SQL("ALTER DATABASE {} IS_TEMPLATE false").format(sql.Identifier(old)))
                drop_database(old)
        part = _create(admin, f"{name}_part_{os.getpid()}", of)
        build(_url(part))
        admin.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(part), sql.Identifier(name))
        )
        admin.execute(
            sql.SQL("ALTER DATABASE {} IS_TEMPLATE true ALLOW_CONNECTIONS false").format(sql.Identifier(name))
        )


def create_database_from_template(name: str, template: str | None = None) -> str:
    """A database of this process, a copy of the template (empty without one). Returns its URL."""
    ensure_servers()
    with _admin() as admin:
        return _url(_create(admin, f"{name}_{os.getpid()}", template))


def drop_database(name: str) -> None:
    """Drop it, also when somebody is connected."""
    with _admin() as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _create(admin: psycopg.Connection, name: str, template: str | None) -> str:
    drop_database(name)
    admin.execute(
        sql.SQL("CREATE DATABASE {} OWNER portal TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(template or "template1")
        )
    )
    return name


def _drop_what_the_dead_left() -> None:
    with _admin() as admin:
        for name in _names(admin, "NOT datistemplate"):
            maker = re.search(r"_(\d+)$", name)
            if maker and began_at(int(maker[1])) is None:
                drop_database(name)


def _names(admin: psycopg.Connection, condition: str) -> list[str]:
    rows = admin.execute(sql.SQL("SELECT datname FROM pg_database WHERE ") + sql.SQL(condition))
    return [row[0] for row in rows.fetchall()]


def _exists(admin: psycopg.Connection, name: str) -> bool:
    return admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _url(database: str) -> str:
    return f"{ensure_servers().database_url.rpartition('/')[0]}/{database}"


def _admin() -> psycopg.Connection:
    return psycopg.connect(_servers.admin_url(), autocommit=True)
