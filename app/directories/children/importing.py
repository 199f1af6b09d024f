"""Rows of a child directory on their way in: each names its target by a code, present or former (R-11.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Numeric, insert, update
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.children.kinds import ChildKind, choices, words
from app.directories.importing.kinds import Change, Compared, ImportKind, Options, Pair
from app.directories.rules import ImportMode
from app.directories.targets.models import Target, TargetCode
from app.directories.targets.services.keeping import may_keep
from app.kernel.errors import Fault
from app.kernel.identifiers import normalise
from app.kernel.spreadsheet import Column, SheetRow
from app.security.rules import RoleName
from app.security.scoping import scoped_select

TARGET = Column(
    "target",
    (
        "统一社会信用代码",
        "统一社会信用代码/注册号",
        "信用代码",
        "对象代码",
        "检查对象代码",
        "代码",
        "target code",
    ),
    True,
)
_T = Target.__table__.c


def child_import(
    kind: ChildKind,
    columns: Iterable[Column],
    words_of: Callable[[Session], Mapping[str, Iterable[str]]],
    **more: Any,
) -> ImportKind:
    """The import kind of a child directory.

    :param columns: beside the target's code
    :param words_of: what the drop-downs of the template offer, beside the kinds
    """

    def check_row(row: SheetRow, known: Any) -> tuple[Any | None, list[Fault]]:
        entry, faults = kind.check(row.cells, known)
        code = normalise(row.cells.get("target", ""))
        if not code:
            faults = [*faults, Fault("target", "child_target_missing", value="")]
        if entry is None or faults:
            return None, [row.fault(f.field, f.code, **{**f.facts, "value": f.value}) for f in faults]
        return {"target": code, **{name: plain(value) for name, value in entry.items()}}, []

    def key_of(row: SheetRow, entry: Any, options: Options) -> str:
        return "" if entry is None else _key(entry["target"], entry, kind)

    def compare(unit: Unit, pairs: Sequence[Pair], options: Options, known: Any) -> Compared:
        return _compare(unit, kind, pairs, options)

    def write(unit: Unit, changes: Sequence[Change], options: Options) -> int:
        return _write(unit, kind, changes, options)

    def template(unit: Unit, agency_id: int | None) -> Mapping[str, Iterable[str]]:
        return {"kind": [name for _, name in choices(unit.session, kind)], **words_of(unit.session)}

    return ImportKind(
        columns=(TARGET, *columns),
        check_row=check_row,
        write=write,
        template=template,
        permission=may_keep,
        compare=compare,
        words=lambda unit, options: words(unit.session, kind),
        key_of=key_of,
        tables=(kind.model.__tablename__,),
        roles=frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN}),
        own_rows=lambda roles, agency_id: None if RoleName.OFFICE_ADMIN in roles else agency_id,
        **more,
    )


def plain(value: Any) -> Any:
    """A column's value as JSON carries it."""
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def _key(code: str, values: Mapping[str, Any], kind: ChildKind) -> str:
    return "\x1f".join((code, *(str(values[name]) for name in kind.key)))


def _compare(unit: Unit, kind: ChildKind, pairs: Sequence[Pair], options: Options) -> Compared:
    found = Compared()
    targets = _targets(unit.session, {entry["target"] for _, entry in pairs})
    stored = _stored(unit.session, kind, {target for target, _ in targets.values()})
    for row, entry in pairs:
        hit = targets.get(entry["target"])
        if hit is None:
            found.faults.append(row.fault("target", "child_target_unknown", value=entry["target"]))
            continue
        target_id, region_id = hit
        values = {name: entry[name] for name in kind.columns}
        key, place = (
            _key(entry["target"], entry, kind),
            {"sheet": row.sheet, "row": row.row, "label": str(values[kind.key[-1]])},
        )
        old = stored.get((target_id, *(values[name] for name in kind.key)))
        if old is None:
            found.changes.append(
                Change(key, {**values, "target_id": target_id, "region_id": region_id}, **place)
            )
            continue
        found.keys.append(key)
        given = {name for name in kind.columns if name in row.cells}
        differing = {n: v for n, v in values.items() if n in given and plain(old[n]) != v}
        if not differing or options.mode is ImportMode.ADD:
            found.unchanged += 1
        elif options.agency_id != old["agency_id"]:
            found.faults.append(row.fault(kind.key[-1], "child_of_another", value=values[kind.key[-1]]))
        else:
            before = {name: plain(old[name]) for name in differing}
            found.changes.append(
                Change(key, differing, row_id=old["id"], version=old["version"], before=before, **place)
            )
    return found


def _targets(session: Session, codes: set[str]) -> dict[str, tuple[int, int]]:
    """Target and region by code, present or former, as far as they are within the scope."""
    former = TargetCode.__table__.c
    own = scoped_select(session, Target, _T.code, _T.id, _T.region_id)
    found: dict[str, tuple[int, int]] = {}
    for statement in (
        scoped_select(session, Target, former.code, _T.id, _T.region_id)
        .join(TargetCode.__table__, former.target_id == _T.id)
        .where(former.code.in_(codes)),
        own.where(_T.code.in_(codes)),
    ):
        found |= {code: (number, region) for code, number, region in session.execute(statement)}
    return found


def _stored(session: Session, kind: ChildKind, target_ids: set[int]) -> dict[tuple[Any, ...], dict[str, Any]]:
    table = kind.model.__table__
    rows = session.execute(
        scoped_select(session, kind.model, table).where(table.c.target_id.in_(target_ids))
    ).mappings()
    return {(row["target_id"], *(row[name] for name in kind.key)): dict(row) for row in rows}


def _write(unit: Unit, kind: ChildKind, changes: Sequence[Change], options: Options) -> int:
    """How many were written: a row that is another by now is left alone."""
    session, table, now = unit.session, kind.model.__table__, unit.clock.now()
    new = [
        {**_typed(kind, change.values), "agency_id": options.agency_id, "updated_at": now}
        for change in changes
        if change.row_id is None
    ]
    if new:
        session.execute(insert(table), new)
    written = len(new)
    for change in changes:
        if change.row_id is not None:
            done: Any = session.execute(
                update(table)
                .where(table.c.id == change.row_id, table.c.version == change.version)
                .values(**_typed(kind, change.values), updated_at=now, version=table.c.version + 1)
            )
            written += int(done.rowcount)
    session.expire_all()
    return written


def _typed(kind: ChildKind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values as the columns take them."""
    columns = kind.model.__table__.c
    found: dict[str, Any] = {}
    for name, value in values.items():
        if value is not None and isinstance(columns[name].type, Date):
            value = date.fromisoformat(value)
        elif value is not None and isinstance(columns[name].type, Numeric):
            value = Decimal(value)
        found[name] = value
    return found
