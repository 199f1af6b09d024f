"""Rows of a file against the stored targets: what is new, what differs, what may not be touched (R-11.1, R-11.3)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Row, Text, bindparam, func, select
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.importing.kinds import Change, Compared, Options
from app.directories.importing.packing import plain
from app.directories.rules import ImportMode
from app.directories.sources.rules import IMPORT, agency_source, stamped, whole
from app.directories.targets.entries import FIELDS, TargetEntry, Vocabulary, changes
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.rules import CodeKind, Source
from app.directories.targets.services.weighing import Weighing, weighing
from app.kernel.clock import today
from app.kernel.errors import Fault
from app.kernel.spreadsheet import SheetRow
from app.security.models import Agency
from app.security.protection.columns import sources
from app.security.scoping import criterion

Checked = tuple[SheetRow, TargetEntry]

_T = Target.__table__
SEALED = {source.column: source for name, source in sources(_T).items() if name.endswith("_digest")}
"""Sealed columns are compared by their digests; the values are opened where they differ."""
_OPEN = tuple(column for column, _ in FIELDS if column not in SEALED)
_STORED = (
    "id",
    "code",
    "code_kind",
    "version",
    "source",
    "agency_id",
    *_OPEN,
    *(f"{name}_digest" for name in SEALED),
)
_COLUMNS = tuple(column for column, _ in FIELDS)
_whole = attrgetter(*_COLUMNS)
Stored = Row[Any]
"""A stored target: the columns of `_STORED`, and `reachable`."""


def compare(unit: Unit, good: Sequence[Checked], options: Options, words: Vocabulary) -> Compared:
    """Every good row: a change, unchanged, or the fault that its code belongs to somebody else."""
    found = Compared()
    stored, former, lower = _stored(unit, good)
    source = source_name(unit.session, options.agency_id)
    day = today(unit.clock)
    weigh = weighing(unit, source, options.agency_id)
    differing: list[Change] = []
    for row, entry in good:
        known = stored.get(former.get(entry.code, entry.code)) if entry.code else None
        better = known is None and bool(entry.code)
        if better and entry.code_kind == CodeKind.USCC:
            known = lower.get(entry.organisation_code or "")
        if known is None:
            found.changes.append(_new(row, entry, options.agency_id, source, day))
        elif not known.reachable or _belongs_to_another(known, options.agency_id):
            found.faults.append(row.fault("code", "target_code_taken", value=entry.code))
        else:
            found.keys.append(known.code)
            change = _known(row, entry, known, better, options)
            weigh.meet(change, row, entry, known)
            if change is None:
                found.unchanged += 1
            else:
                differing.append(change)
    _complete(unit.session, differing, source, day, weigh)
    found.unchanged += sum(not change.values for change in differing)
    weigh.settle(found)
    return found


def _new(row: SheetRow, entry: TargetEntry, agency_id: int | None, source: str, day: date) -> Change:
    values: dict[str, Any] = dict(zip(_COLUMNS, _whole(entry), strict=True))
    values["registered_on"] = plain(entry.registered_on)
    kind, owner = source_of_rows(agency_id)
    values.update(code=entry.code, code_kind=entry.code_kind, source=kind, agency_id=owner, risk_class="N")
    values["field_sources"] = whole(source, day)
    return Change(entry.code, values, row.sheet, row.row, entry.name)


def _known(row: SheetRow, entry: TargetEntry, known: Stored, better: bool, options: Options) -> Change | None:
    """A stored row: what differs, or left as it is.

    `better`: the entry brings a code of a higher rank (R-11.5).
    """
    agency_id = options.agency_id
    if options.mode is ImportMode.ADD:
        return None
    joins = agency_id is None and known.source != Source.BASE
    given, present = _pickers(entry.given)
    if not (joins or better) and given(entry) == present(known) and _is_sealed_alike(known, entry):
        return None
    stored: dict[str, Any] = dict(known._mapping)
    seen = {**stored, **{name: _same(stored, entry, name) for name in SEALED}}
    values: dict[str, Any] = {name: plain(value) for name, value in changes(seen, entry).items()}
    if joins:
        values.update(source=Source.BASE.value, agency_id=None)
    if better:
        values.update(code=entry.code, code_kind=entry.code_kind)
    if not values:
        return None
    before = {name: plain(stored[name]) for name in values if name not in SEALED}
    return Change(known.code, values, row.sheet, row.row, known.name, known.id, known.version, before)


@lru_cache(maxsize=1000)
def _pickers(given: frozenset[str]) -> tuple[Callable[[TargetEntry], Any], Callable[[Stored], Any]]:
    """The open columns of the fields handed in, of an entry and of a stored row: most rows of a file are equal."""
    names = [column for column, name in FIELDS if name in given and column not in SEALED]
    if not names:
        return (lambda entry: None), (lambda known: None)
    return attrgetter(*names), itemgetter(*(_STORED.index(name) for name in names))


def _is_sealed_alike(known: Stored, entry: TargetEntry) -> bool:
    return all(
        source.make(getattr(entry, name), source.place) == known._mapping[f"{name}_digest"]
        for name, source in SEALED.items()
        if name in entry.given
    )


def _same(known: Mapping[str, Any], entry: TargetEntry, name: str) -> str | None:
    """The entry's own value when its digest is the stored one, else something that differs from it."""
    value: str = getattr(entry, name)
    made = SEALED[name].make(value, SEALED[name].place)
    return value if made == known[f"{name}_digest"] else None


