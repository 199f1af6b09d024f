"""What the other tests get their databases from."""

from __future__ import annotations

import os

import psycopg

from tests.servers import create_database_from_template, drop_database, ensure_template, server_admin_url


def databases() -> set[str]:
    with psycopg.connect(server_admin_url()) as admin:
        return {row[0] for row in admin.execute("SELECT datname FROM pg_database").fetchall()}


def test_a_template_is_built_once_and_copied() -> None:
    built: list[str] = []

    def build(url: str) -> None:
        built.append(url)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE seeded AS SELECT 7 AS number")

    beginning = f"template_of_{os.getpid()}"
    ensure_template(f"{beginning}_a1", build)
    ensure_template(f"{beginning}_a1", build)
    assert len(built) == 1
    for name in ("first", "second"):
        with psycopg.connect(create_database_from_template(name, f"{beginning}_a1")) as connection:
            assert connection.execute("SELECT number FROM seeded").fetchall() == [(7,)]
            connection.execute("UPDATE seeded SET number = 8")
    ensure_template(f"{beginning}_b2", build)
    assert f"{beginning}_b2" in databases()
    assert f"{beginning}_a1" not in databases()
    with psycopg.connect(server_admin_url(), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {beginning}_b2 IS_TEMPLATE false")
    for name in (f"{beginning}_b2", f"first_{os.getpid()}", f"second_{os.getpid()}"):
        drop_database(name)
