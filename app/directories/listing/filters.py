"""The filters that a list offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, literal, select, union_all
from sqlalchemy.orm import Session

from app.security.protection.rules import Kind

Choice = tuple[str, Any]
Choices = Callable[[Session], Sequence[Choice]]
Criterion = Callable[[Session, tuple[str, ...]], ColumnElement[bool]]
Words = Callable[[Session, tuple[str, ...]], list[str]]
Named = Callable[[tuple[str, ...]], Select[Any]]


@dataclass(frozen=True)
class Filter:
    """One filter; several are joined by "and", the values within one by "or".

    - `widget`: choices (boxes), one (a single choice), tree (boxes that unfold: `choices` give (value, label) with
      the parent's value in `parents`), lookup (`choices` is the address that is asked), date, text, since (a single
      choice, or a day)
    - `criterion`: over the listing's own table; values that mean nothing leave nothing
    - `named`: where the values are codes of a table: rows of code and name. The names of all filters of a page are
      read in one query
    - `words`: what the chip says otherwise; without it the labels of the choices, or the values themselves
    - `lookup`: address that a tree is searched by beyond its boxes
    """

    key: str
    label: Any
    widget: str
    choices: Choices | str | None
    criterion: Criterion
    words: Words | None = None
    personal: Kind | None = None
    parents: Callable[[Session], dict[str, str]] | None = None
    lookup: str = ""
    named: Named | None = None

    def said(self, session: Session, values: tuple[str, ...]) -> list[str]:
        """The values as the chip says them."""
        if self.named is not None:
            names = dict(session.execute(self.named(values)).all())
            return [names.get(value, value) for value in values]
        if self.words is not None:
            return self.words(session, values)
        if callable(self.choices):
            names = {value: str(label) for value, label in self.choices(session)}
            return [names.get(value, value) for value in values]
        return list(values)


def said_of(session: Session, given: Sequence[tuple[Filter, tuple[str, ...]]]) -> dict[str, list[str]]:
    """By the key of each filter, its values as their chips say them."""
    each = []
    for found, values in given:
        if found.named is not None:
            code, name = found.named(values).subquery().c
            each.append(select(literal(found.key), cast(code, Text), cast(name, Text)))
    names = {(key, code): name for key, code, name in session.execute(union_all(*each))} if each else {}
    return {
        found.key: found.said(session, values)
        if found.named is None
        else [names.get((found.key, value), value) for value in values]
        for found, values in given
    }
