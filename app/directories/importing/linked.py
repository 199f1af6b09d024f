"""Kinds whose rows name an inspector, a target, or both, and stand once per agency and key columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, insert, select, tuple_
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.importing.kinds import Change, Compared, ImportKind, Options, Pair
from app.directories.importing.packing import plain
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.services import KEEPERS
from app.directories.rules import ImportMode
from app.directories.targets.models import Target, TargetCode
from app.kernel.errors import Fault
from app.kernel.identifiers import normalise
from app.kernel.spreadsheet import Column, SheetRow
from app.security.rules import RoleName, may_act
from app.security.scoping import scoped_select, unscoped

Read = Callable[[Mapping[str, str]], tuple[dict[str, Any], list[Fault]]]
INSPECTOR = Column(
    "inspector",
    ("执法证号", "执法证件号", "执法证编号", "证件号", "证件编号", "检查人员证号", "certificate number"),
    True,
)
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
_T, _I = Target.__table__.c, Inspector.__table__.c
_BETWEEN = "\x1f"


def may_import(unit: Unit, agency_id: int | None) -> None:
    """Into the rows of the own agency.

    :raises Refused: another agency, or none
    """
    if "system" not in unit.actor.roles:
        may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, agency_id or -1).require()


def linked_kind(
    model: type[Any],
    columns: Iterable[Column],
    read: Read,
    unique: Sequence[str],
    *,
    fixed: Mapping[str, Any] | None = None,
    standing: Callable[[], Any] | None = None,
    written: Callable[[Unit, Sequence[Change]], None] | None = None,
    complete: Callable[[Unit, Sequence[dict[str, Any]], Options], None] | None = None,
    elsewhere: str = "",
    template: Callable[[Unit, int | None], Mapping[str, Iterable[str]]] = lambda unit, agency_id: {},
    **more: Any,
) -> ImportKind:
    """One kind; its columns begin with `INSPECTOR` or `TARGET` where rows name them.

    :param read: cells -> plain values of the model's columns, and faults; the codes are read here
    :param unique: the model's columns by which known rows of the agency are recognised
    :param fixed: values of every new row
    :param standing: criterion of the rows that count as known
    :param written: told after a batch is written
    :param complete: adds to the values what only the database knows
    :param elsewhere: a column whose value no other agency's row may hold
    """
    columns = tuple(columns)
    names = {column.name for column in columns}

    def check_row(row: SheetRow, known: Any) -> tuple[Any | None, list[Fault]]:
        entry, faults = read(row.cells)
        for name, tidy in (("inspector", str.strip), ("target", normalise)):
            if name in names:
                entry[name] = tidy(row.cells.get(name, ""))
                if not entry[name]:
                    faults = [*faults, Fault(name, f"linked_{name}_missing", value="")]
        if faults:
            return None, [row.fault(f.field, f.code, **{**f.facts, "value": f.value}) for f in faults]
        return entry, []

    def key_of(row: SheetRow, entry: Any, options: Options) -> str:
        if entry is None:
            return ""
        links = [entry[name] for name in ("inspector", "target") if name in names]
        own = [str(entry.get(name)) for name in unique if name not in ("inspector_id", "target_id")]
        return _BETWEEN.join([*links, *own])

    def compare(unit: Unit, pairs: Sequence[Pair], options: Options, known: Any) -> Compared:
        found, good = Compared(), []
        for row, values in _linked(unit.session, pairs, options, names, model):
            if isinstance(values, Fault):
                found.faults.append(row.fault(values.field, values.code, value=values.value))
            else:
                good.append((row, values))
        if complete is not None:
            complete(unit, [values for _, values in good], options)
        taken = _elsewhere(unit.session, model, elsewhere, [values for _, values in good], options)
        stored = _stored(unit.session, model, unique, [values for _, values in good], options, standing)
        for row, values in good:
            key = tuple(values[name] for name in unique)
            place: dict[str, Any] = {"sheet": row.sheet, "row": row.row, "label": str(key[-1])}
            old = stored.get(key)
            text = _BETWEEN.join(map(str, key))
            if values.get(elsewhere) in taken:
                found.faults.append(row.fault(elsewhere, "linked_of_another"))
                continue
            if old is None:
                new = {**values, **(fixed or {}), "agency_id": options.agency_id}
                found.changes.append(Change(text, new, **place))
                continue
            silent = names - row.cells.keys()
            differing = {n: v for n, v in values.items() if n not in silent and plain(getattr(old, n)) != v}
            if "inspector_id" in differing:
                found.faults.append(row.fault("inspector", "linked_of_another"))
                continue
            if not differing or options.mode is ImportMode.ADD:
                found.unchanged += 1
                continue
            before = {name: plain(getattr(old, name)) for name in differing}
            version = getattr(old, "version", None)
            found.changes.append(
                Change(text, differing, row_id=old.id, version=version, before=before, **place)
            )
        return found

    def write(unit: Unit, changes: Sequence[Change], options: Options) -> int:
        new = [_typed(model, change.values) for change in changes if change.row_id is None]
        if new:
            unit.session.execute(insert(model), new)
        known = {change.row_id: change for change in changes if change.row_id is not None}
        rows = unit.session.scalars(select(model).where(model.id.in_(list(known)))).all() if known else []
        count = len(new)
        for row in rows:
            change = known[row.id]
            if change.version is not None and change.version != row.version:
                continue
            for name, value in _typed(model, change.values).items():
                setattr(row, name, value)
            count += 1
        unit.session.flush()
        if written is not None:
            written(unit, changes)
        return count

    more.setdefault("key_choices", ((columns[0].name, columns[0].headings[0]),))
    return ImportKind(
        columns=columns,
        check_row=check_row,
        write=write,
        template=template,
        permission=may_import,
        compare=compare,
        words=lambda unit, options: None,
        key_of=key_of,
        tables=(model.__tablename__,),
        roles=frozenset({RoleName.AGENCY_ADMIN}),
        **more,
    )


def _linked(
    session: Session, pairs: Sequence[Pair], options: Options, names: set[str], model: type[Any]
) -> list[tuple[SheetRow, dict[str, Any] | Fault]]:
    """The entries with keys in place of codes; a code that is not within reach is a fault. At most three queries."""
    targets = targets_by_code(session, {e["target"] for _, e in pairs}) if "target" in names else {}
    people = _inspectors(session, {e["inspector"] for _, e in pairs}, options) if "inspector" in names else {}
    has_region = "region_id" in model.__table__.c
    found: list[tuple[SheetRow, dict[str, Any] | Fault]] = []
    for row, entry in pairs:
        values = {name: value for name, value in entry.items() if name not in ("inspector", "target")}
        if "inspector" in names:
            person = people.get(entry["inspector"])
            if person is None:
                fault = Fault("inspector", "linked_inspector_unknown", value=entry["inspector"])
                found.append((row, fault))
                continue
            values["inspector_id"] = person
        if "target" in names:
            hit = targets.get(entry["target"])
            if hit is None:
                found.append((row, Fault("target", "linked_target_unknown", value=entry["target"])))
                continue
            values["target_id"] = hit[0]
            if has_region:
                values["region_id"] = hit[1]
        found.append((row, values))
    return found


def targets_by_code(session: Session, codes: set[str]) -> dict[str, tuple[int, int]]:
    """Target and region by code, present or former, as far as they are within the scope. Two queries."""
    former = TargetCode.__table__.c
    earlier = (
        scoped_select(session, Target, former.code, _T.id, _T.region_id)
        .join(TargetCode.__table__, former.target_id == _T.id)
        .where(former.code.in_(codes))
    )
    now = scoped_select(session, Target, _T.code, _T.id, _T.region_id).where(_T.code.in_(codes))
    found: dict[str, tuple[int, int]] = {}
    for statement in (earlier, now):
        found |= {code: (number, region) for code, number, region in session.execute(statement)}
    return found


def _inspectors(session: Session, numbers: set[str], options: Options) -> dict[str, int]:
    """Those of the agency into whose rows the file goes."""
    query = scoped_select(session, Inspector, _I.certificate_no, _I.id).where(
        _I.certificate_no.in_(numbers), _I.agency_id == options.agency_id
    )
    return dict(session.execute(query).all())


def _stored(
    session: Session,
    model: type[Any],
    unique: Sequence[str],
    wanted: Sequence[Mapping[str, Any]],
    options: Options,
    standing: Callable[[], Any] | None,
) -> dict[tuple[Any, ...], Any]:
    """Known rows by their key columns, as plain values."""
    if not wanted:
        return {}
    columns = [getattr(model, name) for name in unique]
    typed = [_typed(model, {name: values[name] for name in unique}) for values in wanted]
    keys = [tuple(values[name] for name in unique) for values in typed]
    query = select(model).where(tuple_(*columns).in_(keys))
    if "agency_id" in model.__table__.c:
        query = query.where(model.agency_id == options.agency_id)
    if standing is not None:
        query = query.where(standing())
    return {tuple(plain(getattr(row, name)) for name in unique): row for row in session.scalars(query)}


def _elsewhere(
    session: Session, model: type[Any], column: str, wanted: Sequence[Mapping[str, Any]], options: Options
) -> set[Any]:
    """Values of the column that rows of other agencies hold."""
    if not column or not wanted:
        return set()
    held = getattr(model, column)
    with unscoped(session, "a number stands once, whosever it is"):
        query = select(held).where(
            held.in_({values[column] for values in wanted}), model.agency_id != options.agency_id
        )
        return set(session.scalars(query))


def _typed(model: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values as the columns take them."""
    columns = model.__table__.c
    return {
        name: date.fromisoformat(value)
        if value is not None and isinstance(columns[name].type, Date)
        else value
        for name, value in values.items()
        if name in columns
    }
