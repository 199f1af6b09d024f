"""A scope that is not known yet: the same names as `Scope`, as SQL over what the transaction was told.

`wall.read(model, SqlScope())` thereby writes the policy that PostgreSQL keeps. Ids are subselects, so that
`column.in_(scope.agency_ids)` works; what is left out (`published`, `roles`) a wall cannot ask for.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, String, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY


def _told(name: str) -> ColumnElement[str]:
    return func.current_setting(f"portal.{name}", True, type_=String)


def _ids(name: str) -> ColumnElement[Any]:
    return cast(func.string_to_array(_told(name), ","), ARRAY(BigInteger))


class SqlScope:
    """See `app.security.scope.Scope`; never everything, because system work is done by the tables' owner."""

    everything = False

    @property
    def agency_ids(self) -> Select[Any]:
        return select(func.unnest(_ids("agencies")))

    @property
    def watch_agency_ids(self) -> Select[Any]:
        return select(func.unnest(_ids("watched")))

    @property
    def readable_agency_ids(self) -> Select[Any]:
        return select(func.unnest(func.array_cat(_ids("agencies"), _ids("watched"))))

    @property
    def region_ids(self) -> Select[Any]:
        return select(func.unnest(_ids("regions")))

    @property
    def person_id(self) -> ColumnElement[int]:
        return select(cast(func.nullif(_told("person"), ""), Integer)).scalar_subquery()

    def holds(self, role: str) -> ColumnElement[bool]:
        held = func.string_to_array(_told("roles"), ",", type_=ARRAY(String))
        return select(literal(str(role)) == func.any(held)).scalar_subquery()
