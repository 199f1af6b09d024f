"""The portal on a database of its own that is as large as asked: made for one run, or kept for the next ones.

KEEP=1 keeps the filled database (`bench_kept_<n>k`) in the checkout's servers and takes it again while the
schema it was made from stands; KEEP=any takes it whatever the schema.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from flask import Flask
from psycopg import sql

from app.db import db
from app.kernel.clock import FixedClock
from bench import population
from tests import conftest, servers

KEEP = os.environ.get("KEEP", "")


@contextmanager
def portal(size: int, people: int = 20_000) -> Iterator[tuple[Flask, str]]:
    """So many targets in all, each third with a permit and with premises, and so many inspectors more."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "demo_password").write_text(conftest.DEMO_PASSWORD)
        template = conftest.template_of(home)
        name = f"bench_kept_{size // 1000}k"
        if KEEP in ("1", "any"):
            is_filled = _take(name, template)
            url = f"{servers.ensure_servers().database_url.rpartition('/')[0]}/{name}"
        else:
            is_filled = False
            url = servers.create_database_from_template("bench", template)
        app = conftest.application_on(url, home, FixedClock(conftest.START))
        try:
            if not is_filled:
                _fill(url, template, size, people)
            with app.app_context():
                yield app, url
                db.session.remove()
                db.engine.dispose()
        finally:
            if not KEEP:
                servers.drop_database(url.rpartition("/")[2])
            servers.leave_servers()


def _take(name: str, template: str) -> bool:
    """Whether the kept database is there and filled; else it is made anew. Its comment says what it was made from."""
    servers.ensure_servers()
    with psycopg.connect(servers.server_admin_url(), autocommit=True) as admin:
        made_from = admin.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if made_from is not None and made_from[0] and (KEEP == "any" or made_from[0] == template):
            return True
        servers.drop_database(name)
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER portal TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return False


def _fill(url: str, template: str, size: int, people: int) -> None:
    begun = time.perf_counter()
    with psycopg.connect(url) as connection:
        there = connection.execute("SELECT count(*) FROM target").fetchone()
        written = population.targets(connection, size - (there or (0,))[0])
        inspectors = population.inspectors(connection, people)
        children = population.children(connection)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        if KEEP:
            comment = sql.SQL("COMMENT ON DATABASE {} IS {}").format(
                sql.Identifier(connection.info.dbname), sql.Literal(template)
            )
            connection.execute(comment)
    print(
        f"{written:,} targets, {inspectors:,} inspectors, {children:,} permits and premises"
        f" in {time.perf_counter() - begun:.0f} s",
        flush=True,
    )
