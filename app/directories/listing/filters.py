"""The filters that a list offers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.security.protection.rules import Kind

Choice = tuple[str, Any]
Choices = Callable[[Session], Sequence[Choice]]
Criterion = Callable[[Session, tuple[str, ...]], ColumnElement[bool]]
Words = Callable[[Session, tuple[str, ...]], list[str]]


@dataclass(frozen=True)
class Filter:
    """One filter; several are joined by "and", the values within one by "or".

    - `widget`: choices (boxes), one (a single choice), tree (boxes that unfold: `choices` give (value, label) with
      the parent's value in `parents`), lookup (`choices` is the address that is asked), date, text
    - `criterion`: over the listing's own table; values that mean nothing leave nothing
    - `words`: what the chip says; the values themselves if it is left out
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

    def said(self, session: Session, values: tuple[str, ...]) -> list[str]:
        """The values as the chip says them."""
        if self.words is not None:
            return self.words(session, values)
        if callable(self.choices):
            names = {value: str(label) for value, label in self.choices(session)}
            return [names.get(value, value) for value in values]
        return list(values)
