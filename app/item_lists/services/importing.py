"""Items from a spreadsheet into the draft list of the year, of one agency or of each line's regional
agency.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from app.audit.services import record
from app.db import Unit
from app.directories.rules import ImportMode, ImportOutcome
from app.directories.targets.models import Specialty, TargetKind
from app.item_lists.models import Item, ItemList
from app.item_lists.queries import fields_of, own_list
from app.item_lists.rules import EDITABLE, ItemFields, ListKind
from app.item_lists.services.items import write_item, write_lines
from app.item_lists.services.lists import locked_list
from app.item_lists.services.sheet import COLUMNS, free_code, known_item, numbered, read_row
from app.item_lists.values import heard
from app.kernel.clock import today
from app.kernel.errors import Fault, Invalid, Refused
from app.kernel.spreadsheet import SheetRow, read_rows
from app.security.models import Agency, LineOfBusiness, Region
from app.security.rules import RoleName, may_act

Progress = Callable[[int, int | None], None]


@dataclass
class _Target:
    """One list that rows go to: what stands in it, and what the file brings."""

    agency: Agency
    item_list: ItemList | None
    by_code: dict[str, Item]
    by_name: dict[tuple[str, str], Item]
    seen: set[str]
    taken: set[str]
    new: list[ItemFields]
    changed: list[tuple[Item, ItemFields]]


def import_items(
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
    """Read, compare, and write unless something is wrong. A list that is missing is made as a draft of this
    year.

    Rows are known by their code, without one by project and name.

    :param agency_id: into this agency's list; without it the actor's, or by the line that each row names
    :raises Invalid: the file cannot be read, or no list can take it
    """
    rows = numbered(read_rows(content, file_name, COLUMNS))
    pairs = unit.session.execute(select(TargetKind.code, TargetKind.name))
    kinds = {word: code for code, name in pairs for word in (code, name)}
    specialties = frozenset(unit.session.scalars(select(Specialty.name)))
    agency_id = agency_id if agency_id is not None else unit.actor.agency_id
    outcome = ImportOutcome(rows=len(rows))
    targets: dict[int, _Target] = {}
    agencies: dict[str, Agency | None] = {}
    for number, row in enumerate(rows, 1):
        item, faults = read_row(row, kinds, specialties)
        word = row.cells.get("line", "").strip()
        if word not in agencies:
            agencies[word] = _agency(unit, word, agency_id)
        agency = agencies[word]
        if agency is None:
            faults.append(
                row.fault("line", "items_line_unknown" if agency_id is None else "items_other_line")
            )
        if agency is not None:
            target = targets.get(agency.id) or targets.setdefault(agency.id, _target(unit, agency))
            _sort_in(target, row, item, faults, mode, outcome)
        outcome.faults += faults
        if progress is not None:
            progress(number, len(rows))
    gone = [item for t in targets.values() for item in _lacking(t)] if mode is ImportMode.SYNC else []
    outcome.closed = len(gone)
    if dry_run or (outcome.faults and not skip_bad):
        return outcome
    for item in gone:
        unit.session.delete(item)
    unit.session.flush()
    for target in targets.values():
        _write(
            unit,
            target,
            sum(item.list_id == (target.item_list.id if target.item_list else 0) for item in gone),
        )
    outcome.committed = True
    return outcome


def _agency(unit: Unit, word: str, agency_id: int | None) -> Agency | None:
    """Whose item it is; None when the line that the row names is unknown, or another than the agency's."""
    if agency_id is not None:
        agency = unit.session.get(Agency, agency_id)
        return agency if agency is not None and (not word or word in _names(agency.line)) else None
    query = (
        select(Agency)
        .join(LineOfBusiness, LineOfBusiness.code == Agency.line_code)
        .join(Region, Region.id == Agency.region_id)
        .where(
            Region.parent_id.is_(None),
            ~Agency.is_office,
            or_(LineOfBusiness.code == word, LineOfBusiness.name == word, LineOfBusiness.short_name == word),
        )
    )
    return unit.session.scalars(query).first() if word else None


