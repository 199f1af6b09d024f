"""Put changed rows back: only the fields that the cause changed, only where nobody changed them since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    Text,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    insert,
    literal_column,
    null,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from app.directories.undoing.places import MERGED
from app.directories.undoing.rules import Why
from app.directories.undoing.staging import CHANGED, FORGET, NOW

# Of an object by fields the keys that the cause changed and that stand as it left them.
_MERGE = text("""
UPDATE undo_now n SET why = NULL, wanted = coalesce((
  SELECT jsonb_object_agg(m.key, m.value) FROM (
    SELECT f.key, f.value FROM jsonb_each(n.found) f
    WHERE NOT (n.left -> f.key IS NOT DISTINCT FROM f.value AND n.wanted -> f.key IS DISTINCT FROM f.value)
    UNION ALL
    SELECT w.key, w.value FROM jsonb_each(n.wanted) w
    WHERE n.left -> w.key IS DISTINCT FROM w.value AND n.found -> w.key IS NOT DISTINCT FROM n.left -> w.key
  ) m), '{}')
WHERE n.field = :field
""")


def look(
    session: Session, table: Table, key: str, name: str, fields: Sequence[str], wall: Any, a: int, b: int
) -> None:
    """Lock the rows of a slice and note how each field stands, with the reason why it cannot be put back."""
    session.execute(FORGET)
    parts = [part for f in fields for part in (literal_column(f"'{f}'"), table.c[f])]
    label = cast(table.c[name], Text) if name else literal_column("''")
    rows = (
        select(
            CHANGED.c.row_id,
            CHANGED.c.before,
            CHANGED.c.after,
            label.label("label"),
            func.jsonb_build_object(*parts, type_=JSONB).label("here"),
        )
        .select_from(CHANGED.join(table, table.c[key] == cast(CHANGED.c.row_id, table.c[key].type)))
        .where(CHANGED.c.n > a, CHANGED.c.n <= b, wall)
        .order_by(table.c[key])
        .with_for_update(of=table)
        .subquery("rows_of_slice")
    )
    each = func.jsonb_each(rows.c.after).table_valued(column("key", Text), column("value", JSONB), name="e")
    each = each.render_derived(name="e")
    found = rows.c.here[each.c.key]
    why = case((found.is_distinct_from(each.c.value), Why.CHANGED.value), else_=null())
    statement = select(
        rows.c.row_id, rows.c.label, each.c.key, rows.c.before[each.c.key], found, each.c.value, why
    ).select_from(rows.join(each, true()))
    session.execute(insert(NOW).from_select(list(NOW.c), statement))
    if MERGED in fields:
        session.execute(_MERGE, {"field": MERGED})
    _mind_references(session, table, fields)
    _mind_unique(session, table, key, fields)


def _mind_references(session: Session, table: Table, fields: Sequence[str]) -> None:
    """A value that refers to a row which is not there any more cannot come back."""
    for name in fields:
        for reference in table.c[name].foreign_keys:
            there = exists().where(reference.column == cast(_plain(NOW.c.wanted), reference.column.type))
            session.execute(_refuse(name, Why.GONE, and_(_is_value(), ~there)))


def _mind_unique(session: Session, table: Table, key: str, fields: Sequence[str]) -> None:
    for name in fields:
        if table.c[name].unique:
            other = table.alias("other")
            taken = exists().where(
                other.c[name] == cast(_plain(NOW.c.wanted), other.c[name].type),
                cast(other.c[key], Text) != NOW.c.row_id,
            )
            session.execute(_refuse(name, Why.TAKEN, and_(_is_value(), taken)))


def _plain(value: Any) -> ColumnElement[str]:
    """The text of a JSON scalar."""
    return value.op("#>>")(literal_column("'{}'"))


def _is_value() -> ColumnElement[bool]:
    return func.jsonb_typeof(NOW.c.wanted) != "null"


def _refuse(field: str, why: Why, when: ColumnElement[bool]) -> Any:
    return update(NOW).where(NOW.c.field == field, NOW.c.why.is_(None), when).values(why=why.value)


def put_back(session: Session, table: Table, key: str, fields: Sequence[str], wall: Any, more: Any) -> int:
    """Write what is free of the slice: rows that changed.

    :param more: values that every row gets besides (version, time)
    """
    back = (
        select(
            cast(NOW.c.row_id, table.c[key].type).label("key"),
            func.jsonb_object_agg(NOW.c.field, NOW.c.wanted).label("back"),
        )
        .where(NOW.c.why.is_(None), NOW.c.wanted.is_distinct_from(NOW.c.found))
        .group_by(NOW.c.row_id)
        .subquery("back")
    )
    typed = func.jsonb_to_record(back.c.back).table_valued(
        *(column(name, table.c[name].type) for name in fields), name="typed"
    )
    typed = typed.render_derived(name="typed", with_types=True)
    values = (
        select(back.c.key, back.c.back, *(typed.c[name] for name in fields))
        .select_from(back.join(typed, true()))
        .subquery("put_back")
    )
    new = {
        name: case((values.c.back.op("?")(literal_column(f"'{name}'")), values.c[name]), else_=table.c[name])
        for name in fields
    }
    statement = update(table).where(table.c[key] == values.c.key, wall).values({**new, **more})
    return int(session.execute(statement).rowcount)  # type: ignore[attr-defined]
