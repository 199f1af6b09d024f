"""Take a list out as a file: at once up to 5,000 rows, otherwise by a job; each time with a line in the log."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.services import record
from app.db import Unit
from app.directories.exporting.cells import Told, columns_of, covered_kinds, rows_of
from app.directories.exporting.models import DirectoryExport
from app.directories.listing.chosen import Chosen
from app.directories.listing.listing import Listing, listings
from app.jobs.files import kept_file, new_file
from app.jobs.registry import GiveUp, Progress
from app.jobs.services import enqueue
from app.kernel.clock import SHANGHAI
from app.kernel.errors import NotFound, Refused
from app.kernel.workbook import Watermark, write_sheet
from app.security.models import Agency
from app.security.protection.rules import may_ask
from app.security.protection.services import note_export
from app.security.rules import BUSINESS
from app.security.services import note_security

AT_ONCE = 5_000
JOB = "directories.export"
FORMATS = ("xlsx", "csv")


def take_out(
    unit: Unit, listing: Listing, chosen: Chosen, kind: str, *, clear: bool = False, reason: str = ""
) -> bytes | DirectoryExport:
    """The file, or, above 5,000 rows, the export that a job writes.

    :param listing: as the person sees it
    :param clear: telephone numbers and home addresses in full, for `reason`; the view is `fresh`
    :raises Refused: for an unknown kind of file, or when the roles do not need the personal data
    """
    _may_export(unit)
    if kind not in FORMATS:
        raise Refused("export_format")
    kinds = covered_kinds(columns_of(listing, chosen, clear=False), unit.actor.roles)
    clear = clear and bool(kinds)
    if clear:
        may_ask(kinds, unit.actor.roles, reason).require()
    if chosen.count(unit.session, listing, AT_ONCE) > AT_ONCE:
        return _order(unit, listing, chosen, kind, clear, reason)
    target = io.BytesIO()
    written = _write(unit, target, listing, chosen, kind, clear, unit.clock.now(), None)
    _note(unit, listing, chosen, kind, clear, reason, written)
    return target.getvalue()


def _may_export(unit: Unit) -> None:
    if not unit.actor.roles & BUSINESS:
        raise NotFound("not_in_scope", kind="listing")


def _order(
    unit: Unit, listing: Listing, chosen: Chosen, kind: str, clear: bool, reason: str
) -> DirectoryExport:
    export = DirectoryExport(
        user_id=unit.actor.user_id,
        listing=listing.key,
        format=kind,
        locale=str(get_locale() or "zh_CN"),
        asked=chosen.to_json(),
        clear=clear,
        reason=reason.strip(),
        asked_at=unit.clock.now(),
    )
    unit.session.add(export)
    unit.session.flush()
    export.outbox_id = enqueue(unit, JOB, f"{JOB}:{export.id}", {"export": export.id})
    unit.session.flush()
    return export


def write_file(unit: Unit, export_id: int, progress: Progress) -> None:
    """The job: in the scope of whoever asked. A second run writes the same file anew."""
    export = unit.session.get(DirectoryExport, export_id)
    if export is None:
        raise GiveUp("This export belongs to somebody who is not there any more.")
    if export.done_at is not None:
        return
    _may_export(unit)
    listing = listings[export.listing].as_seen_by(unit.actor.roles)
    chosen = Chosen.from_json(listing, export.asked)
    if export.clear:
        kinds = covered_kinds(columns_of(listing, chosen, clear=False), unit.actor.roles)
        may_ask(kinds, unit.actor.roles, export.reason).require()
    total = chosen.count(unit.session, listing)
    with (
        force_locale(export.locale),
        new_file(f"{export.listing}-{export.id}", export.format) as (name, target),
    ):
        export.rows = _write(
            unit,
            target,
            listing,
            chosen,
            export.format,
            export.clear,
            export.asked_at,
            lambda done: progress(done, total),
        )
        export.file_name, export.done_at = name, unit.clock.now()
        _note(unit, listing, chosen, export.format, export.clear, export.reason, export.rows)
        unit.session.flush()


def _write(
    unit: Unit,
    target: io.BufferedIOBase | io.BytesIO,
    listing: Listing,
    chosen: Chosen,
    kind: str,
    clear: bool,
    at: datetime,
    told: Told | None,
) -> int:
    columns = columns_of(listing, chosen, clear=clear)
    rows = rows_of(unit.session, listing, chosen, columns, unit.actor.roles, told)
    title = str(listing.title)
    mark = watermark(unit, title, at)
    return write_sheet(kind, target, [str(c.label) for c in columns], rows, mark, title=title)  # type: ignore[arg-type]


def watermark(unit: Unit, title: str, at: datetime) -> Watermark:
    """Who took it out for which unit, and when."""
    agency = unit.session.get(Agency, unit.actor.agency_id) if unit.actor.agency_id else None
    name = agency.name if agency is not None else ""
    text = _(
        "%(title)s, exported by %(who)s (%(agency)s) at %(at)s",
        title=title,
        who=unit.actor.label,
        agency=name or "-",
        at=at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
    )
    return Watermark(text, unit.actor.label, name, at.astimezone(SHANGHAI))


def _note(
    unit: Unit, listing: Listing, chosen: Chosen, kind: str, clear: bool, reason: str, rows: int
) -> None:
    """One event; a line of the security log; personal data in clear have their own of both."""
    subject = f"listing:{listing.key}"
    if clear:
        kinds = covered_kinds(columns_of(listing, chosen, clear=False), unit.actor.roles)
        note_export(unit, subject, rows, kinds, reason)
        return
    record(unit, "directory.exported", subject, {"rows": rows, "format": kind})
    narrowed = ", ".join(sorted(chosen.state.filters)) or "-"
    note_security(unit, "exported", "ok", subject=subject, detail=f"{rows} {kind}; filters: {narrowed}")


def file_of(unit: Unit, export_id: int) -> tuple[DirectoryExport, Path]:
    """A finished export of the own, for thirty days.

    :raises NotFound: when it is not there, not ready, another person's, or too old
    """
    export = own_export(unit.session, export_id, unit.actor.user_id)
    path = kept_file(export.file_name, export.done_at, unit.clock.now())
    if path is None:
        raise NotFound("not_in_scope", kind="export")
    return export, path


def own_export(session: Session, export_id: int, user_id: int | None) -> DirectoryExport:
    """:raises NotFound: not there, or another person's"""
    export = session.get(DirectoryExport, export_id, populate_existing=True)
    if export is None or export.user_id != user_id:
        raise NotFound("not_in_scope", kind="export")
    return export


def recent(session: Session, user_id: int | None, limit: int = 50) -> list[DirectoryExport]:
    """The latest exports of the own."""
    mine = select(DirectoryExport).where(DirectoryExport.user_id == user_id)
    return list(session.scalars(mine.order_by(DirectoryExport.id.desc()).limit(limit)))
