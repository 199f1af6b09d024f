"""What every batch of a system has around it, whatever its rows are: whose it is, one at a time, not too often, the
same answer to the same key, and what is kept of it (R-6.2).
"""

from __future__ import annotations

import json
import time
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.audit.services import record
from app.db import Unit
from app.directories.sources.models import SourcePush, SourceSystem
from app.directories.sources.pushing.batch import MOST_ROWS, is_key
from app.directories.sources.queries import system_by_code
from app.directories.targets.services.keeping import AGENCY_KEEPERS, BASE_KEEPERS, SYSTEM
from app.kernel.errors import DomainError, NotFound, Refused
from app.security.rules import may_act

MOST_PER_MINUTE = 60
MOST_SECONDS = 50
MOST_ERRORS_KEPT = 200
KEY_KEPT = timedelta(days=7)
PUSHES_KEPT = timedelta(days=366)
LOCK = 7_301_010
STATUSES = ("new", "changed", "unchanged", "conflict", "bad")

Verdict = dict[str, Any]
"""What a row is told: `source_id`, `status` (one of `STATUSES`), `errors`, and what its kind adds."""
Work = Callable[[Unit, SourceSystem, list[Any], float], list[Verdict]]
"""(unit, system, rows, until): write the good rows, one verdict per row in order; past `until` (of the monotonic
clock) it raises `too_slow()`."""


@dataclass(frozen=True)
class Pushed:
    """What the rows of a batch are: `name` stands with the batch, `event` is the tag of what is logged."""

    name: str
    event: str


TARGETS = Pushed("targets", "target.pushed")


class Flooded(DomainError):
    """Too many requests: later is better."""

    status = 429


@dataclass
class Answer:
    """What the system is told: figures, one verdict per row, and whether it was told so before."""

    body: dict[str, Any]
    repeated: bool = False
    push_id: int | None = field(default=None)


def too_slow() -> Flooded:
    return Flooded("sync_too_slow", most=MOST_SECONDS)


def take_batch(
    unit: Unit,
    what: Pushed,
    source: str,
    rows: list[Any],
    work: Work,
    *,
    key: str | None = None,
    digest: bytes = b"",
) -> Answer:
    """Take over what a system sends, all good rows in one transaction.

    :param rows: up to `MOST_ROWS`
    :param key: the Idempotency-Key; the same key with the same batch gets the same answer for a week
    :param digest: of the body and its address, to tell the same batch from another
    :raises NotFound: no active system of this code
    :raises Refused: not its office or agency, too many rows, the key came with another batch
    :raises Flooded: too many batches in a minute, or one is still being worked on
    """
    started = time.monotonic()
    system = _system(unit, source)
    if key is not None and not is_key(key):
        raise Refused("sync_key_shape")
    if len(rows) > MOST_ROWS:
        raise Refused("sync_too_many", found=len(rows), most=MOST_ROWS)
    _alone(unit.session, system)
    before = _told_before(unit, system, key, digest)
    if before is not None:
        return before
    _not_too_often(unit, system)
    unit.because(f"sync:{system.code}")
    verdicts = work(unit, system, rows, started + MOST_SECONDS)
    return _keep(unit, what, system, verdicts, key, digest, started)


def _system(unit: Unit, code: str) -> SourceSystem:
    system = system_by_code(unit.session, code)
    if system is None or not system.active:
        raise NotFound("source_unknown", source=code[:40])
    if SYSTEM not in unit.actor.roles:
        keepers = BASE_KEEPERS if system.agency_id is None else AGENCY_KEEPERS
        owner = system.office_id if system.agency_id is None else system.agency_id
        may_act(unit.actor.roles, unit.actor.agency_id, keepers, owner).require()
    return system


def _alone(session: Session, system: SourceSystem) -> None:
    """One batch of a system at a time; another one is told to wait instead of waiting with a connection."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK, system.id))):
        raise Flooded("source_busy")
    session.execute(text(f"SET LOCAL statement_timeout = '{MOST_SECONDS}s'"))


def _told_before(unit: Unit, system: SourceSystem, key: str | None, digest: bytes) -> Answer | None:
    if key is None:
        return None
    query = select(SourcePush.id, SourcePush.body_digest, SourcePush.answer).where(
        SourcePush.system_id == system.id, SourcePush.idempotency_key == key
    )
    found = unit.session.execute(query).first()
    if found is None:
        return None
    if found.body_digest != digest:
        raise Refused("sync_key_reused")
    return Answer(json.loads(zlib.decompress(found.answer)), repeated=True, push_id=found.id)


def _not_too_often(unit: Unit, system: SourceSystem) -> None:
    since = unit.clock.now() - timedelta(minutes=1)
    query = select(func.count()).where(SourcePush.system_id == system.id, SourcePush.received_at > since)
    if unit.session.execute(query).scalar_one() >= MOST_PER_MINUTE:
        raise Flooded("source_flood", most=MOST_PER_MINUTE, seconds=60)


def _keep(
    unit: Unit,
    what: Pushed,
    system: SourceSystem,
    verdicts: list[Verdict],
    key: str | None,
    digest: bytes,
    started: float,
) -> Answer:
    counts = Counter(verdict["status"] for verdict in verdicts)
    figures = {"rows": len(verdicts), **{status: counts.get(status, 0) for status in STATUSES}}
    body = {"source": system.code, "counts": figures, "rows": verdicts}
    bad = [one for one in verdicts if one["errors"]]
    push = SourcePush(
        system_id=system.id,
        office_id=system.office_id,
        agency_id=system.agency_id or system.office_id,
        user_id=unit.actor.user_id,
        what=what.name,
        idempotency_key=key,
        body_digest=digest,
        received_at=unit.clock.now(),
        seconds=round(time.monotonic() - started, 3),
        counts=figures,
        errors=bad[:MOST_ERRORS_KEPT],
        answer=zlib.compress(json.dumps(body, ensure_ascii=False).encode()),
    )
    unit.session.add(push)
    unit.session.flush()
    record(unit, what.event, f"source_system:{system.id}", {"source": system.code, **figures})
    return Answer(body, push_id=push.id)
