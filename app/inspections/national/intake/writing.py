"""Findings into the database: new rows and differences by COPY, questions beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.importing.bulk import copy_insert, copy_update
from app.directories.targets.services.checking import note_all_checked
from app.inspections.national.intake.findings import Finding
from app.inspections.national.intake.loading import RESULT_FIELDS, TASK_FIELDS, numbers, texts
from app.inspections.national.intake.words import Words
from app.inspections.national.models import NationalConflict, NationalResult, NationalTask
from app.inspections.national.rules import ConflictState, ResultState, Subject

_NEW_TASK = ("system_id", "agency_id", "source_id", *TASK_FIELDS, "received_by", "received_at")
_NEW_RESULT = (*_NEW_TASK[:3], *RESULT_FIELDS, "state", "publish_due_at", "received_by", "received_at")
_STAMPS = ("received_by", "received_at")


def write(unit: Unit, system_id: int, findings: Sequence[Finding], words: Words) -> int:
    """All findings without faults, of one subject; afterwards new ones have their ids. Gives how many were written: a
    row that is another by now is left alone.
    """
    good = [finding for finding in findings if not finding.faults and finding.values]
    plain = [finding for finding in good if finding.against is None]
    over = [finding.source_id for finding in findings if finding.closes]
    if over:
        _supersede(unit.session, findings[0].subject, system_id, over)
    if not good:
        return 0
    subject = good[0].subject
    new = [finding for finding in plain if finding.row_id is None]
    written = _add(unit, subject, system_id, new, words)
    written += _change(unit, subject, [finding for finding in plain if finding.row_id is not None], words)
    _ask(unit, system_id, [finding for finding in good if finding.against is not None], words)
    if subject is Subject.RESULT:
        _note_checked(unit, plain)
    unit.session.expire_all()
    return written + len(good) - len(plain)


def _add(unit: Unit, subject: Subject, system_id: int, new: Sequence[Finding], words: Words) -> int:
    if not new:
        return 0
    fixed = {"system_id": system_id, "agency_id": words.agency_id, **_stamps(unit)}
    columns = _NEW_TASK if subject is Subject.TASK else _NEW_RESULT
    lines = []
    for finding in new:
        row = {**fixed, **finding.values, "source_id": finding.source_id}
        if subject is Subject.RESULT:
            row |= {"state": ResultState.RECEIVED.value, "publish_due_at": words.due_at(row["checked_on"])}
        lines.append([row[name] for name in columns])
    model = _model(subject)
    written = copy_insert(unit.session, model.__tablename__, columns, lines)
    ids = _ids(unit.session, model, system_id, [finding.source_id for finding in new])
    for finding in new:
        finding.row_id = ids[finding.source_id]
    return written


def _ids(session: Session, model: Any, system_id: int, source_ids: list[str]) -> dict[str, int]:
    query = select(model.source_id, model.id).where(
        model.system_id == system_id, model.source_id == func.any(texts(source_ids))
    )
    return dict(session.execute(query).all())


def _change(unit: Unit, subject: Subject, changed: Sequence[Finding], words: Words) -> int:
    """What the system says anew waits for review again, whoever sent it back."""
    if not changed:
        return 0
    columns = [*(TASK_FIELDS if subject is Subject.TASK else RESULT_FIELDS), *_STAMPS]
    if subject is Subject.RESULT:
        columns += ["state", "remark", "publish_due_at"]
    lines = []
    for finding in changed:
        values = {**finding.values, **_stamps(unit)}
        if subject is Subject.RESULT:
            values |= {"state": ResultState.RECEIVED.value, "remark": ""}
            if "checked_on" in finding.values:
                values["publish_due_at"] = words.due_at(finding.values["checked_on"])
        lines.append((finding.row_id or 0, finding.version, values))
    return copy_update(
        unit.session, _model(subject).__tablename__, columns, lines, on_change="version = t.version + 1"
    )


def _ask(unit: Unit, system_id: int, asked: Sequence[Finding], words: Words) -> None:
    """One open question per row: what the system said before of it is superseded."""
    fresh = [finding for finding in asked if not finding.waiting]
    if not fresh:
        return
    _supersede(unit.session, fresh[0].subject, system_id, [finding.source_id for finding in fresh])
    rows = [
        {
            "agency_id": words.agency_id,
            "system_id": system_id,
            "source_id": finding.source_id,
            "subject": finding.subject.value,
            "against": str(finding.against),
            "task_id": finding.task_id if finding.subject is Subject.TASK else None,
            "result_id": finding.result_id,
            "form_id": finding.form_id,
            "said": finding.values,
            "label": finding.label[:200],
            "state": ConflictState.OPEN.value,
            "received_by": unit.actor.code,
            "raised_at": unit.clock.now(),
            "reason": "",
        }
        for finding in fresh
    ]
    unit.session.execute(insert(NationalConflict), rows)


def _supersede(session: Session, subject: Subject, system_id: int, source_ids: list[str]) -> None:
    session.execute(
        update(NationalConflict)
        .where(
            NationalConflict.system_id == system_id,
            NationalConflict.subject == subject.value,
            NationalConflict.source_id == func.any(texts(source_ids)),
            NationalConflict.state == ConflictState.OPEN.value,
        )
        .values(state=ConflictState.SUPERSEDED.value)
        .execution_options(synchronize_session=False)
    )


def _note_checked(unit: Unit, written: Iterable[Finding]) -> None:
    """The last check of every target that a written row is about."""
    ids = [finding.row_id for finding in written if finding.row_id is not None]
    if not ids:
        return
    query = (
        select(NationalResult.target_id, func.max(NationalResult.checked_on))
        .where(NationalResult.id == func.any(numbers(ids)))
        .group_by(NationalResult.target_id)
    )
    days: dict[int, date] = dict(unit.session.execute(query).all())
    note_all_checked(unit, days)


def _stamps(unit: Unit) -> dict[str, Any]:
    return {"received_by": unit.actor.code, "received_at": unit.clock.now()}


def _model(subject: Subject) -> Any:
    return NationalTask if subject is Subject.TASK else NationalResult
