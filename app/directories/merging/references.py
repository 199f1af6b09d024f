"""Which rows hang on a target: found from the metadata, so that a table that is added later is not forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Table

from app.db import Base

ADDS = "merge_adds"
"""In a table's `info`: columns whose figures are added up where both targets have the same row."""
KEEPS = "merge_keeps"
"""In a table's `info`: its rows are records; where both targets have the same one, the two cannot be merged."""


@dataclass(frozen=True)
class Reference:
    """A foreign key to a target. `columns`: (own column, the target's column), the target's id first."""

    table: Table
    columns: tuple[tuple[str, str], ...]

    @property
    def target(self) -> Column[Any]:
        """The column that holds the target's id."""
        return self.table.c[self.columns[0][0]]

    @property
    def key(self) -> tuple[Column[Any], ...]:
        return tuple(self.table.primary_key.columns)

    @property
    def adds(self) -> tuple[str, ...]:
        return tuple(self.table.info.get(ADDS, ()))

    @property
    def keeps(self) -> bool:
        return bool(self.table.info.get(KEEPS))


def references(tables: Iterable[Table] | None = None) -> list[Reference]:
    """Every foreign key to `target`, in the order of the tables' names."""
    found = sorted(
        tables if tables is not None else Base.metadata.tables.values(), key=lambda table: table.name
    )
    return [Reference(table, columns) for table in found for columns in _keys(table)]


def _keys(table: Table) -> Iterator[tuple[tuple[str, str], ...]]:
    seen: set[str] = set()
    constraints = [c for c in table.constraints if isinstance(c, ForeignKeyConstraint)]
    # A key over id and region moves both; the plain one beside it would move the id alone.
    for constraint in sorted(constraints, key=lambda c: -len(c.elements)):
        if constraint.referred_table.name != "target":
            continue
        columns = tuple(
            sorted(
                ((element.parent.name, element.column.name) for element in constraint.elements),
                key=lambda pair: pair[1] != "id",
            )
        )
        if columns[0][0] not in seen:
            seen.add(columns[0][0])
            yield columns
