"""Inspectors from a spreadsheet: checked by the directory's validator, compared, written by difference (R-14.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, Select, cast, func, select, update

from app.db import Unit
from app.directories.importing.bulk import copy_insert, copy_update
from app.directories.importing.engine import Progress, take_at_once
from app.directories.importing.kinds import Change, Compared, ImportKind, Options, add_import_kind
from app.directories.importing.packing import plain
from app.directories.inspectors.entries import (
    COLUMNS,
    FIELDS,
    InspectorEntry,
    Vocabulary,
    changes,
    check_entry,
)
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.queries import vocabulary
from app.directories.inspectors.services.keeping import SYSTEM, may_keep
from app.directories.rules import ImportMode, ImportOutcome
from app.directories.targets.models import Specialty
from app.kernel.errors import Fault, NotFound
from app.kernel.spreadsheet import SheetRow, iter_rows
from app.security.models import Agency, Region
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped

_I = Inspector.__table__
_WRITTEN = ("certificate_no", "agency_id", *FIELDS, "active")
_CHANGED = (*FIELDS, "active")
# Beside the certificate numbers stands which agencies the file is about: a sync touches no other.
_AGENCY = "agency:"


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
    _may(unit, agency_id)
    rows = iter_rows(content, file_name, COLUMNS)
    options = Options(agency_id, mode, key="certificate_no")
    return take_at_once(unit, KIND, rows, options, dry_run=dry_run, skip_bad=skip_bad, progress=progress)


def _may(unit: Unit, agency_id: int | None) -> None:
    wanted = agency_id if agency_id is not None else unit.actor.agency_id
    if SYSTEM not in unit.actor.roles:
        may_act(unit.actor.roles, unit.actor.agency_id, frozenset({RoleName.AGENCY_ADMIN}), wanted).require()
    if wanted is not None:
        may_keep(unit, wanted)


def _words(unit: Unit, options: Options) -> tuple[Vocabulary, bool]:
    """The words, and whether every row belongs to the one agency whatever it says."""
    wanted = options.agency_id if options.agency_id is not None else unit.actor.agency_id
    agency = unit.session.get(Agency, wanted) if wanted is not None else None
    if wanted is not None and agency is None:
        raise NotFound("not_in_scope", kind="agency")
    default = agency.code if agency is not None else ""
    return vocabulary(unit.session, unit.scope, default), options.agency_id is not None


def _check(row: SheetRow, words: tuple[Vocabulary, bool]) -> tuple[InspectorEntry | None, list[Fault]]:
    known, only_default = words
    cells = {**row.cells, "agency": known.default_agency} if only_default else row.cells
    entry, faults = check_entry(cells, known)
    found = [row.fault(f.field, f.code, **{**f.facts, "value": f.value}) for f in faults]
    return entry, found


def _compare(
    unit: Unit, good: Sequence[tuple[SheetRow, InspectorEntry]], options: Options, words: Any
) -> Compared:
    found = Compared()
    numbers = [entry.certificate_no for _, entry in good]
    columns = [_I.c[name] for name in ("id", "version", *_WRITTEN)]
    with unscoped(unit.session, "a certificate number stands once"):
        rows = unit.session.execute(select(*columns).where(_I.c.certificate_no.in_(numbers))).mappings().all()
    stored = {row["certificate_no"]: row for row in rows}
    for row, entry in good:
        known = stored.get(entry.certificate_no)
        place: dict[str, Any] = {"sheet": row.sheet, "row": row.row, "label": entry.name}
        if known is None:
            values = {name: plain(getattr(entry, name)) for name in ("certificate_no", "agency_id", *FIELDS)}
            found.changes.append(Change(entry.certificate_no, {**values, "active": True}, **place))
        elif known["agency_id"] != entry.agency_id:
            found.faults.append(row.fault("certificate_no", "inspector_number_taken"))
            continue
        else:
            change = _known(known, entry, options, place)
            if change is None:
                found.unchanged += 1
            else:
                found.changes.append(change)
        found.keys.append(f"{_AGENCY}{entry.agency_id}")
    return found


def _known(
    known: Mapping[str, Any], entry: InspectorEntry, options: Options, place: dict[str, Any]
) -> Change | None:
    """What differs; whoever was off duty and stands in the file is on duty again."""
    if options.mode is ImportMode.ADD:
        return None
    values = changes(known, entry)
    if not known["active"]:
        values["active"] = True
    if not values:
        return None
    return Change(
        entry.certificate_no,
        {name: plain(value) for name, value in values.items()},
        row_id=known["id"],
        version=known["version"],
        before={name: plain(known[name]) for name in values},
        **place,
    )


def _write(unit: Unit, changed: Sequence[Change], options: Options) -> int:
    session = unit.session
    new = [change.values for change in changed if change.row_id is None]
    known = [(c.row_id, c.version, c.values) for c in changed if c.row_id is not None]
    written = 0
    if new:
        rows = ([values[name] for name in _WRITTEN] for values in new)
        written = copy_insert(session, "inspector", _WRITTEN, rows)
    if known:
        written += copy_update(session, "inspector", _CHANGED, known, on_change="version = t.version + 1")
    return written


def _missing(unit: Unit, options: Options, named: Any) -> Select[Any]:
    """Inspectors on duty, of the agencies in the file, whom the file does not name."""
    agencies = select(cast(func.substr(named.c.key, len(_AGENCY) + 1), Integer)).where(
        named.c.key.startswith(_AGENCY)
    )
    return select(_I.c.id, _I.c.certificate_no.label("key"), _I.c.name.label("label")).where(
        _I.c.agency_id.in_(agencies),
        _I.c.active,
        ~select(named.c.key).where(named.c.key == _I.c.certificate_no).exists(),
    )


def _close(unit: Unit, options: Options, named: Any) -> int:
    gone = select(_missing(unit, options, named).subquery().c.id)
    statement = update(_I).where(_I.c.id.in_(gone)).values(active=False, version=_I.c.version + 1)
    closed: Any = unit.session.execute(statement)
    return int(closed.rowcount)


def _template(unit: Unit, agency_id: int | None) -> Mapping[str, Iterable[str]]:
    known, _only = _words(unit, Options(agency_id))
    names = select(Region.name).where(Region.id.in_(unit.scope.region_ids)).order_by(Region.path)
    yes_no = ["是", "否"]
    return {
        "agency": [word for word in known.agencies if not word.isascii()],
        "certified": yes_no,
        "leader": yes_no,
        "regions": unit.session.scalars(names).all(),
        "specialties": unit.session.scalars(select(Specialty.name).order_by(Specialty.name)).all(),
    }


def _display(unit: Unit, changed: Sequence[Change]) -> Callable[[str, Any], str]:
    ids = {c.values["agency_id"] for c in changed if "agency_id" in c.values}
    agencies = dict(unit.session.execute(select(Agency.id, Agency.name).where(Agency.id.in_(ids))).all())
    regions = dict(unit.session.execute(select(Region.code, Region.name)).all())

    def show(column: str, value: Any) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if column == "agency_id":
            return str(agencies.get(value, value))
        if isinstance(value, list):
            return "、".join(regions.get(one, one) if column == "regions" else one for one in value)
        return "" if value is None else str(value)

    return show


LABELS = {
    "certificate_no": _l("Certificate number"),
    "name": _l("Name"),
    "agency": _l("Agency"),
    "agency_id": _l("Agency"),
    "unit": _l("Unit"),
    "position": _l("Position"),
    "phone": _l("Telephone"),
    "certified": _l("Holds an enforcement certificate"),
    "certificate_from": _l("Certificate valid from"),
    "certificate_until": _l("Certificate valid until"),
    "leader": _l("May lead a group"),
    "load": _l("Visits this year"),
    "regions": _l("Regions"),
    "specialties": _l("Specialties"),
    "active": _l("On duty"),
}


KIND = add_import_kind(
    ImportKind(
        key="inspectors",
        title=_l("Import inspectors"),
        back="InspectorView.list",
        columns=COLUMNS,
        check_row=_check,
        write=_write,
        template=_template,
        permission=_may,
        key_choices=(("certificate_no", _l("The number of the certificate")),),
        compare=_compare,
        words=_words,
        key_of=lambda row, entry, options: row.cells.get("certificate_no", ""),
        missing=_missing,
        close=_close,
        display=_display,
        labels=LABELS,
        tables=("inspector",),
        event="inspector.imported",
        modes=(ImportMode.UPDATE, ImportMode.ADD, ImportMode.SYNC),
    )
)
