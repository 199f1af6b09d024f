"""Is that database server one on which the portal tells the truth? Asked at every start."""

from __future__ import annotations

import psycopg

from app.supervisor.errors import SupervisorError

OLDEST_VERSION = 15
# Byte order, the same on every machine: what sorts, compares and hashes lists must not depend on the
# system's locale.
_LOCALES = {"C", "POSIX", "C.UTF-8", "C.UTF8"}
_HOW_TO_MAKE = "CREATE DATABASE portal TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"


def check_server(database_url: str, *, connect_seconds: int = 10) -> None:
    """Server 15 or newer, encoding UTF8, collation C or C.UTF-8 (provider libc or builtin).

    :raises SupervisorError: with a sentence that says what is wrong and how to make it right
    """
    try:
        with psycopg.connect(database_url, connect_timeout=connect_seconds, autocommit=True) as connection:
            version = connection.info.server_version // 10000
            row = connection.execute(
                "SELECT datname, pg_encoding_to_char(encoding), datlocprovider::text, datcollate, to_jsonb(d)"
                " FROM pg_database d WHERE datname = current_database()"
            ).fetchone()
    except psycopg.OperationalError as fault:
        first = str(fault).strip().splitlines()[0]
        raise SupervisorError(f"The database server in DATABASE_URL does not let us in: {first}") from fault
    assert row is not None
    name, encoding, provider, collation, columns = row
    if version < OLDEST_VERSION:
        raise SupervisorError(
            f"The database server is PostgreSQL {version}; the portal needs {OLDEST_VERSION} or newer."
        )
    if encoding != "UTF8":
        raise SupervisorError(_wrong(name, f"the encoding {encoding}"))
    # PostgreSQL 17 renamed the column that holds the locale of providers other than libc.
    locale = collation if provider == "c" else columns.get("datlocale") or columns.get("daticulocale") or ""
    if provider == "i" or locale.upper() not in _LOCALES:
        kind = {"c": "libc", "i": "ICU", "b": "builtin"}.get(provider, provider)
        raise SupervisorError(_wrong(name, f"the locale {locale} ({kind})"))


def _wrong(database: str, what: str) -> str:
    return (
        f"The database {database} has {what}; the portal needs UTF8 with the collation C or C.UTF-8, "
        f"otherwise lists are sorted differently from machine to machine. Make it so: {_HOW_TO_MAKE}"
    )
