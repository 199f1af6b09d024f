"""What the database expects without counting."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ClauseElement, Executable, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session


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
