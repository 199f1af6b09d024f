"""Put work into the outbox, in the transaction of its cause."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import current_app, has_app_context
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.audit.services import record
from app.db import Unit
from app.jobs.models import Outbox, OutboxState
from app.jobs.queues import hint
from app.jobs.registry import find_job
from app.kernel.errors import NotFound, Refused
from app.security.rules import RoleName, may_act

HINTED_AT_MOST = 100


def enqueue(
    unit: Unit,
    kind: str,
    key: str,
    args: dict[str, Any],
    *,
    due_at: datetime | None = None,
    reason: str = "",
    queue: str = "default",
) -> int:
    """One job, once per `key`; gives the id of its outbox row, the earlier one's for a key that is known.

    It runs in the scope of the unit's membership; with `reason`, or from system work, as the system for that
    reason. `args` hold ids, as JSON.

    :raises ValueError: for an unknown kind, or when nobody stands behind the unit and no reason is given
    """
    if find_job(kind) is None:
        raise ValueError(f"no job is registered as {kind!r}")
    reason = reason or unit.scope.reason if unit.scope.everything else reason
    if not reason and unit.actor.membership_id is None:
        raise ValueError("a job needs a membership to run for, or a reason")
    now = unit.clock.now()
    values = {
        "key": key,
        "kind": kind,
        "args": args,
        "queue": queue,
        "state": OutboxState.NEW,
        "membership_id": None if reason else unit.actor.membership_id,
        "reason": reason,
        "attempts": 0,
        "created_at": now,
        "due_at": due_at or now,
        "error": "",
    }
    statement = (
        insert(Outbox).values(values).on_conflict_do_nothing(index_elements=["key"]).returning(Outbox.id)
    )
    outbox_id = unit.session.execute(statement).scalar()
    if outbox_id is None:
        return unit.session.scalars(select(Outbox.id).where(Outbox.key == key)).one()
    if values["due_at"] <= now:
        _hint_after_commit(unit, outbox_id, queue)
    return outbox_id


def _hint_after_commit(unit: Unit, outbox_id: int, queue: str) -> None:
    """One hint for all jobs of a unit; the relay pushes what the hint leaves out."""
    kept = unit.session.info.get("outbox_hints")
    if kept is None or kept[0] is not unit:
        pairs: list[tuple[int, str]] = []
        unit.session.info["outbox_hints"] = kept = (unit, pairs)
        if has_app_context():
            settings = current_app.extensions["settings"]
            unit.after_commit(lambda: hint(settings, pairs))
    if len(kept[1]) < HINTED_AT_MOST:
        kept[1].append((outbox_id, queue))


def try_again(unit: Unit, outbox_id: int) -> Outbox:
    """Give a failed row all its attempts anew.

    :raises NotFound: when there is no such row
    :raises Refused: when it has not failed
    """
    may_act(unit.actor.roles, None, frozenset({RoleName.SYSTEM_ADMIN}), None).require()
    row = unit.session.get(Outbox, outbox_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("not_in_scope")
    if row.state != OutboxState.FAILED:
        raise Refused("job_not_failed", state=row.state)
    unit.session.execute(
        update(Outbox)
        .where(Outbox.id == outbox_id)
        .values(state=OutboxState.NEW, attempts=0, due_at=unit.clock.now(), pushed_at=None)
    )
    unit.session.refresh(row)
    record(unit, "job.repeated", f"job:{outbox_id}", {"kind": row.kind})
    _hint_after_commit(unit, outbox_id, row.queue)
    return row
