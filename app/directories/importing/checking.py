"""The dry run of one file in steps: each leaves its batches and how far it came in one transaction, so that a worker
that is killed loses no more than one step, and no row is lost or counted twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert

from app.db import Unit
from app.directories.importing.engine import AT_ONCE, Batch, Progress, batches, compare_batch, count_missing
from app.directories.importing.kinds import ImportKind, Options, import_kinds
from app.directories.importing.looking import (
    count_rows,
    fitting,
    keep_look,
    look_at,
    rows_of,
    sheets_of,
    why_not,
)
from app.directories.importing.models import ImportBatch, ImportKey, ImportRun
from app.directories.importing.packing import pack
from app.directories.importing.reports import fault_line
from app.directories.importing.seen import SeenInTable
from app.directories.rules import ImportMode
from app.kernel.errors import Refused
from app.kernel.spreadsheet import SheetRow, limits, open_book

STEP = 20_000
MOST_ERRORS_KEPT = 2000
FIGURES = ("rows", "new", "changed", "unchanged", "closed", "bad", "contested")


@dataclass
class _Reading:
    """The file that this process has open, and how far it has read."""

    run_id: int
    attempt: int
    done: int
    rows: Iterator[SheetRow]


_open: list[_Reading] = []


def kind_of(run: ImportRun) -> ImportKind:
    """:raises Refused: no such kind is registered any more"""
    kind = import_kinds.get(run.kind)
    if kind is None:
        raise Refused("import_kind_unknown")
    return kind


def options_of(run: ImportRun) -> Options:
    kind = kind_of(run)
    key = run.settings.get("key") or kind.key_choices[0][0]
    return Options(run.agency_id, ImportMode(run.mode), key, run.cause)


def look(unit: Unit, run: ImportRun) -> bool:
    """Open the file and understand it; whether everything needed is clear, so that the check can begin.

    :raises Invalid: the file cannot be read at all
    """
    kind = kind_of(run)
    book = open_book(run.content or b"", run.file_name)
    found = look_at(unit, kind, book)
    keep_look(unit, run, found)
    chosen = fitting(kind, found, options_of(run).key)
    if any(one["fixed"] for one in found):
        # A value that a person gave for all rows of another file is proposed again, never taken unseen.
        run.settings, run.state = {**run.settings, "format": book.format}, "choosing"
        unit.session.flush()
        return False
    run.settings = {**run.settings, "format": book.format, "sheets": sheets_of(chosen)}
    if sum(sheet.most() for one in chosen if (sheet := book.sheet(one["name"]))) > limits.MOST_ROWS:
        count_rows(run)
    if not chosen:
        error = why_not(kind, found, run.file_name, options_of(run).key)
        if error.code == "import_empty" or all(sum(map(bool, one["labels"])) < 2 for one in found):
            raise error
        run.state = "choosing"
        run.report = {"faults": [fault_line(fault) for fault in error.faults]}
    unit.session.flush()
    return bool(chosen)


def begin(unit: Unit, run: ImportRun) -> None:
    """Forget an earlier check."""
    forget(unit, run)
    run.attempt += 1
    run.done = 0
    run.state = "waiting"
    run.report = {**dict.fromkeys(FIGURES, 0), "errors": [], "errors_total": 0, "committed": False}
    unit.session.flush()


def forget(unit: Unit, run: ImportRun) -> None:
    """What a check has found; the look stays."""
    session = unit.session
    session.execute(delete(ImportBatch).where(ImportBatch.run_id == run.id, ImportBatch.position >= 0))
    session.execute(delete(ImportKey).where(ImportKey.run_id == run.id))


def step(unit: Unit, run: ImportRun, progress: Progress | None = None, most: int = STEP) -> bool:
    """Check the next rows; whether the file is at its end. The figures are complete then.

    :raises Invalid: the file cannot be read
    """
    kind, options = kind_of(run), options_of(run)
    kind.permission(unit, run.agency_id)
    words = kind.words(unit, options)
    seen = SeenInTable(unit.session, run.id, run.done)
    reading = _reading(run)
    report: dict[str, Any] = {**run.report, "errors": list(run.report["errors"])}
    rows = 0
    for part in batches(itertools.islice(reading.rows, most), AT_ONCE):
        batch = compare_batch(unit, kind, part, options, words, seen)
        _keep(unit, run, run.done + rows, batch, report)
        rows += len(part)
        if progress is not None:
            progress(run.done + rows, None)
    run.done = reading.done = run.done + rows
    is_over = rows < most
    if is_over:
        if options.mode is ImportMode.SYNC:
            report["closed"] = count_missing(unit, kind, options, seen)
        run.state = "checked"
    else:
        _open[:] = [reading]
    run.report = report
    unit.session.flush()
    return is_over


def _reading(run: ImportRun) -> _Reading:
    """Go on where this process stopped; else read the file again up to there."""
    known = _open.pop() if _open else None
    if known is not None and (known.run_id, known.attempt, known.done) == (run.id, run.attempt, run.done):
        return known
    rows = rows_of(run)
    skipped = sum(1 for _ in itertools.islice(rows, run.done))
    return _Reading(run.id, run.attempt, skipped, rows)


def _keep(unit: Unit, run: ImportRun, position: int, batch: Batch, report: dict[str, Any]) -> None:
    packet = batch.packet
    figures = {
        "new": len(packet.new),
        "changed": len(packet.changed),
        "bad": len(packet.bad),
        "contested": len(packet.contested),
    }
    report["rows"] += batch.rows
    report["unchanged"] += batch.unchanged
    report["errors_total"] += len(batch.faults)
    for name, number in figures.items():
        report[name] += number
    left = MOST_ERRORS_KEPT - len(report["errors"])
    if left > 0:
        faults = sorted(batch.faults, key=lambda fault: (fault.sheet or "", fault.row or 0))
        report["errors"] += [fault_line(fault) for fault in faults[:left]]
    if packet.changes or packet.bad:
        values = {"run_id": run.id, "position": position, "content": pack(packet), **figures}
        unit.session.execute(insert(ImportBatch), [values])
