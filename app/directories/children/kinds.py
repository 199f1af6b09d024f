"""What tells one child directory from another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.errors import Fault

Values = Mapping[str, str]
Words = Mapping[str, str]
"""Codes and names of a vocabulary, each to its code."""
Check = Callable[[Values, Words], tuple[dict[str, Any] | None, list[Fault]]]


@dataclass(frozen=True)
class ChildKind:
    """`check` is the one validator: of form, import and interface.

    - `model`: the table, with target_id, region_id, agency_id, updated_at, version
    - `vocabulary`: the table of kinds, with code, name, position
    - `key`: columns that tell two rows of one target apart; `taken` is the code of the fault on its last one
    - `columns`: what `check` gives, by the names of the model's columns
    """

    name: str
    model: type[Any]
    vocabulary: type[Any]
    check: Check
    key: tuple[str, ...]
    taken: str
    columns: tuple[str, ...]


def words(session: Session, kind: ChildKind) -> dict[str, str]:
    rows = session.execute(select(kind.vocabulary.code, kind.vocabulary.name)).all()
    return {word: code for code, name in rows for word in (name, code)}


def choices(session: Session, kind: ChildKind) -> list[tuple[str, str]]:
    """Code and name, in the order in which they are offered."""
    table = kind.vocabulary
    return [
        (code, name)
        for code, name in session.execute(
            select(table.code, table.name).order_by(table.position, table.code)
        ).all()
    ]
