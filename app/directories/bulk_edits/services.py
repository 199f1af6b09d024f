"""Change many rows in one act: at once up to 5,000, otherwise by a job; undone as a whole within thirty days."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import insert, select, text, update

from app.audit.services import record
from app.db import Unit
from app.db.many import for_many_rows
from app.directories.bulk_edits.judging import Judged, Jury, among, ids_of, pieces
from app.directories.bulk_edits.kinds import BulkKind, Wanted, bulk_kinds
from app.directories.bulk_edits.models import BulkEdit, BulkEditFault
from app.directories.bulk_edits.rules import AT_ONCE, BulkState, reason_faults, wanted_faults
from app.directories.listing.chosen import Chosen
from app.directories.listing.listing import Listing, listings
from app.directories.undoing import services as undoing
from app.directories.undoing.models import UndoRun
from app.jobs.registry import Progress
from app.jobs.services import enqueue
from app.kernel.errors import Fault, Forbidden, Invalid, NotFound
from app.security.rules import RoleName
from app.security.scoping import criterion

JOB = "directories.bulk_edit"
KEEPERS = frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN})
CAUSE = "bulk:"


def edit(
    unit: Unit,
    kind: BulkKind,
    listing: Listing,
    chosen: Chosen,
    wanted: Wanted,
    reason: str,
    token: str | None = None,
) -> BulkEdit:
    """Change the chosen rows, each as far as the validator and the rights allow; the others are listed.

    :param token: of the form; the same one twice is done once
    :raises Invalid: nothing is to be changed, or the reason is missing
    """
    may_edit(unit)
    faults = wanted_faults(wanted, [f.name for f in kind.fields]) + reason_faults(reason)
    if faults:
        raise Invalid(faults=faults)
    known = _known(unit, token)
    if known is not None:
        return known
    bulk = BulkEdit(
        listing=kind.listing,
        agency_id=unit.actor.agency_id,
        user_id=unit.actor.user_id,
        asked=chosen.to_json(),
        wanted=dict(wanted),
        reason=reason.strip(),
        state=BulkState.WAITING.value,
        chosen=chosen.count(unit.session, listing),
        asked_at=unit.clock.now(),
        token=token or None,
    )
    unit.session.add(bulk)
    unit.session.flush()
    if bulk.chosen <= AT_ONCE:
        return carry_out(unit, bulk.id)
    bulk.outbox_id = enqueue(unit, JOB, f"{CAUSE}{bulk.id}", {"bulk_edit": bulk.id})
    unit.session.flush()
    return bulk


def may_edit(unit: Unit) -> None:
    """Keepers of a directory; which rows they may change is asked for every row.

    :raises Forbidden: somebody else
    """
    if not unit.actor.roles & KEEPERS or unit.actor.agency_id is None:
        raise Forbidden("bulk_not_yours")


def _known(unit: Unit, token: str | None) -> BulkEdit | None:
    if not token:
        return None
    unit.session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:token))"), {"token": token})
    mine = select(BulkEdit).where(BulkEdit.token == token, BulkEdit.user_id == unit.actor.user_id)
    return unit.session.scalars(mine).first()


def carry_out(unit: Unit, bulk_id: int, progress: Progress | None = None) -> BulkEdit:
    """The work itself, in one transaction; a second time changes nothing."""
    bulk = locked(unit, bulk_id)
    if bulk.state != BulkState.WAITING:
        return bulk
    may_edit(unit)
    kind, listing = bulk_kinds[bulk.listing], listings[bulk.listing].as_seen_by(unit.actor.roles)
    ids = ids_of(unit.session, listing, Chosen.from_json(listing, bulk.asked))
    for_many_rows(unit.session)
    jury = Jury(unit, kind, bulk.wanted)
    bulk.chosen, done = len(ids), 0
    with unit.because(f"{CAUSE}{bulk.id}"):
        for piece in pieces(ids):
            judged = list(jury.of(piece, lock=True))
            _write(unit, kind, [j for j in judged if j.changes])
            _keep_faults(unit, bulk, kind, [j for j in judged if j.faults])
            bulk.changed += sum(1 for j in judged if j.changes)
            bulk.failed += sum(1 for j in judged if j.faults)
            bulk.unchanged += sum(1 for j in judged if not j.changes and not j.faults)
            done += len(piece)
            if progress is not None:
                progress(done, len(ids))
    bulk.state, bulk.done_at = BulkState.DONE.value, unit.clock.now()
    unit.session.flush()
    unit.session.expire_all()
    figures = {name: getattr(bulk, name) for name in ("chosen", "changed", "unchanged", "failed")}
    record(
        unit,
        "directory.bulk_edited",
        f"bulk_edit:{bulk.id}",
        {"listing": bulk.listing, "fields": sorted(bulk.wanted), "reason": bulk.reason, **figures},
    )
    return bulk


def _write(unit: Unit, kind: BulkKind, changed: Sequence[Judged]) -> None:
    """Rows that get the same values are written by one statement."""
    table = kind.model.__table__
    groups: dict[tuple[Any, str], list[Judged]] = {}
    for judged in changed:
        key = json.dumps(judged.changes, sort_keys=True, default=str, ensure_ascii=False)
        groups.setdefault((kind.owner(judged.row), key), []).append(judged)
    for (owner, _), rows in groups.items():
        values = {**rows[0].changes, **kind.more(unit, owner, rows[0].changes)}
        ids = [judged.row["id"] for judged in rows]
        unit.session.execute(
            update(table).where(table.c.id == among(ids), criterion(kind.model, unit.scope)).values(values)
        )


def _keep_faults(unit: Unit, bulk: BulkEdit, kind: BulkKind, failed: Iterable[Judged]) -> None:
    rows = [
        {
            "bulk_edit_id": bulk.id,
            "agency_id": bulk.agency_id,
            "row_id": j.row["id"],
            "number": j.row[kind.number],
            "name": j.row["name"],
            "faults": [_kept(fault) for fault in j.faults],
        }
        for j in failed
    ]
    if rows:
        unit.session.execute(insert(BulkEditFault), rows)


def _kept(fault: Fault) -> dict[str, Any]:
    """Values of a row stay out, but for the word that was not understood."""
    return {"field": fault.field, "code": fault.code, "value": fault.value, "facts": _plain(fault.facts)}


def _plain(facts: Any) -> dict[str, Any]:
    return {key: value if isinstance(value, int | str | None) else str(value) for key, value in facts.items()}


def undo_edit(unit: Unit, bulk_id: int, reason: str) -> UndoRun:
    """Undo a whole bulk edit: by its unit, once, within thirty days.

    :raises Invalid: without a reason
    :raises Refused: undone already, nothing was changed, too late
    """
    may_edit(unit)
    bulk = locked(unit, bulk_id)
    if bulk.agency_id != unit.actor.agency_id:
        raise NotFound("not_in_scope", kind="bulk_edit")
    run = undoing.begin(
        unit,
        cause_of(bulk),
        bulk.done_at,
        tables=[bulk_kinds[bulk.listing].model.__tablename__],
        reason=reason,
    )
    bulk.undo_id = run.id
    unit.session.flush()
    return run


def note_undone(unit: Unit, run: UndoRun) -> None:
    """The undo is done: the bulk edit says so."""
    number = run.cause.removeprefix(CAUSE)
    if run.cause.startswith(CAUSE) and number.isdecimal():
        bulk = unit.session.get(BulkEdit, int(number))
        if bulk is not None:
            bulk.state, bulk.undo_id = BulkState.UNDONE.value, run.id


def cause_of(bulk: BulkEdit) -> str:
    return f"{CAUSE}{bulk.id}"


def locked(unit: Unit, bulk_id: int) -> BulkEdit:
    """:raises NotFound: not there, or not within the scope"""
    found = unit.session.get(BulkEdit, bulk_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound("not_in_scope", kind="bulk_edit")
    return found
