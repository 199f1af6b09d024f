"""The findings of a batch into the database: changed rows only, by COPY; conflicts beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.audit.services import record
from app.db import Unit
from app.directories.importing.bulk import copy_upsert
from app.directories.rules import PERSONAL
from app.directories.sources.models import SourceConflict
from app.directories.sources.pushing.comparing import Finding, Speaker
from app.directories.sources.pushing.loading import Stored, _texts
from app.directories.sources.rules import ConflictState, written
from app.directories.sources.services import issue_codes
from app.directories.targets.entries import FIELDS
from app.directories.targets.models import Target, TargetCode
from app.kernel.clock import today

_COLUMNS = (
    "code", "code_kind", *(column for column, _ in FIELDS), "source", "agency_id", "field_sources", "risk_class",
)  # fmt: skip


def write(unit: Unit, findings: list[Finding], stored: Stored, speaker: Speaker) -> None:
    """Everything but the ids of the system itself; afterwards every good finding has its target's id."""
    _issue(unit, findings)
    _upgrade(unit, findings)
    rows = [finding.row for finding in findings if finding.row is not None]
    if rows:
        now = unit.clock.now().isoformat()
        copy_upsert(
            unit.session,
            "target",
            _COLUMNS,
            (_line(row) for row in rows),
            key="code",
            keep=("risk_class",),
            on_change=f"version = target.version + 1, updated_at = '{now}'::timestamptz",
        )
    _find_new(unit.session, findings)
    _conflicts(unit, findings, stored, speaker)
    for finding in findings:
        if finding.joined:
            _note_joined(unit, finding, stored.rows[finding.target_id or 0])
    unit.session.expire_all()


def _line(row: dict[str, Any]) -> list[Any]:
    values = {**row, "field_sources": Jsonb(row["field_sources"]), "risk_class": "N"}
    return [values[name] for name in _COLUMNS]


def _issue(unit: Unit, findings: Iterable[Finding]) -> None:
    """Codes for new rows that ask for one."""
    asking = [finding for finding in findings if finding.is_new and not finding.code]
    wanted = Counter(finding.region_id for finding in asking if finding.region_id is not None)
    codes = issue_codes(unit, wanted)
    for finding in asking:
        assert finding.row is not None and finding.region_id is not None
        finding.code = finding.row["code"] = codes[finding.region_id].pop(0)


def _upgrade(unit: Unit, findings: Iterable[Finding]) -> None:
    """Codes first: the rows are then written under the new ones."""
    now = unit.clock.now()
    for finding in findings:
        if finding.upgrade is None or finding.faults:
            continue
        target_id, old, new, kind = finding.upgrade
        unit.session.execute(
            insert(TargetCode.__table__).values(code=old, target_id=target_id, replaced_at=now)
        )
        values = {"code": new, "code_kind": kind, "version": Target.version + 1, "updated_at": now}
        statement = update(Target).where(Target.id == target_id).values(**values)
        unit.session.execute(statement.execution_options(synchronize_session=False))
        record(unit, "target.code_upgraded", f"target:{target_id}", {"old": old, "new": new})


def _find_new(session: Session, findings: Iterable[Finding]) -> None:
    new = {finding.code: finding for finding in findings if finding.is_new}
    if not new:
        return
    query = select(Target.id, Target.code).where(Target.code == func.any(_texts(list(new))))
    for target_id, code in session.execute(query):
        new[code].target_id = target_id


def _conflicts(unit: Unit, findings: Iterable[Finding], stored: Stored, speaker: Speaker) -> None:
    """New ones are listed, those that the system no longer says are closed, repeated ones stay as they are."""
    session, now = unit.session, unit.clock.now()
    fresh: list[dict[str, Any]] = []
    over: list[int] = []
    for finding in findings:
        if finding.faults or finding.target_id is None:
            continue
        held = stored.contested.get(finding.target_id, {})
        for name in [*finding.agreed, *finding.changed]:
            over += [one.id for one in held.get(name, ()) if one.state == ConflictState.OPEN]
        for name, value in list(finding.asked.items()):
            said = written(name, value)
            before = held.get(name, [])
            if before and before[-1].said == said:
                if before[-1].state == ConflictState.KEPT:
                    del finding.asked[name]
                continue
            over += [one.id for one in before if one.state == ConflictState.OPEN]
            personal = name in PERSONAL
            fresh.append(
                {
                    "target_id": finding.target_id,
                    "region_id": finding.region_id,
                    "field": name,
                    "source": speaker.source,
                    "value": None if personal else said,
                    "sealed": said if personal else None,
                    "said_on": today(unit.clock),
                    "raised_at": now,
                    "state": ConflictState.OPEN.value,
                    "reason": "",
                }
            )
    if over:
        session.execute(
            update(SourceConflict)
            .where(SourceConflict.id.in_(over))
            .values(state=ConflictState.SUPERSEDED.value)
            .execution_options(synchronize_session=False)
        )
    if fresh:
        session.execute(insert(SourceConflict), fresh)


def _note_joined(unit: Unit, finding: Finding, before: dict[str, Any]) -> None:
    """An agency's row that the base has brought: the agency hears of it in its own events (R-11.3)."""
    data = {"code": finding.code, "fields": finding.changed}
    record(unit, "target.joined_base", f"target:{finding.target_id}", data, before["agency_id"])
