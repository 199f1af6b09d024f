"""The kind `items`: rows of a spreadsheet into the agency's own draft list of a year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.db import Unit
from app.directories.importing.kinds import Change, Compared, ImportKind, Options, Pair
from app.directories.importing.linked import may_import
from app.directories.rules import ImportMode
from app.directories.targets.models import Specialty, TargetKind
from app.directories.undoing.rules import Conflict, Why
from app.item_lists.importing.drafts import LIST_NAME, YEAR, Drafts, refuse_gone_on, year_of
from app.item_lists.importing.words import lists_of, parties_of, shown
from app.item_lists.importing.writing import Writer, write
from app.item_lists.messages import FIELDS
from app.item_lists.models import Item
from app.item_lists.parties import Parties
from app.item_lists.queries import fields_of, get_item
from app.item_lists.rules import ItemFields, ListKind
from app.item_lists.services.items import add_item, change_item, write_lines
from app.item_lists.services.sheet import COLUMNS, free_code, known_item, numbered, read_row
from app.item_lists.values import as_values, changed, differing, heard
from app.kernel.clock import today
from app.kernel.errors import Fault
from app.kernel.spreadsheet import SheetRow
from app.security.models import Agency
from app.security.rules import RoleName

LABELS: Mapping[str, Any] = {
    **FIELDS,
    "code": _l("Code"),
    "line": _l("Line of business"),
    "target_kinds": _l("Kinds of targets"),
    "specialty": _l("Specialty asked of inspectors"),
    "form_lines": _l("Lines of the check form"),
    "year": _l("Year"),
    "list_name": _l("Name of the list"),
}
_BETWEEN = "\x1f"


@dataclass(frozen=True)
class Entry:
    """An item as a row has it. `shared`: the code under which the sheet has several items, else empty."""

    fields: ItemFields
    year: int
    list_name: str = ""
    shared: str = ""

    @property
    def key(self) -> str:
        named = _BETWEEN.join((self.fields.project, self.fields.name))
        return f"{self.year}{_BETWEEN}{self.fields.code if self.fields.code and not self.shared else named}"


@dataclass(frozen=True)
class Words:
    kinds: Mapping[str, str]
    specialties: frozenset[str]
    year: int
    line: str
    parties: Parties


def _words(unit: Unit, options: Options) -> Words:
    session = unit.session
    pairs = session.execute(select(TargetKind.code, TargetKind.name))
    kinds = {word: code for code, name in pairs for word in (code, name)}
    agency = session.get(Agency, options.agency_id)
    line = agency.line_code if agency is not None else ""
    specialties = frozenset(session.scalars(select(Specialty.name)))
    return Words(kinds, specialties, today(unit.clock).year, line, parties_of(session))


def _prepare(unit: Unit, rows: Sequence[SheetRow], options: Options, words: Words) -> Sequence[Fault]:
    numbered(rows)
    return []


def check_row(row: SheetRow, words: Words) -> tuple[Entry | None, list[Fault]]:
    """A cell that is empty stays a gap of the draft, as in the form; one that cannot be understood is a fault."""
    fields, faults = read_row(row, words.kinds, words.specialties, complete=False)
    year, more = year_of(row, words.year)
    faults += more
    word = row.cells.get("line", "").strip()
    if word and words.parties.line(word) != words.line:
        faults.append(row.fault("line", "items_other_line"))
    if not fields.name.strip():
        faults.append(row.fault("name", "required"))
    if faults:
        return None, faults
    return Entry(fields, year, row.cells.get("list_name", "").strip(), row.cells.get("shared", "")), []


def _compare(unit: Unit, pairs: Sequence[Pair], options: Options, words: Words) -> Compared:
    found = Compared()
    agency = unit.session.get_one(Agency, options.agency_id)
    drafts = Drafts(unit, agency, ListKind.DEPARTMENT)
    stored = {year: _stored(unit, drafts, year) for year in {entry.year for _, entry in pairs}}
    for row, entry in pairs:
        if drafts.is_closed(entry.year):
            found.faults.append(row.fault("year", "items_list_published", year=entry.year))
            continue
        by_code, by_name = stored[entry.year]
        place: dict[str, Any] = {"sheet": row.sheet, "row": row.row, "label": entry.fields.name}
        known = known_item(entry.fields, entry.shared, by_code, by_name)
        if known is None:
            fields = replace(entry.fields, code=free_code(entry.fields.code, entry.shared, by_code))
            if fields.code:
                by_code[fields.code] = None
            new = {**as_values(fields), "year": entry.year, "list_name": entry.list_name}
            found.changes.append(Change(entry.key, new, **place))
            continue
        now = fields_of(known)
        after = heard(now, replace(entry.fields, code=now.code), [*row.cells, "code"])
        new = differing(now, after)
        if not new or options.mode is ImportMode.ADD:
            found.unchanged += 1
            continue
        before = {name: value for name, value in as_values(now).items() if name in new}
        found.changes.append(
            Change(entry.key, new, row_id=known.id, version=known.version, before=before, **place)
        )
    return found


def _stored(unit: Unit, drafts: Drafts, year: int) -> tuple[dict[str, Any], dict[tuple[str, str], Any]]:
    """The items of a list by code, and by project and name."""
    found = drafts.of(year)
    query = select(Item).where(Item.list_id == (found.id if found else 0))
    items = list(unit.session.scalars(query.options(selectinload(Item.form_lines))))
    return {item.code: item for item in items}, {(item.project, item.name): item for item in items}


def _write(unit: Unit, changes: Sequence[Change], options: Options) -> int:
    agency = unit.session.get_one(Agency, options.agency_id)
    writer = Writer(
        model=Item,
        head=f"{agency.line_code.upper()}-",
        blank=ItemFields(""),
        now=lambda row_id: fields_of(get_item(unit.session, row_id)),
        add=add_item,
        change=change_item,
    )
    return write(unit, changes, Drafts(unit, agency, ListKind.DEPARTMENT), writer)


def _restore(unit: Unit, changes: Sequence[Change]) -> list[Conflict]:
    """Lines of the form as they were before the import."""
    conflicts = []
    for change in changes:
        item = unit.session.get(Item, change.row_id)
        if item is None:
            continue
        now = as_values(fields_of(item))["form_lines"]
        if now != change.values["form_lines"]:
            wanted = change.before["form_lines"]
            conflicts.append(
                Conflict("item", str(item.id), change.label, "form_lines", wanted, now, Why.CHANGED)
            )
            continue
        item.form_lines = []
        unit.session.flush()
        write_lines(item, changed(fields_of(item), {"form_lines": change.before["form_lines"]}))
        unit.session.flush()
    return conflicts


def _key(row: SheetRow, entry: Entry | None, options: Options) -> str:
    return entry.key if entry is not None else ""


def _template(unit: Unit, agency_id: int | None) -> Mapping[str, Iterable[str]]:
    return lists_of(unit.session, "target_kinds", "category", "methods", "specialty")


def _display(unit: Unit, changes: Sequence[Change]) -> Callable[[str, Any], str]:
    return shown(unit.session)


KIND = ImportKind(
    key="items",
    title=_l("Import items of the own list"),
    back="ItemListView.index",
    columns=(*COLUMNS, YEAR, LIST_NAME),
    check_row=check_row,
    write=_write,
    template=_template,
    permission=may_import,
    key_choices=(("code", _l("The code; without one project and item")),),
    compare=_compare,
    words=_words,
    key_of=_key,
    prepare=_prepare,
    display=_display,
    labels=LABELS,
    tables=("item_list", "item", "form_line"),
    event="item_list.file_imported",
    roles=frozenset({RoleName.AGENCY_ADMIN}),
    fixable=("year", "list_name", "project", "category", "methods", "subject", "ratio_cap"),
    may_undo=refuse_gone_on,
    inner=frozenset(),
    kept=("form_lines",),
    restore=_restore,
)
