"""Rows that hang on a target move to another, and back. As the tables' owner: the services have asked the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, and_, cast, delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.directories.merging.references import Reference, references
from app.kernel.errors import Refused
from app.security.protection.columns import sealed

Row = dict[str, Any]


@dataclass
class Moves:
    """See `models.Merge`."""

    moved: list[Row] = field(default_factory=list)
    dropped: list[Row] = field(default_factory=list)
    added: list[Row] = field(default_factory=list)


def move_all(session: Session, gone: Mapping[str, Any], kept: Mapping[str, Any]) -> Moves:
    """Every row that hangs on `gone` hangs on `kept` afterwards, or was dropped because that one has it already.

    :param gone, kept: id and region_id of the targets
    :raises Refused: both have the same record of a kind that stays as it was written
    """
    found = Moves()
    for reference in references():
        keys = _keys(session, reference, gone["id"])
        if not keys:
            continue
        try:
            with session.begin_nested():
                _point(session, reference, reference.target == gone["id"], kept)
            found.moved += [_moved(reference, key, kept["id"]) for key in keys]
        except IntegrityError:
            for key in keys:
                _move_one(session, reference, key, kept, found)
    return found


def _move_one(
    session: Session, reference: Reference, key: Row, kept: Mapping[str, Any], found: Moves
) -> None:
    try:
        with session.begin_nested():
            _point(session, reference, _is(reference.table, key), kept)
        found.moved.append(_moved(reference, key, kept["id"]))
    except IntegrityError:
        if reference.keeps:
            raise Refused("merge_same_record", table=reference.table.name) from None
        row = row_as_json(session, reference.table, key)
        twin = _twin(session, reference, row, kept)
        try:
            with session.begin_nested():
                session.execute(delete(reference.table).where(_is(reference.table, key)))
        except IntegrityError:
            raise Refused("merge_same_record", table=reference.table.name) from None
        if reference.adds and twin is not None:
            found.added.append(_add_up(session, reference, twin, row))
        # Sealed values would outlive the keys they are sealed with: such a row does not come back.
        found.dropped.append({"table": reference.table.name, "row": {} if sealed(reference.table) else row})


def _add_up(session: Session, reference: Reference, twin: Row, row: Row) -> Row:
    table, key = reference.table, _key_of(reference.table, twin)
    sums = {name: twin[name] + row[name] for name in reference.adds}
    session.execute(update(table).where(_is(table, key)).values(**sums))
    before = {name: twin[name] for name in reference.adds}
    return {"table": table.name, "key": key, "columns": before}


def _twin(session: Session, reference: Reference, row: Row, kept: Mapping[str, Any]) -> Row | None:
    """The kept target's row that stands in the way: the same but for its key, the target and the figures."""
    table = reference.table
    own = {name for name, _ in reference.columns}
    alike = [
        table.c[name] == value
        for constraint in table.constraints
        if type(constraint).__name__ == "UniqueConstraint" and reference.target.name in constraint.columns
        for name in constraint.columns.keys()  # noqa: SIM118 (a collection of columns, not of names)
        if name not in own and (value := row[name]) is not None
    ]
    if not alike:
        return None
    return session.execute(
        select(_json(table)).select_from(table).where(reference.target == kept["id"], *alike)
    ).scalar()


def seal_moves(session: Session, moves: Moves) -> None:
    """Note how the moved rows look now: what looks different later was touched."""
    for entry in (*moves.moved, *moves.added):
        entry["digest"] = digest(session, entry["table"], entry["key"])


def digest(session: Session, table_name: str, key: Row) -> str | None:
    """Of a row as it stands; None where it is gone."""
    table = _table(table_name)
    whole = cast(literal_column(f'"{table.name}"'), Text)
    return session.execute(select(func.md5(whole)).select_from(table).where(_is(table, key))).scalar()


def move_back(session: Session, entry: Row, kept_id: int, gone: Mapping[str, Any]) -> bool:
    """Whether the row went back: it is there, still with the kept target and untouched since."""
    table = _table(entry["table"])
    if digest(session, entry["table"], entry["key"]) != entry["digest"]:
        return False
    reference = next(r for r in references([table]) if [list(pair) for pair in r.columns] == entry["columns"])
    try:
        with session.begin_nested():
            there = and_(_is(table, entry["key"]), reference.target == kept_id)
            return _point(session, reference, there, gone) == 1
    except IntegrityError:
        return False


def put_back(session: Session, entry: Row) -> bool:
    """Whether a dropped row could be written again as it was."""
    if not entry["row"]:
        return False
    table = _table(entry["table"])
    names = [c.name for c in table.columns if c.computed is None and c.name in entry["row"]]
    made = func.jsonb_populate_record(literal_column(f'null::"{table.name}"'), cast(entry["row"], JSONB))
    source = select(*(literal_column(f'(made)."{name}"') for name in names)).select_from(
        select(made.label("made")).subquery("source")
    )
    try:
        with session.begin_nested():
            session.execute(table.insert().from_select(names, source, include_defaults=False))
        return True
    except IntegrityError:
        return False


def take_off(session: Session, entry: Row) -> bool:
    """Whether figures that were added could be taken off again: nobody has changed them since."""
    table = _table(entry["table"])
    if digest(session, entry["table"], entry["key"]) != entry["digest"]:
        return False
    session.execute(update(table).where(_is(table, entry["key"])).values(**entry["columns"]))
    return True


def row_as_json(session: Session, table: Table, key: Row) -> Row:
    found: Row = session.execute(select(_json(table)).select_from(table).where(_is(table, key))).scalar_one()
    return found


def _point(session: Session, reference: Reference, which: ColumnElement[bool], to: Mapping[str, Any]) -> int:
    values = {own: to[theirs] for own, theirs in reference.columns}
    done: Any = session.execute(update(reference.table).where(which).values(**values))
    return int(done.rowcount)


def _keys(session: Session, reference: Reference, target_id: int) -> list[Row]:
    statement = select(*reference.key).where(reference.target == target_id).order_by(*reference.key)
    return [dict(row) for row in session.execute(statement).mappings()]


def _moved(reference: Reference, key: Row, kept_id: int) -> Row:
    """The row as it is found after the move: the target may be part of its key."""
    name = reference.target.name
    key = {**key, name: kept_id} if name in key else key
    return {"table": reference.table.name, "columns": [list(pair) for pair in reference.columns], "key": key}


def _key_of(table: Table, row: Row) -> Row:
    return {column.name: row[column.name] for column in table.primary_key.columns}


def _is(table: Table, key: Row) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in key.items()))


def _json(table: Table) -> ColumnElement[Any]:
    return func.to_jsonb(literal_column(f'"{table.name}"'), type_=JSONB)


def _table(name: str) -> Table:
    return next(r.table for r in references() if r.table.name == name)


def count_moves(moves: Sequence[Row]) -> dict[str, int]:
    """Rows by table."""
    found: dict[str, int] = {}
    for entry in moves:
        found[entry["table"]] = found.get(entry["table"], 0) + 1
    return found
