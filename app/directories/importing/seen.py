"""Which keys a file has named so far: in memory for a command, in a table for a job that may be interrupted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from psycopg import sql
from sqlalchemy import ARRAY, FromClause, Text, bindparam, func, select
from sqlalchemy.orm import Session

from app.db import follow_scope
from app.directories.importing.models import ImportKey
from app.kernel.spreadsheet import SheetRow

Mention = tuple[str, SheetRow]
"""A key and the row that names it."""
_LONGEST = 200


class Seen(Protocol):
    def claim(self, mentions: Sequence[Mention]) -> dict[tuple[str, int], int]:
        """Keys in the file's order: (sheet, row) of each that was named before -> the row that did it first."""
        ...

    def note(self, keys: Iterable[str]) -> None:
        """More keys that count as named."""
        ...

    def named(self) -> FromClause:
        """All of them, as something with a column `key`."""
        ...


class SeenInMemory:
    def __init__(self) -> None:
        self._first: dict[str, tuple[str, int]] = {}

    def claim(self, mentions: Sequence[Mention]) -> dict[tuple[str, int], int]:
        twins = {}
        for key, row in mentions:
            if key:
                first = self._first.setdefault(key, (row.sheet, row.row))
                if first != (row.sheet, row.row):
                    twins[row.sheet, row.row] = first[1]
        return twins

    def note(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._first.setdefault(key, ("", 0))

    def named(self) -> FromClause:
        keys = bindparam(None, list(self._first), type_=ARRAY(Text))
        return func.unnest(keys).table_valued("key", name="named").render_derived()


class SeenInTable:
    """`number`: how many rows of the file came before; of two mentions the earlier one is the first."""

    def __init__(self, session: Session, run_id: int, number: int) -> None:
        self._session, self._run, self._number = session, run_id, number

    def claim(self, mentions: Sequence[Mention]) -> dict[tuple[str, int], int]:
        lines = []
        for key, row in mentions:
            self._number += 1
            if key:
                lines.append((key[:_LONGEST], self._number, row.sheet, row.row))
        return {(sheet, row): first for sheet, row, first in self._store(lines)}

    def note(self, keys: Iterable[str]) -> None:
        lines = [(key[:_LONGEST], 2**31 - 1, "", 0) for key in dict.fromkeys(keys)]
        if lines:
            self._store(lines)

    def named(self) -> FromClause:
        keys = ImportKey.__table__.c
        return select(keys.key).where(keys.run_id == self._run).subquery("named")

    def _store(self, lines: list[tuple[str, int, str, int]]) -> list[tuple[str, int, int]]:
        follow_scope(self._session)
        connection = self._session.connection().connection.driver_connection
        assert connection is not None
        stage = sql.Identifier("stage_import_key")
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(stage))
            cursor.execute(
                sql.SQL(
                    "CREATE TEMP TABLE {} (key text, number int, sheet text, row int) ON COMMIT DROP"
                ).format(stage)
            )
            with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(stage)) as copy:
                for line in lines:
                    copy.write_row(line)
            cursor.execute(
                sql.SQL(
                    "INSERT INTO import_key (run_id, key, number, sheet, row) "
                    "SELECT DISTINCT ON (key) {run}, key, number, sheet, row FROM {stage} ORDER BY key, number "
                    "ON CONFLICT DO NOTHING"
                ).format(run=sql.Literal(self._run), stage=stage)
            )
            twins: list[tuple[str, int, int]] = []
            if cursor.rowcount < len(lines):
                # Key by key: without figures of a table that grows, a join would read all of it each time.
                cursor.execute(
                    sql.SQL(
                        "SELECT s.sheet, s.row, k.row FROM {stage} s CROSS JOIN LATERAL "
                        "(SELECT number, row FROM import_key WHERE run_id = {run} AND key = s.key OFFSET 0) k "
                        "WHERE k.number < s.number AND s.row > 0 AND k.row > 0"
                    ).format(run=sql.Literal(self._run), stage=stage)
                )
                twins = cursor.fetchall()
            cursor.execute(sql.SQL("DROP TABLE pg_temp.{}").format(stage))
        return twins
