"""The sealed form of an event: its canonical JSON and the leaf over it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Protocol

from app.kernel import canonical
from app.kernel.hashing import SHA256
from app.kernel.merkle import leaf_hash


class EventRow(Protocol):
    at: datetime
    actor: str
    tag: str
    subject: str
    data: dict[str, Any]


def entry(event: EventRow, index: int) -> dict[str, Any]:
    """The entry at `index` of the log: seq, at (UTC, seconds), actor, tag, subject, data."""
    return _entry(event, index, _readable(event.data))


def _entry(event: EventRow, index: int, data: Any) -> dict[str, Any]:
    return {
        "seq": index,
        "at": event.at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "actor": event.actor,
        "tag": event.tag,
        "subject": event.subject,
        "data": data,
    }


def leaf_of(event: EventRow, index: int) -> bytes:
    """SHA-256(00, canonical JSON of the entry)."""
    try:
        text = canonical.dumps(_entry(event, index, event.data))
    except canonical.NotCanonical:
        text = canonical.dumps(entry(event, index))
    return leaf_hash(SHA256, text)


def _readable(data: Mapping[str, Any]) -> Any:
    """Data that were put in past `record` and have no canonical form are sealed by their digest, so that one
    such row cannot stop the seal.
    """
    try:
        canonical.dumps(data)
    except canonical.NotCanonical:
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return {"not_canonical": hashlib.sha256(text.encode()).hexdigest()}
    return data
