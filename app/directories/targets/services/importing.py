"""Take over a spreadsheet of targets by difference: check every row, compare, write in one unit (R-11.1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Text,
    and_,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from app.audit.services import record
from app.db import Unit
from app.directories.bulk import copy_upsert, without_time_limit
from app.directories.rules import ImportMode, ImportOutcome
from app.directories.targets.entries import COLUMNS, FIELDS, TargetEntry, changes, check_row
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.rules import CodeKind, Source, TargetStatus
from app.directories.targets.services.keeping import may_keep
from app.directories.targets.vocabulary import vocabulary
from app.kernel.errors import NotFound
from app.kernel.identifiers import normalise
from app.kernel.spreadsheet import SheetRow, read_rows
from app.security.models import Agency
from app.security.queries import regions_below
from app.security.scoping import criterion

AT_ONCE = 5000
Progress = Callable[[int, int | None], None]

_T = Target.__table__
_STORED = ("id", "code", "source", "agency_id", *(column for column, _ in FIELDS))
_WRITTEN = ("code", "code_kind", *(column for column, _ in FIELDS), "source", "agency_id", "risk_class")


@dataclass
class Difference:
    """What the file would do.

    `rows` are full rows to write, `upgrades` are (target id, old code, new code, its kind), `codes` are
    all codes that the file names, also in bad rows: a sync closes none of them.
    """

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    upgrades: list[tuple[int, str, str, str]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


def import_targets(
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

    :param agency_id: into this agency's own rows; None: into the base directory
    :raises Invalid: the file as a whole cannot be read
    :raises Refused: the actor may not
    """
    may_keep(unit, agency_id)
    without_time_limit(unit.session)
    rows = read_rows(content, file_name, COLUMNS)
    outcome = ImportOutcome(rows=len(rows))
    found = Difference()
    entries = _check(unit, rows, agency_id, outcome, found)
    done = 0
    for start in range(0, len(entries), AT_ONCE):
        batch = entries[start : start + AT_ONCE]
        _compare(unit, batch, agency_id, mode, outcome, found)
        done += len(batch)
        if progress is not None:
            progress(done, len(entries))
    if mode is ImportMode.SYNC:
        outcome.closed = _count_missing(unit, agency_id, found)
    if dry_run or (outcome.faults and not skip_bad):
        return outcome
    _write(unit, agency_id, mode, found)
    outcome.committed = True
    where = {"agency": agency_id} if agency_id is not None else {}
    record(
        unit,
        "target.imported",
        "directory:targets",
        {**outcome.figures(), "mode": mode.value, **where},
        agency_id,
    )
    return outcome


Checked = tuple[SheetRow, TargetEntry]


def _check(
    unit: Unit, rows: list[SheetRow], agency_id: int | None, outcome: ImportOutcome, found: Difference
) -> list[Checked]:
    """Rows without a fault; the faults of all others go into the outcome."""
    words = vocabulary(unit.session, unit.scope, _regions_of(unit.session, agency_id))
    good: list[Checked] = []
    first: dict[str, int] = {}
    for row in rows:
        entry, faults = check_row(row, words)
        code = entry.code if entry else normalise(row.cells.get("code", ""))
        found.codes.append(code)
        if code and code in first:
            faults.append(row.fault("code", "duplicate_in_file", first=first[code]))
        first.setdefault(code, row.row)
        if faults:
            outcome.faults.extend(faults)
        elif entry is not None:
            good.append((row, entry))
    return good


def _regions_of(session: Session, agency_id: int | None) -> frozenset[int] | None:
    if agency_id is None:
        return None
    agency = session.get(Agency, agency_id)
    if agency is None:
        raise NotFound("not_in_scope", kind="agency")
    return regions_below(session, agency.region.path)


def _compare(
    unit: Unit,
    batch: list[Checked],
    agency_id: int | None,
    mode: ImportMode,
    outcome: ImportOutcome,
    found: Difference,
) -> None:
    session = unit.session
    stored, former = _stored(session, batch)
    ids = [row["id"] for row in stored.values()]
    reachable = set(session.scalars(select(_T.c.id).where(_T.c.id.in_(ids), criterion(Target, unit.scope))))
    for row, entry in batch:
        known = stored.get(former.get(entry.code, entry.code))
        better = known is None
        if better and entry.code_kind == CodeKind.USCC:
            known = stored.get(entry.organisation_code or "")
        if known is None:
            found.rows.append(_row(entry.code, entry.code_kind, vars(entry), agency_id))
            outcome.new += 1
        elif known["id"] not in reachable or _belongs_to_another(known, agency_id):
            outcome.faults.append(row.fault("code", "target_code_taken", value=entry.code))
        else:
            found.codes.append(known["code"])
            _compare_known(known, entry, better, agency_id, mode, outcome, found)


