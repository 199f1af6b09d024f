"""Rows that the cause inserted: removed where nothing refers to them, otherwise closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Table, Text, cast, delete, exists, literal_column, or_, select, text, update
from sqlalchemy.orm import Session

from app.db import Base, as_owner
from app.directories.undoing.rules import Why
from app.directories.undoing.staging import ADDED, FORGET, NOW

# Somebody has worked on the row since: another cause, and more than what the portal computes by itself.
_CHANGED_SINCE = text("""
UPDATE undo_now n SET why = :why FROM undo_added a
WHERE a.row_id = n.row_id AND EXISTS (
  SELECT FROM row_history h WHERE h.table_name = :table AND h.row_id = n.row_id AND h.id > a.first
    AND h.op = 'UPDATE' AND h.cause IS DISTINCT FROM :cause
    AND EXISTS (SELECT FROM jsonb_object_keys(h.after) k WHERE k <> ALL (CAST(:derived AS text[]))))
""")


def look(session: Session, table: Table, key: str, name: str, wall: Any, a: int, b: int) -> None:
    """Lock the rows of a slice that are still there."""
    session.execute(FORGET)
    label = cast(table.c[name], Text) if name else literal_column("''")
    rows = (
        select(ADDED.c.row_id, label.label("label"))
        .select_from(ADDED.join(table, table.c[key] == cast(ADDED.c.row_id, table.c[key].type)))
        .where(ADDED.c.n > a, ADDED.c.n <= b, wall)
        .order_by(table.c[key])
        .with_for_update(of=table)
        .subquery("rows_of_slice")
    )
    session.execute(NOW.insert().from_select(["row_id", "label"], select(rows.c.row_id, rows.c.label)))


def mind_changes(session: Session, table: str, cause: str, derived: list[str]) -> None:
    session.execute(
        _CHANGED_SINCE, {"why": Why.CHANGED.value, "table": table, "cause": cause, "derived": derived}
    )


def mind_uses(session: Session, table: Table, key: str, parts: frozenset[str] = frozenset()) -> None:
    """Rows that others refer to, wherever those others lie; a row's own parts are no others."""
    for child in references(table, key):
        if child.table.name in parts:
            continue
        used = exists().where(child == cast(NOW.c.row_id, child.type))
        with as_owner(session):
            session.execute(update(NOW).where(NOW.c.why.is_(None), used).values(why=Why.IN_USE.value))


def references(table: Table, key: str) -> Iterator[Column[Any]]:
    """The columns of all tables that refer to the key of this one."""
    for other in Base.metadata.tables.values():
        for held in other.columns:
            if any(reference.column is table.c[key] for reference in held.foreign_keys):
                yield held


def remove(session: Session, table: Table, key: str, wall: Any) -> int:
    free = select(cast(NOW.c.row_id, table.c[key].type)).where(NOW.c.why.is_(None))
    return int(session.execute(delete(table).where(table.c[key].in_(free), wall)).rowcount)  # type: ignore[attr-defined]


def close(session: Session, table: Table, key: str, wall: Any, closed: Mapping[str, Any], more: Any) -> int:
    """Close what is in use and not closed yet; such rows are no conflict."""
    used = select(cast(NOW.c.row_id, table.c[key].type)).where(NOW.c.why == Why.IN_USE.value)
    differs = or_(*(table.c[name].is_distinct_from(value) for name, value in closed.items()))
    done = session.execute(
        update(table).where(table.c[key].in_(used), wall, differs).values({**closed, **more})
    )
    session.execute(delete(NOW).where(NOW.c.why == Why.IN_USE.value))
    return int(done.rowcount)  # type: ignore[attr-defined]