def _names(line: LineOfBusiness) -> set[str]:
    return {line.code, line.name, line.short_name}


def _target(unit: Unit, agency: Agency) -> _Target:
    """:raises Refused: not the actor's list. :raises Invalid: the list of the year is not a draft any more"""
    year = today(unit.clock).year
    if "system" not in unit.actor.roles:
        wanted = frozenset({RoleName.AGENCY_ADMIN})
        may_act(unit.actor.roles, unit.actor.agency_id, wanted, agency.id).require()
    if agency.is_office:
        raise Refused("list_kind_of_agency")
    known = own_list(unit.session, agency.id, ListKind.DEPARTMENT, year)
    if known is not None and locked_list(unit, known.id).state not in EDITABLE:
        raise Invalid("invalid", [Fault("file", "items_list_published", value=known.name, year=year)])
    query = (
        select(Item).where(Item.list_id == (known.id if known else 0)).options(selectinload(Item.form_lines))
    )
    items = list(unit.session.scalars(query))
    by_name = {(item.project, item.name): item for item in items}
    by_code = {item.code: item for item in items}
    return _Target(agency, known, by_code, by_name, set(), set(by_code), [], [])


def _sort_in(
    target: _Target,
    row: SheetRow,
    item: ItemFields,
    faults: list[Fault],
    mode: ImportMode,
    outcome: ImportOutcome,
) -> None:
    """New, changed or unchanged; a row that stands twice in the file is a fault."""
    shared = row.cells.get("shared", "")
    known = known_item(item, shared, target.by_code, target.by_name)
    key = item.code or f"{item.project}\n{item.name}"
    if key in target.seen:
        faults.append(row.fault("code" if item.code else "name", "duplicate"))
        return
    target.seen.add(key)
    if known is not None:
        target.seen |= {known.code, f"{known.project}\n{known.name}"}
    if faults:
        return
    if known is None:
        item = replace(item, code=free_code(item.code, shared, target.taken))
        outcome.new += 1
        target.taken.add(item.code)
        target.new.append(item)
        return
    now = fields_of(known)
    item = heard(now, replace(item, code=known.code), [*row.cells, "code"])
    if item == now or mode is ImportMode.ADD:
        outcome.unchanged += 1
        return
    outcome.changed += 1
    target.changed.append((known, item))


def _lacking(target: _Target) -> Iterable[Item]:
    return [item for code, item in target.by_code.items() if code not in target.seen]


def _write(unit: Unit, target: _Target, closed: int) -> None:
    session, agency = unit.session, target.agency
    if not (target.new or target.changed or closed):
        return
    found = target.item_list
    if found is None:
        year = today(unit.clock).year
        name = f"{year}年度{agency.name}随机抽查事项清单"
        found = ItemList(
            kind=ListKind.DEPARTMENT.value, year=year, name=name, agency=agency, agency_id=agency.id
        )
        session.add(found)
        session.flush()
        record(
            unit, "item_list.created", f"item_list:{found.id}", {"kind": found.kind, "year": year}, agency.id
        )
    taken = set(target.by_code) | {item.code for item in target.new if item.code}
    for fields in target.new:
        code = fields.code or _free_code(agency.line_code.upper(), taken)
        taken.add(code)
        item = Item(item_list=found, list_id=found.id, line_code=agency.line_code)
        write_item(item, replace(fields, code=code))
        write_lines(item, fields)
        session.add(item)
    for item, fields in target.changed:
        lines_changed = fields.form_lines != fields_of(item).form_lines
        write_item(item, fields)
        if lines_changed:
            item.form_lines = []
            session.flush()
            write_lines(item, fields)
    session.flush()
    facts = {"new": len(target.new), "changed": len(target.changed), "closed": closed}
    record(unit, "item_list.imported", f"item_list:{found.id}", facts, agency.id)


def _free_code(head: str, taken: set[str]) -> str:
    number = 1
    while f"{head}-{number:02d}" in taken:
        number += 1
    return f"{head}-{number:02d}"
