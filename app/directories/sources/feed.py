"""What has changed in the directory since a cursor: for agencies that pull.

The cursor follows transactions, not clocks: only transactions that lie wholly below the horizon of a snapshot are
told, so that a row which was written early and committed late is never passed by. It stands in the row history,
which every way of writing leaves.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Text, cast, func, select, tuple_
from sqlalchemy.orm import Session

from app.db.history import RowHistory
from app.directories.sources.told import LISTED, tell
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.rules import TargetStatus
from app.kernel.errors import Invalid
from app.security.scope import Scope
from app.security.scoping import scope_of

USUAL = 500
MOST = 2000
SCANNED = 20_000
"""Lines of the history that one answer reads at most: somebody with a small area gets short answers, not slow ones."""
START = (0, 0)
_CURSOR = re.compile(r"(\d{1,18})\.(\d{1,18})", re.ASCII)
TABLES = ("target", "target_code")

Cursor = tuple[int, int]


@dataclass
class Change:
    """What happened to one target within an answer; `before` are its code and place where it is gone."""

    target_id: int
    at: str = ""
    words: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    before: dict[str, Any] = field(default_factory=dict)
    was_mine: bool = False


def cursor_of(text: str | None) -> Cursor:
    """:raises Invalid: no cursor of this feed"""
    if not text:
        return START
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise Invalid("feed_cursor")
    return int(match[1]), int(match[2])


def changes_since(
    session: Session, since: Cursor, *, limit: int = USUAL, unseen: Collection[str] = ()
) -> dict[str, Any]:
    """Rows, the next cursor, and whether there is more. A target stands once in an answer, as it is now. There may
    be fewer rows than `limit`, and none at all, while there is more.

    :param unseen: fields that are not there for whoever asks; a change of nothing else is not told
    """
    scope, horizon = scope_of(session), _horizon(session)
    found: dict[int, Change] = {}
    scanned, at, more = 0, since, True
    while more and not found and scanned < SCANNED:
        lines = _lines(session, at, horizon, limit)
        more = len(lines) == limit
        for line in lines:
            _note(found, line, scope, unseen)
            at = (line.txid, line.id)
        scanned += len(lines)
        _drop_foreign(session, found, scope)
    rows = _rows(session, found, unseen)
    return {"rows": rows, "next": f"{at[0]}.{at[1]}", "more": more}


def _horizon(session: Session) -> int:
    """The first transaction that may still be open; all before it are committed or undone."""
    snapshot = func.pg_snapshot_xmin(func.pg_current_snapshot())
    return session.execute(select(cast(cast(snapshot, Text), BigInteger))).scalar_one()


def _lines(session: Session, since: Cursor, horizon: int, limit: int) -> list[RowHistory]:
    query = (
        select(RowHistory)
        .where(
            RowHistory.table_name.in_(TABLES),
            tuple_(RowHistory.txid, RowHistory.id) > since,
            RowHistory.txid < horizon,
        )
        .order_by(RowHistory.txid, RowHistory.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def _note(found: dict[int, Change], line: RowHistory, scope: Scope, unseen: Collection[str]) -> None:
    before, after = line.before or {}, line.after or {}
    if line.table_name == "target_code":
        if line.op == "INSERT":
            _of(found, int(after["target_id"]), line).words.add("code_upgraded")
        return
    if line.op == "UPDATE":
        named = {name for name in after if name in LISTED and name not in unseen}
        left = _was_mine(before, scope)
        if not named and not left:
            return
        change = _of(found, int(line.row_id), line)
        change.fields |= named
        change.was_mine |= left
        change.words.add("changed")
        if after.get("status") == TargetStatus.CLOSED:
            change.words.add("closed")
        return
    change = _of(found, int(line.row_id), line)
    change.words.add("added" if line.op == "INSERT" else "deleted")
    if line.op == "DELETE":
        change.before = {"code": before.get("code"), "name": before.get("name")}
        change.was_mine |= _was_mine(before, scope)


def _of(found: dict[int, Change], target_id: int, line: RowHistory) -> Change:
    """The change of a target, last in the order: a target that changes again moves to the end."""
    change = found.pop(target_id, None) or Change(target_id)
    change.at = line.at.isoformat(timespec="seconds")
    found[target_id] = change
    return change


def _was_mine(before: dict[str, Any], scope: Scope) -> bool:
    """Whether the row lay within reach before; of an update only what changed is kept."""
    return bool(
        scope.everything
        or before.get("region_id") in scope.region_ids
        or before.get("agency_id") in scope.readable_agency_ids
    )


def _visible(session: Session, ids: Iterable[int]) -> set[int]:
    return set(session.scalars(select(Target.id).where(Target.id.in_(list(ids)))))


def _drop_foreign(session: Session, found: dict[int, Change], scope: Scope) -> None:
    """Targets of other areas are left out."""
    if scope.everything or not found:
        return
    seen = _visible(session, found)
    for target_id in [key for key, change in found.items() if key not in seen and not change.was_mine]:
        del found[target_id]


def _rows(session: Session, found: dict[int, Change], unseen: Collection[str]) -> list[dict[str, Any]]:
    told = tell(session, list(found), unseen)
    into = _into(session, [c.before["code"] for c in found.values() if c.before.get("code")])
    rows = []
    for target_id, change in found.items():
        target = told.get(target_id)
        if target is None and not change.was_mine:
            continue
        row: dict[str, Any] = {"id": target_id, "at": change.at, "fields": sorted(change.fields)}
        if target is not None:
            row |= {"change": _word(change), "target": target}
        elif change.before:
            kept = into.get(change.before["code"])
            row |= {"change": "merged" if kept else "deleted", "target": None, "fields": []}
            row |= {"code": change.before["code"], "into": kept}
        else:
            row |= {"change": "left", "target": None, "fields": []}
        rows.append(row)
    return rows


def _word(change: Change) -> str:
    """The most telling word of what happened."""
    return next(
        word for word in ("added", "closed", "code_upgraded", "changed", "deleted") if word in change.words
    )


def _into(session: Session, codes: list[str]) -> dict[str, dict[str, Any]]:
    """Which target of the own reach answers to the code of one that is gone."""
    if not codes:
        return {}
    query = (
        select(TargetCode.code, Target.id, Target.code)
        .join(Target, Target.id == TargetCode.target_id)
        .where(TargetCode.code.in_(codes))
    )
    return {gone: {"id": target_id, "code": code} for gone, target_id, code in session.execute(query)}
