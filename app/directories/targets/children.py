"""The wall of rows that hang on a target: its region beside it, so that nobody looks through a million targets.

`check` for PostgreSQL is as narrow as `write`: whoever may read a row of a watched agency may not change it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_

from app.security.scope import Scope


def read_child(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    return or_(model.region_id.in_(scope.region_ids), model.agency_id.in_(scope.readable_agency_ids))


def check_child(model: type[Any], scope: Scope) -> ColumnElement[bool]:
    own = or_(model.agency_id.is_(None), model.agency_id.in_(scope.agency_ids))
    return model.region_id.in_(scope.region_ids) & own


def write_child(row: Any, scope: Scope) -> bool:
    own = row.agency_id is None or row.agency_id in scope.agency_ids
    return row.region_id in scope.region_ids and own
