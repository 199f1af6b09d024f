"""The kind `joint_items`: rows of a spreadsheet into the office's draft of the joint list of a year (R-8.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.db import Unit
from app.directories.importing.kinds import Change, Compared, ImportKind, Options, Pair
from app.directories.rules import ImportMode
from app.directories.targets.models import TargetKind
from app.directories.undoing.rules import Conflict, Why
from app.item_lists.importing.drafts import Drafts, refuse_gone_on
from app.item_lists.importing.joint_parts import Parts
from app.item_lists.importing.joint_rows import COLUMNS, Entry, Words, read_row
from app.item_lists.importing.words import expected_lines, lists_of, parties_of, shown
from app.item_lists.importing.writing import Writer, write
from app.item_lists.messages import FIELDS
from app.item_lists.models import Item, JointItem, JointItemPart
from app.item_lists.queries import joint_fields_of, joint_item
from app.item_lists.rules import JointItemFields, ListKind
from app.item_lists.services.items import add_joint_item, change_joint_item
from app.item_lists.values import as_values, differing, heard
from app.kernel.clock import today
from app.kernel.spreadsheet import SheetRow
from app.security.models import Agency
from app.security.rules import RoleName, may_act

LABELS: Mapping[str, Any] = {
    **FIELDS,
    "code": _l("Code"),
    "name": _l("Joint item"),
    "target_kinds": _l("Kinds of targets"),
    "industries": _l("Industries"),
    "support": _l("Participants"),
    "source": _l("Source"),
    "year": _l("Year"),
    "list_name": _l("Name of the list"),
}
_BETWEEN = "\x1f"
_FILLED = frozenset({"parts"})


def _may_import(unit: Unit, agency_id: int | None) -> None:
    """:raises Refused: not the administrator of the office"""
    may_act(
        unit.actor.roles, unit.actor.agency_id, frozenset({RoleName.OFFICE_ADMIN}), agency_id or -1
    ).require()


def _words(unit: Unit, options: Options) -> Words:
    session = unit.session
    pairs = session.execute(select(TargetKind.code, TargetKind.name))
    kinds = {word: code for code, name in pairs for word in (code, name)}
    agency = session.get(Agency, options.agency_id)
    parties = parties_of(session, agency.region_id if agency is not None else None)
    return Words(kinds, parties, expected_lines(session), today(unit.clock).year)


def _key(row: SheetRow, entry: Entry | None, options: Options) -> str:
    """The code, else field, item and where it comes from: lists of several authorities may stand in one file."""
    if entry is None:
        return ""
    fields = entry.fields
    own = fields.code or _BETWEEN.join((entry.origin, fields.domain, fields.name))
    return f"{entry.year}{_BETWEEN}{own}"


def _compare(unit: Unit, pairs: Sequence[Pair], options: Options, words: Words) -> Compared:
    found = Compared()
    agency = unit.session.get_one(Agency, options.agency_id)
    drafts = Drafts(unit, agency, ListKind.JOINT)
    years = {entry.year for _, entry in pairs}
    stored = {year: _stored(unit, drafts, year) for year in years}
    parts = {year: Parts(unit.session, year, agency.region) for year in years}
    for row, entry in pairs:
        if drafts.is_closed(entry.year):
            found.faults.append(row.fault("year", "items_list_published", year=entry.year))
            continue
        ids, unknown = parts[entry.year].of(entry)
        if unknown:
            found.faults += [
                row.fault("parts", "joint_part_unknown", value=word, year=entry.year) for word in unknown
            ]
            continue
        place: dict[str, Any] = {"sheet": row.sheet, "row": row.row, "label": entry.fields.name}
        fields, key = replace(entry.fields, parts=ids), _key(row, entry, options)
        known = _known(stored[entry.year], entry)
        if known is None:
            new = {**as_values(fields), "year": entry.year, "list_name": entry.list_name}
            found.changes.append(Change(key, new, **place))
            continue
        now = joint_fields_of(known)
        said = {"code", "source", *row.cells} | (_FILLED if ids else set())
        after = heard(
            now, replace(fields, code=now.code), said - ({"levels"} if not fields.levels else set())
        )
        new = differing(now, after)
        if not new or options.mode is ImportMode.ADD:
            found.unchanged += 1
            continue
        before = {name: value for name, value in as_values(now).items() if name in new}
        found.changes.append(Change(key, new, row_id=known.id, version=known.version, before=before, **place))
    return found


def _stored(unit: Unit, drafts: Drafts, year: int) -> list[JointItem]:
    found = drafts.of(year)
    query = select(JointItem).where(JointItem.list_id == (found.id if found else 0))
    return list(unit.session.scalars(query.options(selectinload(JointItem.parts)).order_by(JointItem.id)))


def _known(stored: Iterable[JointItem], entry: Entry) -> JointItem | None:
    fields = entry.fields
    if fields.code:
        return next((item for item in stored if item.code == fields.code), None)
    alike = [item for item in stored if (item.domain, item.name) == (fields.domain, fields.name)]
    return next((item for item in alike if item.source.startswith(entry.origin)), None)


def _write(unit: Unit, changes: Sequence[Change], options: Options) -> int:
    agency = unit.session.get_one(Agency, options.agency_id)
    writer = Writer(
        model=JointItem,
        head="J",
        blank=JointItemFields(""),
        now=lambda row_id: joint_fields_of(joint_item(unit.session, row_id)),
        add=add_joint_item,
        change=change_joint_item,
    )
    return write(unit, changes, Drafts(unit, agency, ListKind.JOINT), writer)


def _restore(unit: Unit, changes: Sequence[Change]) -> list[Conflict]:
    """The items of the agencies as they were before the import, where nobody has chosen others since."""
    conflicts = []
    for change in changes:
        row = unit.session.get(JointItem, change.row_id)
        if row is None:
            continue
        now, wanted = sorted(part.item_id for part in row.parts), change.before["parts"]
        there = unit.session.scalars(select(Item).where(Item.id.in_(wanted))).all()
        if now != change.values["parts"] or len(there) != len(wanted):
            why = Why.CHANGED if now != change.values["parts"] else Why.GONE
            conflicts.append(Conflict("joint_item", str(row.id), change.label, "parts", wanted, now, why))
            continue
        kept = {part.item_id: part for part in row.parts}
        row.parts = [
            kept.get(item.id) or JointItemPart(item=item, item_id=item.id, line_code=item.line_code)
            for item in there
        ]
        unit.session.flush()
    return conflicts


def _template(unit: Unit, agency_id: int | None) -> Mapping[str, Iterable[str]]:
    return lists_of(unit.session, "target_kinds", "lead_line", "levels", "category", "method")


def _display(unit: Unit, changes: Sequence[Change]) -> Callable[[str, Any], str]:
    return shown(unit.session)


KIND = ImportKind(
    key="joint_items",
    title=_l("Import joint items"),
    back="ItemListView.index",
    columns=COLUMNS,
    check_row=read_row,
    write=_write,
    template=_template,
    permission=_may_import,
    key_choices=(("code", _l("The code; without one field, item and source")),),
    compare=_compare,
    words=_words,
    key_of=_key,
    display=_display,
    labels=LABELS,
    tables=("item_list", "joint_item", "joint_item_part"),
    event="item_list.file_imported",
    roles=frozenset({RoleName.OFFICE_ADMIN}),
    fixable=("year", "list_name", "domain", "basis", "source", "ratio_cap"),
    may_undo=refuse_gone_on,
    inner=frozenset(),
    kept=("parts",),
    restore=_restore,
)
