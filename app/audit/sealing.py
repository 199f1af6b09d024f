"""Seal events: append them to the tree, sign the new head, publish it outside the database.

Sealing works inside the caller's transaction and holds the log's lock until that ends. The head is written
to `heads.jsonl` after the commit, so that no head of a transaction that was rolled back is ever shown.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import exists, func, insert, select, text
from sqlalchemy.orm import Session

from app.audit import notes
from app.audit.entries import leaf_of
from app.audit.heads import publish_heads
from app.audit.keys import LogKey, log_key
from app.audit.models import LogHead, LogNode, SealedEntry
from app.audit.queries import ENTRY, EVENT, latest_head, load_nodes
from app.audit.tree import Growth, nodes_of
from app.db import Unit, as_owner, db

LOCK = 7_301_004
BATCH = 5_000
LOOK_BACK = 20_000
"""Events with a smaller number than the last sealed one: of transactions that ended later than others."""
WINDOW_SECONDS = 60
"""The longest time between an event and its seal."""


def seal_now(unit: Unit, key: LogKey | None = None, *, thorough: bool = False) -> LogHead | None:
    """Seal all events so far, those of this unit included; gives the latest head, None for an empty log.

    A draw calls it in its own transaction: the head covers what it has recorded up to here.

    :param thorough: search all events, not only the latest 20,000
    """
    key = key or log_key(current_app.extensions["settings"].log_key_dir)
    head = seal_session(unit.session, key, unit.clock.now(), thorough=thorough)
    engine = db.engine.engine
    unit.after_commit(lambda: _publish(engine, key))
    return head


def _publish(engine: Any, key: LogKey) -> None:
    publish_heads(engine, key.directory)


def seal_session(session: Session, key: LogKey, at: datetime, *, thorough: bool = False) -> LogHead | None:
    """Seal within the session's transaction; the caller publishes the head after it (`publish_heads`)."""
    session.flush()
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    head = latest_head(session)
    size = head.size if head else 0
    edge = nodes_of(0, size)
    stored = load_nodes(session, edge)
    growth = Growth(size, [stored[node] for node in edge])
    after = _look_from(session, thorough)
    while rows := _unsealed(session, after):
        _append(session, growth, rows)
        after = rows[-1].id
        if len(rows) < BATCH:
            break
    if growth.size == size:
        return head
    root = growth.root()
    note = notes.write(growth.size, root, key.sign, key.public)
    new = LogHead(size=growth.size, root=root, note=note, at=at)
    session.add(new)
    session.flush()
    return new


def _look_from(session: Session, thorough: bool) -> int:
    if thorough:
        return 0
    last = session.connection().execute(select(func.max(ENTRY.c.event_id))).scalar() or 0
    return max(0, last - LOOK_BACK)


def _unsealed(session: Session, after: int) -> list[Any]:
    query = (
        select(EVENT)
        .where(EVENT.c.id > after, ~exists().where(ENTRY.c.event_id == EVENT.c.id))
        .order_by(EVENT.c.id)
        .limit(BATCH)
    )
    with as_owner(session):
        return list(session.connection().execute(query))


def _append(session: Session, growth: Growth, rows: list[Any]) -> None:
    entries: list[dict[str, Any]] = []
    nodes: list[dict[str, Any]] = []
    for row in rows:
        index = growth.size
        leaf = leaf_of(row, index)
        entries.append({"index": index, "event_id": row.id, "leaf": leaf})
        for (level, position), digest in growth.append(leaf):
            nodes.append({"level": level, "position": position, "hash": digest})
    connection = session.connection()
    connection.execute(insert(SealedEntry.__table__), entries)
    if nodes:
        connection.execute(insert(LogNode.__table__), nodes)
