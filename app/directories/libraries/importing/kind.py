"""The kind `libraries`: new ones of the own agency, other rules for known ones, targets that are added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.db import Unit
from app.directories.importing.kinds import Change, Compared, ImportKind, Options, Pair
from app.directories.importing.linked import targets_by_code
from app.directories.libraries.importing.rows import COLUMNS, Entry, Words, new_rule, read_row
from app.directories.libraries.models import Library, LibraryPick
from app.directories.libraries.rules import LibraryKind, LibrarySubject, SelectionRule
from app.directories.libraries.services.keeping import (
    KEEPERS,
    change_library,
    checked_rule,
    create_library,
)
from app.directories.libraries.services.picking import drop_pick, pick_targets
from app.directories.libraries.starting import starting_points
from app.directories.libraries.views.words import rule_words
from app.directories.permits.models import PermitKind
from app.directories.premises.models import PremisesKind
from app.directories.rules import ImportMode
from app.directories.targets.models import Industry, Specialty, Target, TargetKind
from app.directories.undoing.rules import Conflict
from app.kernel.errors import Invalid, Stale
from app.kernel.spreadsheet import SheetRow
from app.security.models import Region
from app.security.rules import RoleName, may_act
from app.security.scoping import scoped_select

LABELS: Mapping[str, Any] = {
    "name": _l("Library"),
    "kind": _l("Kind of library"),
    "kinds": _l("Kinds of targets"),
    "industries": _l("Industries"),
    "regions": _l("Regions"),
    "permits": _l("Holds a permit"),
    "premises": _l("Uses premises"),
    "tags": _l("Specialties needed"),
    "target": _l("Code of a target to be added"),
    "target_id": _l("Target to be added"),
    "reason": _l("Reason"),
    "rule": _l("Who belongs"),
}
REASON = "按名单导入"
"""The reason of an addition for which a sheet gives none; stored, so in the language of the records."""


def _may_import(unit: Unit, agency_id: int | None) -> None:
    """:raises Refused: not a keeper of the agency's libraries"""
    may_act(unit.actor.roles, unit.actor.agency_id, KEEPERS, agency_id or -1).require()


def _words(unit: Unit, options: Options) -> Words:
    session = unit.session
    codes: dict[str, dict[str, str]] = {}
    for part, model in (("kinds", TargetKind), ("regions", Region)):
        codes[part] = _both(session.execute(select(model.code, model.name)))
    for part, vocabulary in (("permits", PermitKind), ("premises", PremisesKind)):
        codes[part] = _both(session.execute(select(vocabulary.code, vocabulary.name)))
    codes["industries"] = _both(session.execute(select(Industry.code, Industry.name)))
    codes["tags"] = {name: name for name in session.scalars(select(Specialty.name))}
    known = {point.name: point.rule for group in starting_points() for point in group.points}
    return Words(codes, known)


def _both(rows: Iterable[Any]) -> dict[str, str]:
    return {word: code for code, name in rows for word in (code, name)}


def _compare(unit: Unit, pairs: Sequence[Pair], options: Options, words: Words) -> Compared:
    found, session = Compared(), unit.session
    names = {entry.name for _, entry in pairs}
    query = select(Library).where(Library.agency_id == options.agency_id, Library.name.in_(names))
    stored = {library.name: library for library in session.scalars(query)}
    targets = targets_by_code(session, {entry.target for _, entry in pairs if entry.target})
    picks = _picks(unit, [library.id for library in stored.values()])
    for row, entry in pairs:
        known = stored.get(entry.name)
        place: dict[str, Any] = {"sheet": row.sheet, "row": row.row, "label": entry.name}
        target = targets.get(entry.target)
        if entry.target and target is None:
            found.faults.append(row.fault("target", "linked_target_unknown", value=entry.target))
            continue
        if known is not None and known.subject != LibrarySubject.TARGETS:
            found.faults.append(row.fault("name", "library_of_inspectors"))
            continue
        if target and known is not None and picks.get((known.id, target[0])) is False:
            found.faults.append(row.fault("target", "library_excluded"))
            continue
        addition = {"target_id": target[0], "reason": entry.reason or REASON} if target else {}
        if known is None:
            rule = new_rule(entry, words)
            try:
                rule = checked_rule(unit, entry.name, entry.kind, rule)
            except Invalid as error:
                found.faults += [_fault(row, fault) for fault in error.faults]
                continue
            values = {"name": entry.name, "kind": entry.kind, "rule": rule, **addition}
            found.changes.append(Change(entry.key, values, **place))
            continue
        try:
            change = _known_change(unit, known, entry, addition, picks)
        except Invalid as error:
            found.faults += [_fault(row, fault) for fault in error.faults]
            continue
        if change is None or options.mode is ImportMode.ADD:
            found.unchanged += 1
            continue
        values, before = change
        found.changes.append(
            Change(entry.key, values, row_id=known.id, version=known.version, before=before, **place)
        )
    return found


