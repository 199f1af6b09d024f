"""Reads of the log: heads, proofs, what a bundle takes along. Below the scope: callers check who may ask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ARRAY, BigInteger, SmallInteger, bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.audit.entries import entry
from app.audit.keys import read_key
from app.audit.models import Event, LogHead, LogNode, SealedEntry
from app.audit.tree import EMPTY_ROOT, Node, consistency_ranges, heads_of, inclusion_ranges, nodes_of
from app.db import as_owner

EVENT, ENTRY, NODE, HEAD = Event.__table__, SealedEntry.__table__, LogNode.__table__, LogHead.__table__


@dataclass(frozen=True)
class Waiting:
    """Events without a seal; `oldest_seconds` None when there are none."""

    count: int
    oldest_seconds: int | None


def latest_head(session: Session) -> LogHead | None:
    """The signed head over the most entries, None before the first."""
    return session.scalars(select(LogHead).order_by(LogHead.size.desc()).limit(1)).first()


def latest_root(session: Session) -> str:
    """Root of the latest head in hex; of the empty tree before the first."""
    head = latest_head(session)
    return (head.root if head else EMPTY_ROOT).hex()


def heads_before(session: Session, size: int | None, limit: int) -> list[LogHead]:
    """Heads of fewer than `size` entries (all for None), the largest first."""
    query = select(LogHead).order_by(LogHead.size.desc()).limit(limit)
    return list(session.scalars(query if size is None else query.where(LogHead.size < size)))


def index_of(session: Session, event_id: int) -> int | None:
    """Position of an event in the log, None while it is not sealed."""
    return session.connection().execute(select(ENTRY.c.index).where(ENTRY.c.event_id == event_id)).scalar()


def load_nodes(session: Session, wanted: Iterable[Node]) -> dict[Node, bytes]:
    """The nodes by level and position, in two statements.

    :raises LookupError: when one is not stored
    """
    pairs = set(wanted)
    found: dict[Node, bytes] = {}
    leaves = [position for level, position in pairs if level == 0]
    if leaves:
        query = select(ENTRY.c.index, ENTRY.c.leaf).where(
            ENTRY.c.index == func.any(bindparam("leaves", leaves, ARRAY(BigInteger)))
        )
        found.update({(0, index): leaf for index, leaf in session.connection().execute(query)})
    above = [pair for pair in pairs if pair[0]]
    if above:
        asked = (
            func.unnest(
                bindparam("levels", [level for level, _ in above], ARRAY(SmallInteger)),
                bindparam("positions", [position for _, position in above], ARRAY(BigInteger)),
            )
            .table_valued("level", "position", name="asked")
            .render_derived()
        )
        query = select(NODE).join(
            asked, (asked.c.level == NODE.c.level) & (asked.c.position == NODE.c.position)
        )
        found.update({(r.level, r.position): r.hash for r in session.connection().execute(query)})
    if len(found) != len(pairs):
        raise LookupError(f"nodes of the log are missing: {sorted(pairs - set(found))[:5]}")
    return found


def inclusion_proofs(session: Session, indexes: Iterable[int], size: int) -> dict[int, list[bytes]]:
    """Audit paths (RFC 6962) of entries in the tree of the first `size`.

    :raises IndexError: outside the tree
    """
    ranges = {index: inclusion_ranges(index, size) for index in indexes}
    nodes = load_nodes(session, (n for rs in ranges.values() for r in rs for n in nodes_of(*r)))
    return {index: heads_of(rs, nodes) for index, rs in ranges.items()}


def consistency_proof(session: Session, old: int, new: int) -> list[bytes]:
    """Proof (RFC 9162) that the head over `new` entries continues the one over `old`.

    :raises IndexError: when `old` is the larger one
    """
    ranges = consistency_ranges(old, new)
    return heads_of(ranges, load_nodes(session, (n for r in ranges for n in nodes_of(*r))))


def log_json(session: Session, subject: str, key_dir: Path) -> dict[str, Any]:
    """What a bundle says about the log: the latest head, the sealed events of `subject` with proofs, the key.

    :raises LookupError: before the first head
    """
    head = latest_head(session)
    if head is None:
        raise LookupError("the log has no head yet")
    query = (
        select(EVENT, ENTRY.c.index)
        .join(ENTRY, ENTRY.c.event_id == EVENT.c.id)
        .where(EVENT.c.subject == subject, ENTRY.c.index < head.size)
        .order_by(ENTRY.c.index)
    )
    with as_owner(session):
        rows = session.connection().execute(query).all()
    proofs = inclusion_proofs(session, [row.index for row in rows], head.size)
    return {
        "head": head.note,
        "entries": [
            {
                "index": row.index,
                "event": entry(row, row.index),
                "proof": [h.hex() for h in proofs[row.index]],
            }
            for row in rows
        ],
        "key": read_key(key_dir).public.hex(),
    }


def waiting(session: Session, now: datetime) -> Waiting:
    """What is not sealed yet."""
    unsealed = ~exists().where(ENTRY.c.event_id == EVENT.c.id)
    query = select(func.count(), func.min(EVENT.c.at)).select_from(EVENT).where(unsealed)
    with as_owner(session):
        count, oldest = session.connection().execute(query).one()
    return Waiting(count, int((now - oldest).total_seconds()) if oldest else None)
