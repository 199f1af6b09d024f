"""Many rows at once: COPY into a temporary table, then one statement that leaves all other rows alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Cursor, sql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import Base, follow_scope
from app.db.many import for_many_rows
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
    assignments: list[sql.Composable] = [
        sql.SQL("{} = excluded.{}").format(sql.Identifier(c), sql.Identifier(c)) for c in taken
    ]
    if on_change:
        assignments.append(sql.SQL(on_change))
    return head + sql.SQL("DO UPDATE SET {} WHERE ({}) IS DISTINCT FROM ({})").format(
        sql.SQL(", ").join(assignments), sql.SQL(", ").join(own), sql.SQL(", ").join(new)
    )


def copy_insert(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """New rows, given in plain. Returns how many.

    :raises IntegrityError: one of them is there already
    """
    protected = Sealing(Base.metadata.tables[table], columns)
    columns = [*columns, *protected.digests]
    names, target = sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table)
    with _staged(session, table, columns, (protected.row(row) for row in rows)) as (cursor, stage):
        cursor.execute(sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(target, names, names, stage))
        return int(cursor.rowcount)


def copy_update(
    session: Session,
    table: str,
    columns: Sequence[str],
    rows: Iterable[tuple[int, int | None, Mapping[str, Any]]],
    *,
    on_change: str = "",
    versioned: bool = True,
) -> int:
    """Change rows by id: (id, version it had, new values by column); columns that are not among them stay.

    Returns how many were changed; rows that have another version by now are not.
    """
    protected = Sealing(Base.metadata.tables[table], columns)
    taken = [*columns, *protected.digests]
    lines = (
        [row_id, version, list(values), *protected.row([values.get(c) for c in columns])]
        for row_id, version, values in rows
    )
    target = sql.Identifier(table)
    given = {name: name if name in columns else protected.made_from(name) for name in taken}
    assignments: list[sql.Composable] = [
        sql.SQL("{0} = CASE WHEN {1} = ANY(s.import_fields) THEN s.{0} ELSE t.{0} END").format(
            sql.Identifier(name), sql.Literal(given[name])
        )
        for name in taken
    ]
    if on_change:
        assignments.append(sql.SQL(on_change))
    same = sql.SQL(" AND t.version = s.import_version") if versioned else sql.SQL("")
    head = ["import_id", "import_version", "import_fields"]
    with _staged(session, table, taken, lines, head) as (cursor, stage):
        cursor.execute(
            sql.SQL("UPDATE {} AS t SET {} FROM {} AS s WHERE t.id = s.import_id").format(
                target, sql.SQL(", ").join(assignments), stage
            )
            + same
        )
        return int(cursor.rowcount)


@contextmanager
def _staged(
    session: Session,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    head: Sequence[str] = (),
) -> Iterator[tuple[Cursor[Any], sql.Identifier]]:
    """The rows in a temporary table with the types of `table`; `head`: id, version and names of fields before."""
    stage = sql.Identifier(f"stage_{table}")
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    first = sql.SQL("NULL::bigint AS import_id, NULL::int AS import_version, NULL::text[] AS import_fields, ")
    follow_scope(session)
    connection = session.connection().connection.driver_connection
    assert connection is not None
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(stage))
        cursor.execute(
            sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {}{} FROM {} WITH NO DATA").format(
                stage, first if head else sql.SQL(""), names, sql.Identifier(table)
            )
        )
        into = sql.SQL(", ").join(map(sql.Identifier, [*head, *columns]))
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(stage, into)) as copy:
            for row in rows:
                copy.write_row(row)
        try:
            yield cursor, stage
        except psycopg.IntegrityError as fault:
            raise IntegrityError("COPY", None, fault) from fault
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(stage))


def without_time_limit(session: Session) -> None:
    """A bulk act may take longer than a page may wait."""
    for_many_rows(session)