def _complete(session: Session, known: list[Change], source: str, day: date, weigh: Weighing) -> None:
    """What only rows that change need: the sealed values as they are now, and who said the fields; by that a field
    stays as it is whose source has precedence.
    """
    by_id = {change.row_id: change for change in known}
    columns = [_T.c[name] for name in ("id", "source", "agency_id", "field_sources", *SEALED)]
    query = select(*columns).where(_T.c.id.in_(list(by_id)), criterion(Target, session.info["scope"]))
    for stored in session.execute(query).mappings() if by_id else ():
        change = by_id[stored["id"]]
        weigh.part(change, stored)
        change.before.update({name: stored[name] for name in SEALED if name in change.values})
        said = [column for column, _ in FIELDS if column in change.values]
        if change.values:
            change.values["field_sources"] = stamped(stored["field_sources"] or {}, said, source, day)


def _belongs_to_another(known: Stored, agency_id: int | None) -> bool:
    return agency_id is not None and known.source == Source.AGENCY and known.agency_id != agency_id


def source_of_rows(agency_id: int | None) -> tuple[str, int | None]:
    return (Source.BASE.value, None) if agency_id is None else (Source.AGENCY.value, agency_id)


def source_name(session: Session, agency_id: int | None) -> str:
    agency = session.get(Agency, agency_id) if agency_id is not None else None
    return agency_source(agency.code) if agency is not None else IMPORT


def _stored(
    unit: Unit, good: Sequence[Checked]
) -> tuple[dict[str, Stored], dict[str, str], dict[str, Stored]]:
    """Rows that the codes and former ones name, the codes that these stand under now, and, for codes that are not
    there, rows under the organisation codes that they contain; wherever they lie: `reachable` says whether that is
    within the scope.
    """
    session = unit.session
    codes = {entry.code for _, entry in good if entry.code}
    was = TargetCode.__table__.c
    former: dict[str, str] = dict(
        session.execute(
            select(was.code, _T.c.code)
            .join(_T, _T.c.id == was.target_id)
            .where(was.code == func.any(texts(codes)))
        ).all()
    )
    stored = _by_code(unit, [*codes, *former.values()])
    inner = {
        entry.organisation_code
        for _, entry in good
        if entry.organisation_code and former.get(entry.code, entry.code) not in stored
    }
    return stored, former, _by_code(unit, inner)


def _by_code(unit: Unit, codes: Collection[str]) -> dict[str, Stored]:
    if not codes:
        return {}
    columns = [*(_T.c[name] for name in _STORED), criterion(Target, unit.scope).label("reachable")]
    query = select(*columns).where(_T.c.code == func.any(texts(codes)))
    return {row.code: row for row in unit.session.execute(query)}


def texts(values: Iterable[str]) -> BindParameter[list[str]]:
    return bindparam(None, list(values), type_=ARRAY(Text))


def fill_by_name(unit: Unit, rows: Sequence[SheetRow], words: Vocabulary) -> list[Fault]:
    """Rows of a file whose key is name and region get the code of the target that is called so there; the faults
    are of those for which there are several, or none.
    """
    wanted = {row.cells.get("name", "") for row in rows if not row.cells.get("code")}
    query = select(_T.c.name, _T.c.region_id, _T.c.code).where(
        _T.c.name == func.any(texts(wanted)), criterion(Target, unit.scope)
    )
    found: dict[tuple[str, int | None], list[str]] = {}
    for name, region_id, code in unit.session.execute(query):
        found.setdefault((name, region_id), []).append(code)
        found.setdefault((name, None), []).append(code)
    faults = []
    for row in rows:
        if row.cells.get("code"):
            continue
        name = row.cells.get("name", "")
        codes = found.get((name, words.regions.get(row.cells.get("region", ""))), [])
        if len(codes) == 1:
            row.cells["code"] = codes[0]
        elif name:
            faults.append(
                row.fault("name", "import_key_ambiguous" if codes else "import_key_unknown", value=name)
            )
    return faults
