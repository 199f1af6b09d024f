"""Take over a spreadsheet of inspectors by difference (R-14.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update

from app.audit.services import record
from app.db import Unit
from app.directories.bulk import copy_upsert, without_time_limit
from app.directories.inspectors.entries import COLUMNS, FIELDS, InspectorEntry, changes, check_entry
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.queries import vocabulary
from app.directories.inspectors.services.keeping import SYSTEM, may_keep
from app.directories.rules import ImportMode, ImportOutcome
from app.kernel.errors import NotFound
from app.kernel.spreadsheet import SheetRow, read_rows
from app.security.models import Agency
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped

_I = Inspector.__table__
_WRITTEN = ("certificate_no", "agency_id", *FIELDS, "active")

Progress = Callable[[int, int | None], None]
Checked = tuple[SheetRow, InspectorEntry]


def import_inspectors(
    unit: Unit,
    content: bytes,
    file_name: str,
    *,
    agency_id: int | None = None,
    mode: ImportMode = ImportMode.UPDATE,
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> ImportOutcome:
    """Check all rows of a file and take it over; with bad rows only when `skip_bad` says so.

    Without `agency_id` every row names its agency, or belongs to the actor's. A sync takes off duty whom the
    file lacks, in the agencies that it names.

    :raises Invalid: the file as a whole cannot be read
    """
    default = _default_agency(unit, agency_id)
    without_time_limit(unit.session)
    rows = read_rows(content, file_name, COLUMNS)
    outcome = ImportOutcome(rows=len(rows))
    good, numbers = _check(unit, rows, default, agency_id is not None, outcome)
    written = _compare(unit, good, mode, outcome)
    missing = _missing(unit, good, numbers) if mode is ImportMode.SYNC else []
    outcome.closed = len(missing)
    if progress is not None:
        progress(len(rows), len(rows))
    if dry_run or (outcome.faults and not skip_bad):
        return outcome
    copy_upsert(
        unit.session,
        "inspector",
        _WRITTEN,
        written,
        key="certificate_no",
        keep=("agency_id",),
        on_change="version = inspector.version + 1",
    )
    if missing:
        gone = update(_I).where(_I.c.id.in_(missing)).values(active=False, version=_I.c.version + 1)
        unit.session.execute(gone)
    unit.session.expire_all()
    outcome.committed = True
    figures = {**outcome.figures(), "mode": mode.value}
    record(unit, "inspector.imported", "directory:inspectors", figures, agency_id)
    return outcome


def _default_agency(unit: Unit, agency_id: int | None) -> str:
    wanted = agency_id if agency_id is not None else unit.actor.agency_id
    if SYSTEM not in unit.actor.roles:
        may_act(unit.actor.roles, unit.actor.agency_id, frozenset({RoleName.AGENCY_ADMIN}), wanted).require()
    if wanted is None:
        return ""
    agency = unit.session.get(Agency, wanted)
    if agency is None:
        raise NotFound("not_in_scope", kind="agency")
    may_keep(unit, wanted)
    return agency.code


def _check(
    unit: Unit, rows: list[SheetRow], default: str, only_default: bool, outcome: ImportOutcome
) -> tuple[list[Checked], set[str]]:
    words = vocabulary(unit.session, unit.scope, default)
    good: list[Checked] = []
    first: dict[str, int] = {}
    for row in rows:
        cells = {**row.cells, "agency": default} if only_default else row.cells
        entry, faults = check_entry(cells, words)
        found = [row.fault(f.field, f.code, **{**f.facts, "value": f.value}) for f in faults]
        number = row.cells.get("certificate_no", "")
        if number and number in first:
            found.append(row.fault("certificate_no", "duplicate_in_file", first=first[number]))
        first.setdefault(number, row.row)
        if found:
            outcome.faults.extend(found)
        elif entry is not None:
            good.append((row, entry))
    return good, set(first)


def _compare(
    unit: Unit, good: list[Checked], mode: ImportMode, outcome: ImportOutcome
) -> list[tuple[Any, ...]]:
    numbers = [entry.certificate_no for _, entry in good]
    columns = [_I.c[name] for name in ("id", *_WRITTEN)]
    with unscoped(unit.session, "a certificate number stands once"):
        found = unit.session.execute(select(*columns).where(_I.c.certificate_no.in_(numbers))).mappings()
    stored = {row["certificate_no"]: row for row in found}
    written: list[tuple[Any, ...]] = []
    for row, entry in good:
        known = stored.get(entry.certificate_no)
        if known is None:
            written.append(_row(entry, vars(entry)))
            outcome.new += 1
        elif known["agency_id"] != entry.agency_id:
            outcome.faults.append(row.fault("certificate_no", "inspector_number_taken"))
        else:
            difference = {} if mode is ImportMode.ADD else changes(known, entry)
            if difference or (mode is not ImportMode.ADD and not known["active"]):
                written.append(_row(entry, {**known, **difference}))
                outcome.changed += 1
            else:
                outcome.unchanged += 1
    return written


def _row(entry: InspectorEntry, values: Any) -> tuple[Any, ...]:
    return (entry.certificate_no, entry.agency_id, *(values[name] for name in FIELDS), True)


def _missing(unit: Unit, good: list[Checked], numbers: set[str]) -> list[int]:
    """Inspectors on duty of the agencies in the file whom the file does not name."""
    agencies = {entry.agency_id for _, entry in good}
    rows = unit.session.execute(
        select(_I.c.id, _I.c.certificate_no).where(_I.c.agency_id.in_(agencies), _I.c.active)
    )
    return [id_ for id_, number in rows if number not in numbers]
