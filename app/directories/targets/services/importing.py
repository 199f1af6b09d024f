"""Targets from a spreadsheet: checked by the directory's validator, compared, written by difference (R-11.1)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, and_, insert, select, update
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.importing.bulk import copy_insert, copy_update
from app.directories.importing.engine import Progress, take_at_once
from app.directories.importing.kinds import Change, ImportKind, Options, add_import_kind
from app.directories.rules import ImportMode, ImportOutcome
from app.directories.sources.naming import source_words
from app.directories.sources.services import issue_codes
from app.directories.targets.changes import LABELS
from app.directories.targets.entries import COLUMNS, FIELDS, TargetEntry, Vocabulary, check_row
from app.directories.targets.models import Industry, Target, TargetCode, TargetKind
from app.directories.targets.rules import Source, TargetStatus, check_code
from app.directories.targets.services.comparing import compare, fill_by_name, source_name
from app.directories.targets.services.keeping import may_keep
from app.directories.targets.services.weighing import list_conflicts
from app.directories.targets.vocabulary import vocabulary
from app.kernel.errors import Fault, NotFound
from app.kernel.spreadsheet import SheetRow, iter_rows
from app.security.models import Agency, Region
from app.security.queries import regions_below
from app.security.rules import RoleName
from app.security.scoping import criterion

_T = Target.__table__
_NEW = (
    "code", "code_kind", *(column for column, _ in FIELDS), "source", "agency_id", "risk_class", "field_sources",
)  # fmt: skip
_open = itemgetter(*_NEW[:-1])
_CHANGED = tuple(name for name in _NEW if name != "risk_class")


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
    rows = iter_rows(content, file_name, COLUMNS)
    options = Options(agency_id, mode)
    return take_at_once(unit, KIND, rows, options, dry_run=dry_run, skip_bad=skip_bad, progress=progress)


def _words(unit: Unit, options: Options) -> Vocabulary:
    return vocabulary(unit.session, unit.scope, _regions_of(unit.session, options.agency_id))


def _regions_of(session: Session, agency_id: int | None) -> frozenset[int] | None:
    if agency_id is None:
        return None
    agency = session.get(Agency, agency_id)
    if agency is None:
        raise NotFound("not_in_scope", kind="agency")
    return regions_below(session, agency.region.path)


def _key(row: SheetRow, entry: TargetEntry | None, options: Options) -> str:
    """The code; of a row with faults as well, as far as it is one: a complete file has named it."""
    if entry is not None:
        return entry.code
    read = check_code(row.cells.get("code", ""))
    return read.code if read else ""


def _prepare(unit: Unit, rows: Sequence[SheetRow], options: Options, words: Vocabulary) -> Sequence[Fault]:
    return fill_by_name(unit, rows, words) if options.key == "name" else []


def _write(unit: Unit, changes: Sequence[Change], options: Options) -> int:
    session, now = unit.session, unit.clock.now()
    told = [change for change in changes if change.contested or change.agreed]
    new = [change.values for change in changes if change.row_id is None]
    known = [change for change in changes if change.row_id is not None and change.values]
    _issue(unit, new)
    replaced = [change for change in known if "code" in change.values]
    if replaced:
        lines = [{"code": c.key, "target_id": c.row_id, "replaced_at": now} for c in replaced]
        session.execute(insert(TargetCode.__table__), lines)
    written = 0
    if new:
        rows = ((*_open(values), _stored("field_sources", values["field_sources"])) for values in new)
        written = copy_insert(session, "target", _NEW, rows)
    if known:
        written += copy_update(
            session,
            "target",
            _CHANGED,
            (
                (c.row_id or 0, c.version, {name: _stored(name, value) for name, value in c.values.items()})
                for c in known
            ),
            on_change=f"version = t.version + 1, updated_at = '{now.isoformat()}'::timestamptz",
        )
    if told:
        list_conflicts(unit, source_name(session, options.agency_id), told)
    return written + sum(change.row_id is not None and not change.values for change in changes)


def _stored(name: str, value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if name == "field_sources" else value


def _issue(unit: Unit, new: Iterable[dict[str, Any]]) -> None:
    """Codes for the new rows that ask the portal for one."""
    asking = [values for values in new if not values["code"]]
    codes = issue_codes(unit, Counter(values["region_id"] for values in asking)) if asking else {}
    for values in asking:
        values["code"] = codes[values["region_id"]].pop(0)


def _lacking(unit: Unit, options: Options, named: Any) -> Any:
    """Rows of this directory within the scope that are still open and that the file does not name."""
    agency_id = options.agency_id
    return and_(
        criterion(Target, unit.scope),
        _T.c.agency_id == agency_id if agency_id is not None else _T.c.source == Source.BASE.value,
        _T.c.status != TargetStatus.CLOSED.value,
        ~select(named.c.key).where(named.c.key == _T.c.code).exists(),
    )


def _missing(unit: Unit, options: Options, named: Any) -> Select[Any]:
    columns = (_T.c.id, _T.c.code.label("key"), _T.c.name.label("label"))
    return select(*columns).where(_lacking(unit, options, named))


def _close(unit: Unit, options: Options, named: Any) -> int:
    values = {
        "status": TargetStatus.CLOSED.value,
        "updated_at": unit.clock.now(),
        "version": _T.c.version + 1,
    }
    closed: Any = unit.session.execute(update(_T).where(_lacking(unit, options, named)).values(**values))
    return int(closed.rowcount)


def _template(unit: Unit, agency_id: int | None) -> Mapping[str, Iterable[str]]:
    """The words of the vocabularies, the regions within reach of whoever asks."""
    session = unit.session
    words = _words(unit, Options(agency_id))
    regions = session.execute(select(Region.id, Region.name).order_by(Region.path))
    reachable = words.reachable
    return {
        "kind": session.scalars(select(TargetKind.name).order_by(TargetKind.position, TargetKind.code)).all(),
        "industry": [
            str(row)
            for row in session.scalars(select(Industry).order_by(Industry.code))
            if len(row.code) == 4
        ],
        "region": [name for id_, name in regions if reachable is None or id_ in reachable],
        "status": ["存续", "停业", "注销"],
        "tags": sorted(words.tags),
    }


def _display(unit: Unit, changes: Sequence[Change]) -> Callable[[str, Any], str]:
    session = unit.session
    contested = [pair for c in changes if "region_id" in c.contested for pair in c.contested["region_id"][:2]]
    regions = {value for c in changes for d in (c.values, c.before) if (value := d.get("region_id"))}
    regions.update(contested)
    holders = source_words(session, {parts[2] for c in changes for parts in c.contested.values()})
    names = dict(session.execute(select(Region.id, Region.name).where(Region.id.in_(regions))).all())
    kinds = dict(session.execute(select(TargetKind.code, TargetKind.name)).all())
    sources = {source.value: _(str(source.label)) for source in Source}
    statuses = {status.value: _(str(status.label)) for status in TargetStatus}

    def show(column: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        words: Mapping[Any, str] = {
            "region_id": names,
            "kind": kinds,
            "status": statuses,
            "source": sources,
            "said_by": holders,
        }.get(column, {})
        return "、".join(value) if isinstance(value, list) else str(words.get(value, value))

    return show


KIND = add_import_kind(
    ImportKind(
        key="targets",
        title=_l("Import targets"),
        back="TargetView.list",
        columns=COLUMNS,
        check_row=check_row,
        write=_write,
        template=_template,
        permission=may_keep,
        key_choices=(("code", _l("The code")), ("name", _l("Name and region, where a row has no code"))),
        compare=compare,
        words=_words,
        key_of=_key,
        prepare=_prepare,
        missing=_missing,
        close=_close,
        display=_display,
        labels={**LABELS, "industry": LABELS["industry_code"], "region": LABELS["region_id"]},
        tables=("target", "target_code"),
        event="target.imported",
        roles=frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN}),
        modes=(ImportMode.UPDATE, ImportMode.ADD, ImportMode.SYNC),
        own_rows=lambda roles, agency_id: None if RoleName.OFFICE_ADMIN in roles else agency_id,
    )
)
