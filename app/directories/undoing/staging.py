"""Temporary tables of an undo: what the cause changed, and what stands there now."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

_META = MetaData()
CHANGED = Table(
    "undo_changed",
    _META,
    Column("n", BigInteger),
    Column("row_id", Text),
    Column("before", JSONB),
    Column("after", JSONB),
)
"""A row that was there before the cause: its fields before the first and after the last change."""

ADDED = Table(
    "undo_added", _META, Column("n", BigInteger), Column("row_id", Text), Column("first", BigInteger)
)
"""A row that the cause inserted; `first` is the line of its history."""

NOW = Table(
    "undo_now",
    _META,
    Column("row_id", Text),
    Column("label", Text),
    Column("field", Text),
    Column("wanted", JSONB),
    Column("found", JSONB),
    Column("left", JSONB),
    Column("why", Text),
)
"""One field of a row of the slice: before the cause, now, and as the cause left it; `why` it stays, or null."""

FORGET = text(f"TRUNCATE pg_temp.{NOW.name}")
"""Before the next slice: a deletion would leave the dead lines of all slices to be read again and again."""

_ADDED = """
INSERT INTO undo_added (n, row_id, first)
SELECT row_number() OVER (ORDER BY min(h.id)), h.row_id, min(h.id)
FROM row_history h WHERE h.cause = :cause AND h.table_name = :table AND h.op = 'INSERT' GROUP BY h.row_id
"""
_CHANGED = """
INSERT INTO undo_changed (n, row_id, before, after)
SELECT row_number() OVER (ORDER BY min(h.id)), h.row_id,
       jsonb_object_agg(e.key, e.value ORDER BY h.id DESC),
       jsonb_object_agg(e.key, h.after -> e.key ORDER BY h.id)
FROM row_history h CROSS JOIN LATERAL jsonb_each(h.before) e
WHERE h.cause = :cause AND h.table_name = :table AND h.op = 'UPDATE' AND e.key = ANY (CAST(:columns AS text[]))
  AND NOT EXISTS (SELECT FROM undo_added a WHERE a.row_id = h.row_id)
GROUP BY h.row_id
"""


def stage(session: Session, cause: str, table: str, columns: list[str]) -> tuple[int, int]:
    """Gather what the cause did to a table: rows added, rows changed.

    :param columns: those that are put back
    """
    for staged in (ADDED, CHANGED, NOW):
        session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{staged.name}"))
        parts = ", ".join(f'"{c.name}" {c.type.compile(session.get_bind().dialect)}' for c in staged.columns)
        session.execute(text(f"CREATE TEMP TABLE {staged.name} ({parts}) ON COMMIT DROP"))
    told = {"cause": cause, "table": table}
    session.execute(text(_ADDED), told)
    session.execute(text(_CHANGED), {**told, "columns": columns})
    for staged in (ADDED, CHANGED):
        session.execute(text(f"CREATE INDEX ON {staged.name} (n)"))
        session.execute(text(f"ANALYZE {staged.name}"))
    counts = [session.scalar(select(func.count()).select_from(staged)) or 0 for staged in (ADDED, CHANGED)]
    return counts[0], counts[1]


def involved(session: Session) -> list[str]:
    """Columns of which the cause changed at least one value."""
    statement = "SELECT DISTINCT jsonb_object_keys(before) FROM undo_changed ORDER BY 1"
    return list(session.scalars(text(statement)))
