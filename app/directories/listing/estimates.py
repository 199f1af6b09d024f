"""What the database knows without counting."""

from __future__ import annotations

import json
from time import monotonic
from typing import Any

from sqlalchemy import ClauseElement, Executable, Select, Text, bindparam, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session

REMEMBERED = 60.0
"""Seconds for which a process knows how large a table is; only the way of asking depends on it."""
_ROWS = text("SELECT reltuples::bigint FROM pg_class WHERE oid = CAST(:name AS regclass)")
_known: dict[tuple[str, str], tuple[float, int]] = {}


def rows_of_table(session: Session, table: str) -> int:
    """About how many rows a table has, as of its last analysis; -1 before the first one."""
    key, now = (str(session.get_bind().engine.url), table), monotonic()
    known = _known.get(key)
    if known is None or now - known[0] > REMEMBERED:
        rows = session.execute(_ROWS.bindparams(bindparam("name", table, type_=Text))).scalar_one()
        _known[key] = known = (now, int(rows))
    return known[1]


class _Explained(Executable, ClauseElement):
    """EXPLAIN of a statement, with its parameters."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(_Explained, "postgresql")
def _explained(element: _Explained, compiler: Any, **kwargs: Any) -> str:
    return "EXPLAIN (FORMAT JSON) " + compiler.process(element.statement, **kwargs)


def estimated_rows(session: Session, statement: Select[Any]) -> int:
    """How many rows the planner expects of a statement; it is planned, not run."""
    found = session.execute(_Explained(statement)).scalar_one()
    plan = json.loads(found) if isinstance(found, str) else found
    return int(plan[0]["Plan"]["Plan Rows"])
