"""Rows of a file against a directory, a batch at a time: checked, told from their twins, compared."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.audit.services import record
from app.db import Unit
from app.directories.importing.bulk import without_time_limit
from app.directories.importing.kinds import Change, ImportKind, Options
from app.directories.importing.packing import Packet, bad_rows, pack, unpack
from app.directories.importing.seen import Seen, SeenInMemory
from app.directories.rules import ImportOutcome
from app.kernel.errors import Fault, Refused
from app.kernel.spreadsheet import SheetRow

AT_ONCE = 5000
Progress = Callable[[int, int | None], None]


@dataclass
class Batch:
    """What some rows come to."""

    rows: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    packet: Packet = field(default_factory=Packet)

    def add_to(self, outcome: ImportOutcome) -> None:
        outcome.rows += self.rows
        outcome.unchanged += self.unchanged
        outcome.new += len(self.packet.new)
        outcome.changed += len(self.packet.changed)
        outcome.faults += self.faults


def batches(rows: Iterable[SheetRow], size: int = AT_ONCE) -> Iterator[list[SheetRow]]:
    source = iter(rows)
    while part := list(itertools.islice(source, size)):
        yield part


def compare_batch(
    unit: Unit, kind: ImportKind, rows: list[SheetRow], options: Options, words: Any, seen: Seen
) -> Batch:
    """Every row of the batch is new, changed, unchanged, or has faults."""
    batch = Batch(rows=len(rows))
    unclear = kind.prepare(unit, rows, options, words) if kind.prepare else []
    told = {(fault.sheet, fault.row): fault for fault in unclear}
    checked = [(row, *kind.check_row(row, words)) for row in rows]
    mentions = [(kind.key_of(row, entry, options), row) for row, entry, _ in checked]
    twins = seen.claim(mentions)
    good = []
    for row, entry, faults in checked:
        first = twins.get((row.sheet, row.row))
        if (row.sheet, row.row) in told:
            faults = [told[row.sheet, row.row]]
        elif first is not None:
            faults = [*faults, row.fault(kind.key_field(options), "duplicate_in_file", first=first)]
        if faults:
            batch.faults += faults
        elif entry is not None:
            good.append((row, entry))
    compared = kind.compare(unit, good, options, words)
    seen.note(set(compared.keys).difference(key for key, _ in mentions))
    batch.faults += compared.faults
    batch.unchanged = compared.unchanged
    batch.packet = Packet(compared.changes, bad_rows(rows, batch.faults))
    return batch


def count_missing(unit: Unit, kind: ImportKind, options: Options, seen: Seen) -> int:
    """How many rows of the directory a complete file lacks."""
    if kind.missing is None:
        return 0
    lacking = kind.missing(unit, options, seen.named()).subquery()
    return int(unit.session.execute(select(func.count()).select_from(lacking)).scalar_one())


def write(unit: Unit, kind: ImportKind, changes: list[Change], options: Options) -> None:
    """Write what a check found, all or nothing.

    :raises Refused: a row is not any more what the check saw, or somebody has added it
    """
    if not changes:
        return
    try:
        written = kind.write(unit, changes, options)
    except IntegrityError as error:
        raise Refused("import_directory_changed", rows=1) from error
    if written != len(changes):
        raise Refused("import_directory_changed", rows=len(changes) - written)


def take_at_once(
    unit: Unit,
    kind: ImportKind,
    rows: Iterable[SheetRow],
    options: Options,
    *,
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> ImportOutcome:
    """Check all rows and write them in this unit; with bad rows only when `skip_bad` says so."""
    kind.permission(unit, options.agency_id)
    without_time_limit(unit.session)
    words = kind.words(unit, options)
    outcome, seen, packets = ImportOutcome(), SeenInMemory(), []
    for part in batches(rows):
        batch = compare_batch(unit, kind, part, options, words, seen)
        batch.add_to(outcome)
        packets.append(pack(Packet(batch.packet.changes)))
        if progress is not None:
            progress(outcome.rows, None)
    if options.mode == "sync":
        outcome.closed = count_missing(unit, kind, options, seen)
    if progress is not None:
        progress(outcome.rows, outcome.rows)
    if dry_run or (outcome.faults and not skip_bad):
        return outcome
    with unit.session.begin_nested():
        for content in packets:
            write(unit, kind, unpack(content).changes, options)
        if options.mode == "sync" and kind.close is not None:
            kind.close(unit, options, seen.named())
    unit.session.expire_all()
    outcome.committed = True
    leave_event(unit, kind, outcome.figures(), options)
    return outcome


def leave_event(unit: Unit, kind: ImportKind, figures: dict[str, int], options: Options) -> None:
    where = {"agency": options.agency_id} if options.agency_id is not None else {}
    data = {**figures, "mode": options.mode.value, **where}
    record(unit, kind.event, f"directory:{kind.key}", data, options.agency_id)