def _known_change(
    unit: Unit, known: Library, entry: Entry, addition: dict[str, Any], picks: Mapping[tuple[int, int], bool]
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """New values and old ones, None where nothing changes. A row without a rule leaves the library its own."""
    if addition:
        there = picks.get((known.id, addition["target_id"]))
        return None if there else (addition, {"target_id": None})
    if not entry.rule:
        return None
    wanted = checked_rule(unit, entry.name, known.kind, {**known.rule, **entry.rule, "by_hand": []})
    return None if wanted == known.rule else ({"rule": wanted}, {"rule": known.rule})


def _picks(unit: Unit, library_ids: Sequence[int]) -> dict[tuple[int, int], bool]:
    pick = LibraryPick.__table__.c
    query = select(pick.library_id, pick.target_id, pick.included).where(pick.library_id.in_(library_ids))
    return {(library, target): included for library, target, included in unit.session.execute(query)}


def _fault(row: SheetRow, fault: Any) -> Any:
    field = fault.field if fault.field in row.cells else "name"
    return row.fault(field, fault.code, value=fault.value, **fault.facts)


def _write(unit: Unit, changes: Sequence[Change], options: Options) -> int:
    """Through the services of the pages; additions of one library and reason in one statement."""
    made: dict[str, int] = {}
    additions: dict[tuple[int, str], list[int]] = {}
    count = 0
    for change in changes:
        values, library_id = change.values, change.row_id
        if library_id is None:
            library_id = made.get(values["name"]) or _made(unit, options, values)
            made[values["name"]] = library_id
        elif "rule" in values:
            library = unit.session.get_one(Library, library_id)
            try:
                change_library(
                    unit, library_id, library.name, library.kind, values["rule"], change.version or 0
                )
            except Stale:
                continue
        if "target_id" in values:
            additions.setdefault((library_id, values["reason"]), []).append(values["target_id"])
        count += 1
    table = Target.__table__.c
    for (library_id, reason), ids in additions.items():
        chosen = scoped_select(unit.session, Target, table.id).where(table.id.in_(ids))
        pick_targets(unit, library_id, chosen, included=True, reason=reason)
    return count


def _made(unit: Unit, options: Options, values: Mapping[str, Any]) -> int:
    """The library, which an earlier part of the same file may have made."""
    query = select(Library.id).where(Library.agency_id == options.agency_id, Library.name == values["name"])
    there = unit.session.scalars(query).first()
    if there is not None:
        return there
    return create_library(unit, options.agency_id or 0, values["name"], values["kind"], values["rule"]).id


def _restore(unit: Unit, changes: Sequence[Change]) -> list[Conflict]:
    """Additions to libraries that were there before go again, where they stand as the file left them."""
    for change in changes:
        if "target_id" not in change.before:
            continue
        pick = unit.session.get(LibraryPick, (change.row_id, change.values["target_id"]))
        if pick is not None and pick.included and pick.reason == change.values["reason"]:
            drop_pick(unit, change.row_id or 0, pick.target_id)
    return []


def _key(row: SheetRow, entry: Entry | None, options: Options) -> str:
    return entry.key if entry is not None else ""


def _template(unit: Unit, agency_id: int | None) -> Mapping[str, Iterable[str]]:
    session = unit.session
    named = {"kinds": TargetKind, "permits": PermitKind, "premises": PremisesKind, "tags": Specialty}
    return {
        "kind": ("专项库", "行业库", "区域库", "基础库"),
        **{part: session.scalars(select(model.name).order_by(model.name)).all() for part, model in named.items()},
    }  # fmt: skip


def _display(unit: Unit, changes: Sequence[Change]) -> Callable[[str, Any], str]:
    session = unit.session
    ids = [c.values["target_id"] for c in changes if "target_id" in c.values]
    table = Target.__table__.c
    named = scoped_select(session, Target, table.id, table.name).where(table.id.in_(ids))
    names = dict(session.execute(named).all()) if ids else {}

    def show(column: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        if column == "rule":
            return "；".join(
                f"{label}：{text}" for label, text in rule_words(session, SelectionRule.from_json(value))
            )
        if column == "kind":
            return _(LibraryKind(value).label)
        return names.get(value, str(value)) if column == "target_id" else str(value)

    return show


KIND = ImportKind(
    key="libraries",
    title=_l("Import libraries"),
    back="LibraryView.list",
    columns=COLUMNS,
    check_row=read_row,
    write=_write,
    template=_template,
    permission=_may_import,
    key_choices=(("name", _l("The name; with a target also its code")),),
    compare=_compare,
    words=_words,
    key_of=_key,
    display=_display,
    labels=LABELS,
    tables=("library", "library_pick"),
    event="library.file_imported",
    roles=frozenset({RoleName.OFFICE_ADMIN, RoleName.AGENCY_ADMIN}),
    fixable=("name", "industries", "regions", "reason"),
    inner=frozenset(),
    kept=("target_id",),
    restore=_restore,
)
