"""Rows on their way into a table by COPY, past the column types: sealed here, with their digests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table

from app.security.protection.columns import sealed, sources
from app.security.protection.keyring import current_keyring


class Sealing:
    """What rows with these columns need. `columns` are the sealed ones, `digests` come after the row's own."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self._places = [(columns.index(n), place) for n, place in sealed(table).items() if n in columns]
        self._made = [(columns.index(s.column), s) for s in sources(table).values() if s.column in columns]
        self._names = {n: s.column for n, s in sources(table).items() if s.column in columns}
        self.columns = frozenset(name for name in sealed(table) if name in columns)
        self.digests = list(self._names)

    def digests_of(self, columns: Iterable[str]) -> list[str]:
        """The digest columns that go with some of the sealed ones."""
        wanted = set(columns)
        return [name for name, column in self._names.items() if column in wanted]

    def made_from(self, digest: str) -> str:
        """The sealed column that a digest column belongs to."""
        return self._names[digest]

    def row(self, plain: Sequence[Any]) -> Sequence[Any]:
        """The row as it is stored: sealed values in place, digests at the end."""
        if not self._places:
            return plain
        ring = current_keyring()
        stored = list(plain)
        for position, place in self._places:
            if stored[position] is not None:
                stored[position] = ring.seal(stored[position], place)
        return [*stored, *(source.make(plain[position], source.place) for position, source in self._made)]
