"""The columns that a list offers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.security.protection.rules import Kind

Computed = Callable[[Session, Sequence[int]], Mapping[int, Any]]
Expression = ColumnElement[Any] | Callable[[], ColumnElement[Any]]


@dataclass(frozen=True)
class Column:
    """One column.

    - `expression`: SQL over the listing's table and its joins, or what gives it (where it depends on the day);
      None where `computed` gives the values
    - `kind`: how the cell looks: text, name (leads to the record), code, date, moment, number, list, status, risk,
      act (what can be done with the row: no file carries it)
    - `sort`: what it is sorted by, if not the expression; it stands over the listing's own table, so that an
      index gives the order. Values that are missing come first
    - `personal`: the kind of personal data; the column is there for whoever sees the kind, under its mask
    - `value`: what a person reads for the stored value; `colour`: of a status
    - `computed`: values by id for the rows of one page
    - `link`: the address that the cell leads to, for the value of `refers`
    """

    key: str
    label: Any
    expression: Expression | None
    kind: str = "text"
    sortable: bool = False
    shown: bool = True
    fixed: bool = False
    personal: Kind | None = None
    value: Callable[[Any], Any] | None = None
    colour: Callable[[Any], str] | None = None
    sort: ColumnElement[Any] | None = None
    computed: Computed | None = None
    link: Callable[[Any], str] | None = None
    refers: ColumnElement[Any] | None = None

    @property
    def sql(self) -> ColumnElement[Any] | None:
        """What is selected for it."""
        return self.expression() if isinstance(self.expression, FunctionType) else self.expression

    @property
    def sort_expression(self) -> ColumnElement[Any]:
        found = self.sort if self.sort is not None else self.sql
        if found is None:
            raise ValueError(f"column {self.key} has no order")
        return found
