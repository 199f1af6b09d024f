"""Take the security log out: at once as far as it is short, otherwise by a job; each time with a line of its own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Unit
from app.jobs.files import kept_file, new_file
from app.jobs.registry import GiveUp, Progress
from app.jobs.services import enqueue
from app.kernel.errors import NotFound, Refused
from app.ops.models import LogExport
from app.ops.security_log import files, queries
from app.ops.security_log.filters import LogFilter
from app.security.models import SecurityLog
from app.security.rules import RoleName, may_act
from app.security.services import note_security

AT_ONCE = 5_000
JOB = "ops.log_export"
FORMATS = ("csv", "xlsx")
AUDIT = frozenset({RoleName.AUDIT_ADMIN})
SUBJECT = "security_log"


def take_out(unit: Unit, kind: str, asked: LogFilter) -> bytes | LogExport:
    """The file, or, above 5,000 lines, the export that a job writes.

    :raises Refused: unless the audit administrator acts, or for an unknown kind of file
    """
    may_act(unit.actor.roles, None, AUDIT, None).require()
    if kind not in FORMATS:
        raise Refused("log_export_format")
    upto = queries.newest(unit.session)
    number = queries.count(unit.session, asked, AT_ONCE)
    if number > AT_ONCE:
        return _order(unit, kind, asked, upto)
    target = io.BytesIO()
    rows = files.rows(
        queries.stream(unit.session, asked, upto), lambda some: queries.names(unit.session, some)
    )
    written = files.write(kind, target, files.watermark(unit.actor.label, unit.clock.now(), asked), rows)
    _note(unit, asked, kind, written)
    return target.getvalue()


def _order(unit: Unit, kind: str, asked: LogFilter, upto: int) -> LogExport:
    export = LogExport(
        user_id=unit.actor.user_id, format=kind, filters=asked.as_data(), upto=upto, asked_at=unit.clock.now()
    )
    unit.session.add(export)
    unit.session.flush()
    export.outbox_id = enqueue(unit, JOB, f"{JOB}:{export.id}", {"export": export.id})
    unit.session.flush()
    return export


def write_file(unit: Unit, export_id: int, progress: Progress) -> None:
    """The job: in the scope of whoever asked. A second run writes the same file anew."""
    export = unit.session.get(LogExport, export_id)
    if export is None:
        raise GiveUp("This export belongs to somebody who may not read the log any more.")
    if export.done_at is not None:
        return
    asked, who = LogFilter.read(export.filters), unit.actor.label
    kind, upto, at = export.format, export.upto, export.asked_at
    done = 0

    def pieces() -> Iterator[list[SecurityLog]]:
        nonlocal done
        for piece in queries.stream(unit.session, asked, upto):
            done += len(piece)
            yield piece
            progress(done)

    with new_file(str(export_id), kind) as (name, target):
        rows = files.rows(pieces(), lambda some: queries.names(unit.session, some))
        written = files.write(kind, target, files.watermark(who, at, asked), rows)
    export = unit.session.get(LogExport, export_id)
    if export is None:
        raise GiveUp("This export is not there any more.")
    export.file_name, export.rows, export.done_at = name, written, unit.clock.now()
    _note(unit, asked, kind, written)


def _note(unit: Unit, asked: LogFilter, kind: str, written: int) -> None:
    words = " ".join(f"{name}={value}" for name, value in asked.as_data().items())
    note_security(unit, "exported", "ok", subject=SUBJECT, detail=f"{written} {kind} {words}".strip())


def file_of(unit: Unit, export_id: int) -> tuple[LogExport, Path]:
    """A finished export of the own, for 30 days.

    :raises NotFound: when it is not there, not ready, another person's, or too old
    """
    export = unit.session.get(LogExport, export_id)
    if export is None or export.user_id != unit.actor.user_id or RoleName.AUDIT_ADMIN not in unit.actor.roles:
        raise NotFound("not_in_scope", kind="log_export")
    path = kept_file(export.file_name, export.done_at, unit.clock.now())
    if path is None:
        raise NotFound("not_in_scope", kind="log_export")
    return export, path


def recent(session: Session, limit: int = 5) -> list[LogExport]:
    """The latest exports of the own."""
    return list(session.scalars(select(LogExport).order_by(LogExport.id.desc()).limit(limit)))
