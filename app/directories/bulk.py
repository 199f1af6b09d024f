"""Many rows at once: COPY into a temporary table, then one upsert that leaves equal rows alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import Base, follow_scope
from app.security.protection.bulk import Sealing


def copy_upsert(
    session: Session,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    key: str,
    keep: Sequence[str] = (),
    on_change: str = "",
) -> int:
    """Insert the rows, or change the ones with the same `key` where something differs. Returns rows written.

    Sealed columns are handed over in plain; they are sealed here, and compared by their digests.

    Goes past the choke point: the caller has checked that every row lies within the scope.

    :param keep: columns that an existing row does not take over
    :param on_change: more assignments for a row that changes, SQL (`version = target.version + 1`)
    """
    protected = Sealing(Base.metadata.tables[table], columns)
    taken = [c for c in columns if c != key and c not in keep]
    taken += protected.digests_of(taken)
    compared = [c for c in taken if c not in protected.columns]
    columns = [*columns, *protected.digests]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    target, stage = sql.Identifier(table), sql.Identifier(f"stage_{table}")
    follow_scope(session)
    connection = session.connection().connection.driver_connection
    assert connection is not None
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(stage))
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                stage, names, target
            )
        )
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(stage, names)) as copy:
            for row in rows:
                copy.write_row(protected.row(row))
        cursor.execute(_upsert(target, stage, names, key, taken, compared, on_change))
        written = int(cursor.rowcount)
        cursor.execute(sql.SQL("DROP TABLE pg_temp.{}").format(stage))
    return written


def _upsert(
    target: sql.Identifier,
    stage: sql.Identifier,
    names: sql.Composed,
    key: str,
    taken: list[str],
    compared: list[str],
    on_change: str,
) -> sql.Composed:
    head = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT ({}) ").format(
        target, names, names, stage, sql.Identifier(key)
    )
    if not taken:
        return head + sql.SQL("DO NOTHING")
    own = [sql.SQL("{}.{}").format(target, sql.Identifier(c)) for c in compared]
    new = [sql.SQL("excluded.{}").format(sql.Identifier(c)) for c in compared]
    assignments = [sql.SQL("{} = excluded.{}").format(sql.Identifier(c), sql.Identifier(c)) for c in taken]
    if on_change:
        assignments.append(sql.SQL(on_change))
    return head + sql.SQL("DO UPDATE SET {} WHERE ({}) IS DISTINCT FROM ({})").format(
        sql.SQL(", ").join(assignments), sql.SQL(", ").join(own), sql.SQL(", ").join(new)
    )


def without_time_limit(session: Session) -> None:
    """A bulk act may take longer than a page may wait."""
    session.execute(text("SET LOCAL statement_timeout = 0"))