def _compare_known(
    known: dict[str, Any],
    entry: TargetEntry,
    better: bool,
    agency_id: int | None,
    mode: ImportMode,
    outcome: ImportOutcome,
    found: Difference,
) -> None:
    """A stored row: changed, or left as it is. An agency does not change rows of the base (R-11.3).

    `better`: the entry brings a code of a higher rank (R-11.5).
    """
    left_alone = mode is ImportMode.ADD or (agency_id is not None and known["source"] == Source.BASE)
    difference = {} if left_alone else changes(known, entry)
    joins_base = agency_id is None and known["source"] != Source.BASE
    if left_alone or not (difference or joins_base or better):
        outcome.unchanged += 1
        return
    code, kind = known["code"], known["code_kind"]
    if better:
        found.upgrades.append((known["id"], code, entry.code, entry.code_kind))
        code, kind = entry.code, entry.code_kind
    found.rows.append(_row(code, kind, {**known, **difference}, agency_id))
    outcome.changed += 1


def _belongs_to_another(known: dict[str, Any], agency_id: int | None) -> bool:
    return agency_id is not None and known["source"] == Source.AGENCY and known["agency_id"] != agency_id


def _source(agency_id: int | None) -> tuple[str, int | None]:
    return (Source.BASE.value, None) if agency_id is None else (Source.AGENCY.value, agency_id)


def _row(code: str, code_kind: str, values: Mapping[str, Any], agency_id: int | None) -> tuple[Any, ...]:
    return (code, code_kind, *(values[column] for column, _ in FIELDS), *_source(agency_id), "N")


def _stored(session: Session, batch: list[Checked]) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Rows that the codes, former ones and contained organisation codes name, wherever they lie."""
    codes = {entry.code for _, entry in batch}
    lower = {entry.organisation_code for _, entry in batch if entry.organisation_code}
    was = TargetCode.__table__.c
    former = dict(
        session.execute(
            select(was.code, _T.c.code).join(_T, _T.c.id == was.target_id).where(was.code.in_(codes))
        ).all()
    )
    wanted = [*codes, *lower, *former.values()]
    columns = [_T.c[name] for name in (*_STORED, "code_kind")]
    rows = session.execute(select(*columns).where(_T.c.code == func.any(_texts(wanted)))).mappings()
    return {row["code"]: dict(row) for row in rows}, former


def _texts(values: list[str]) -> BindParameter[list[str]]:
    return bindparam(None, values, type_=ARRAY(Text))


def _missing(unit: Unit, agency_id: int | None, codes: list[str]) -> ColumnElement[bool]:
    """Rows of this directory within the scope that are still open and that the file does not name."""
    named = func.unnest(_texts(codes)).table_valued("code", name="named").render_derived()
    return and_(
        criterion(Target, unit.scope),
        _T.c.agency_id == agency_id if agency_id is not None else _T.c.source == Source.BASE.value,
        _T.c.status != TargetStatus.CLOSED.value,
        ~select(named.c.code).where(named.c.code == _T.c.code).exists(),
    )


def _count_missing(unit: Unit, agency_id: int | None, found: Difference) -> int:
    """How many a sync would close."""
    missing = _missing(unit, agency_id, found.codes)
    return int(unit.session.execute(select(func.count()).select_from(_T).where(missing)).scalar_one())


def _write(unit: Unit, agency_id: int | None, mode: ImportMode, found: Difference) -> None:
    session, now = unit.session, unit.clock.now()
    for target_id, old, new, kind in found.upgrades:
        session.execute(insert(TargetCode.__table__).values(code=old, target_id=target_id, replaced_at=now))
        session.execute(update(_T).where(_T.c.id == target_id).values(code=new, code_kind=kind))
    stamp = now.isoformat()
    copy_upsert(
        session,
        "target",
        _WRITTEN,
        found.rows,
        key="code",
        keep=("risk_class",),
        on_change=f"version = target.version + 1, updated_at = '{stamp}'::timestamptz",
    )
    if mode is ImportMode.SYNC:
        session.execute(
            update(_T)
            .where(_missing(unit, agency_id, found.codes))
            .values(status=TargetStatus.CLOSED.value, updated_at=now, version=_T.c.version + 1)
        )
    session.expire_all()
