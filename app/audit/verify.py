"""Recompute the whole log from the event rows; compare it with entries, nodes, heads and published heads.

Whoever can write every table still has neither the signing key nor the heads outside the database: what was
inserted, changed, deleted, moved or cut off after its seal is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, and_, exists, func, select, text

from app.audit import notes
from app.audit.entries import leaf_of
from app.audit.heads import published_heads
from app.audit.keys import KeyMissing, read_key
from app.audit.queries import ENTRY, EVENT, HEAD, NODE
from app.audit.sealing import WINDOW_SECONDS
from app.audit.tree import EMPTY_ROOT, Growth

AT_ONCE = 5_000


@dataclass(frozen=True)
class Verdict:
    """`first_bad` is the index of the first entry that is wrong or that cannot be relied on any more."""

    entries: int
    head: str
    verdict: str
    first_bad: int | None
    detail: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class _Bad(Exception):
    def __init__(self, index: int, detail: str) -> None:
        super().__init__(detail)
        self.index = index
        self.detail = detail


def verify_log(engine: Engine, key_dir: Path, now: datetime) -> Verdict:
    """Check everything, in one snapshot of the database. Memory stays small; time grows with the log."""
    # Published heads first: a head that is published while we read is then no surprise.
    try:
        published = {head.size: head for head in published_heads(key_dir)}
    except ValueError as fault:
        return Verdict(0, "", "FAIL", 0, str(fault))
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        count = int(connection.execute(select(func.count()).select_from(ENTRY)).scalar_one())
        try:
            root = _Walk(connection, published, key_dir).through()
            tail = _unsealed(connection, now)
        except _Bad as bad:
            return Verdict(count, "", "FAIL", bad.index, bad.detail)
        return Verdict(count, root.hex(), "ok", None, tail)


class _Walk:
    """From the first entry to the last, with every head on the way."""

    def __init__(self, connection: Connection, published: dict[int, Any], key_dir: Path) -> None:
        self._connection = connection
        self._published = published
        self._stored = {row.size: row for row in connection.execute(select(HEAD))}
        self._key_dir = key_dir
        self._sizes = sorted(self._stored.keys() | published.keys())
        self._good_up_to = 0

    def through(self) -> bytes:
        public = self._public()
        growth, nodes = Growth(0, []), self._nodes()
        pending = iter(self._sizes)
        next_size = next(pending, None)
        for row in self._rows():
            made = growth.append(self._leaf(row, growth.size))
            self._compare_nodes(made, nodes)
            if growth.size == next_size:
                self._check_head(next_size, growth.root(), public)
                self._good_up_to = next_size
                next_size = next(pending, None)
        if next_size is not None:
            raise _Bad(growth.size, f"the log was cut off: a signed head names {self._sizes[-1]} entries")
        if growth.size > self._good_up_to:
            raise _Bad(self._good_up_to, "entries stand behind the last signed head")
        if next(nodes, None) is not None:
            raise _Bad(growth.size, "nodes of the tree stand behind its last entry")
        return growth.root() if growth.size else EMPTY_ROOT

    def _public(self) -> bytes:
        try:
            return read_key(self._key_dir).public
        except KeyMissing as fault:
            if self._sizes:
                raise _Bad(0, str(fault)) from fault
            return b""

    def _rows(self) -> Iterator[Any]:
        query = (
            select(
                ENTRY.c.index,
                ENTRY.c.leaf,
                ENTRY.c.event_id,
                EVENT.c.id,
                EVENT.c.at,
                EVENT.c.actor,
                EVENT.c.tag,
                EVENT.c.subject,
                EVENT.c.data,
            )
            .select_from(ENTRY.outerjoin(EVENT, EVENT.c.id == ENTRY.c.event_id))
            .order_by(ENTRY.c.index)
        )
        yield from self._stream(query)

    def _nodes(self) -> Iterator[Any]:
        """In the order in which the tree makes them: by their last leaf, the smallest first."""
        last = (NODE.c.position + 1).op("<<")(NODE.c.level)
        yield from self._stream(select(NODE).order_by(last, NODE.c.level))

    def _stream(self, query: Any) -> Iterator[Any]:
        options = {"stream_results": True, "yield_per": AT_ONCE}
        yield from self._connection.execute(query, execution_options=options)

    def _leaf(self, row: Any, index: int) -> bytes:
        if row.index != index:
            raise _Bad(index, f"entry {index} is missing")
        if row.id is None:
            raise _Bad(index, f"the event of entry {index} is missing")
        leaf = leaf_of(row, index)
        if leaf != row.leaf:
            raise _Bad(index, f"entry {index} (event {row.id}) is not what was sealed")
        return leaf

    def _compare_nodes(self, made: list[tuple[tuple[int, int], bytes]], nodes: Iterator[Any]) -> None:
        for (level, position), digest in made:
            row = next(nodes, None)
            first, last = position << level, (position + 1 << level) - 1
            if row is None or (row.level, row.position) != (level, position):
                raise _Bad(first, f"the node over entries {first} to {last} is missing")
            if row.hash != digest:
                raise _Bad(first, f"one of the entries {first} to {last} is not what was sealed")

    def _check_head(self, size: int, root: bytes, public: bytes) -> None:
        since = f"an entry from {self._good_up_to} to {size - 1} is not what was sealed"
        stored, published = self._stored.get(size), self._published.get(size)
        for name, head_root, note in (
            ("stored", stored and stored.root.hex(), stored and stored.note),
            ("published", published and published.root, published and published.note),
        ):
            if note is None:
                continue
            try:
                signed = notes.read(note, public)
            except notes.BadNote as fault:
                raise _Bad(self._good_up_to, f"the {name} head of {size} entries: {fault}") from fault
            if head_root != root.hex() or signed != notes.Checkpoint(size, root):
                raise _Bad(self._good_up_to, f"the {name} head of {size} entries differs: {since}")
        if stored is None:
            raise _Bad(self._good_up_to, f"the published head of {size} entries is missing in the database")


def _unsealed(connection: Connection, now: datetime) -> str:
    """The tail without a seal. An old event that stands before sealed ones was put in afterwards."""
    unsealed = ~exists().where(ENTRY.c.event_id == EVENT.c.id)
    count, oldest = connection.execute(
        select(func.count(), func.min(EVENT.c.at)).select_from(EVENT).where(unsealed)
    ).one()
    if not count:
        return f"all events are sealed; the window is {WINDOW_SECONDS} s"
    last_sealed = connection.execute(select(func.max(ENTRY.c.event_id))).scalar() or 0
    slipped = connection.execute(
        select(EVENT.c.id, EVENT.c.at)
        .where(and_(EVENT.c.id < last_sealed, unsealed))
        .order_by(EVENT.c.id)
        .limit(1)
    ).first()
    age = max(0, int((now - oldest).total_seconds()))
    if slipped is not None and (now - slipped.at).total_seconds() > WINDOW_SECONDS:
        before = select(func.count()).select_from(ENTRY).where(ENTRY.c.event_id < slipped.id)
        raise _Bad(
            int(connection.execute(before).scalar_one()),
            f"event {slipped.id} stands before sealed ones and has no seal after {WINDOW_SECONDS} s",
        )
    late = f", longer than {WINDOW_SECONDS} s: does the ticker run?" if age > WINDOW_SECONDS else ""
    return f"{count} events wait for their seal, the oldest for {age} s{late}"
