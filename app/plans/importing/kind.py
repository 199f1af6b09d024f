"""The kind `plans`: rows of a spreadsheet into the draft plan of the agency, or of the office, for a year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields as parts_of_class
from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import String, cast, select

from app.db import Unit
from app.db.history import RowHistory
from app.directories.importing.kinds import Change, Compared, ImportKind, Options, Pair
from app.directories.rules import ImportMode
from app.directories.targets.models import TargetKind
from app.directories.undoing.rules import Conflict, Why
from app.item_lists.importing.words import expected_lines, lists_of, parties_of
from app.item_lists.queries import level_of
from app.kernel.clock import today
from app.kernel.errors import DomainError, Invalid, Refused, Stale
from app.kernel.spreadsheet import SheetRow
from app.plans.importing.display import LABELS, shown
from app.plans.importing.meant import Meaning
from app.plans.importing.rows import COLUMNS, Entry, Words, read_row
from app.plans.models import Plan, PlanEntry, PlanEntryItem
from app.plans.queries import MOST_ENTRIES, entries_of, get_entry
from app.plans.rules import EntryFields, PlanKind, may_edit
from app.plans.services.agency import EDITORS, open_plan
from app.plans.services.checks import check_fields, fields_of
from app.plans.services.entries import add_entry, change_entry
from app.security.models import Agency
from app.security.rules import RoleName, may_act

# The column under which a page puts the sentence of a field, or of a rule, of an entry.
_AT = {
    **dict.fromkeys(("kinds", "industries", "regions", "library_empty", "more_than_library"), "object"),
    **dict.fromkeys(("month_from", "month_to"), "time"),
    **dict.fromkeys(("initiator", "initiator_is_other_agency", "initiator_without_item"), "lead"),
    **dict.fromkeys(("participant_without_item", "two_agencies_needed"), "support"),
    **dict.fromkeys(("selection", "draws_nothing", "above_cap"), "ratio"),
    **{name: name for name in ("name", "number", "method", "note", "items")},
}
# Fields of an entry that a sheet without these columns leaves as they are.
_SAID = {"time": ("month_from", "month_to"), "method": ("method",)}
_NOTED = ("note", "frequency", "credit", "number")


def _may_import(unit: Unit, agency_id: int | None) -> None:
    """Into the own plan: an agency's administrator, or the office's. :raises Refused: somebody else"""
    roles = frozenset({RoleName.AGENCY_ADMIN, RoleName.OFFICE_ADMIN})
    may_act(unit.actor.roles, unit.actor.agency_id, roles, agency_id or -1).require()
    agency = unit.session.get(Agency, agency_id)
    kind = PlanKind.JOINT if agency is not None and agency.is_office else PlanKind.AGENCY
    may_act(
        unit.actor.roles, unit.actor.agency_id, frozenset({EDITORS[kind.value]}), agency_id or -1
    ).require()


def _words(unit: Unit, options: Options) -> Words:
    session = unit.session
    agency = session.get_one(Agency, options.agency_id)
    pairs = session.execute(select(TargetKind.code, TargetKind.name))
    return Words(
        kinds={word: code for code, name in pairs for word in (code, name)},
        parties=parties_of(session, agency.region_id),
        expected=expected_lines(session),
        year=today(unit.clock).year,
        level=level_of(agency.region),
    )


def _key(row: SheetRow, entry: Entry | None, options: Options) -> str:
    return f"{entry.year}\x1f{entry.name}" if entry is not None else ""


def as_values(given: EntryFields) -> dict[str, Any]:
    """Plain JSON values; the items of every agency in order."""
    values = {part.name: getattr(given, part.name) for part in parts_of_class(given)}
    values["participants"] = {str(a): sorted(ids) for a, ids in sorted(given.participants.items())}
    return {**values, "rule": dict(given.rule), "selection": dict(given.selection)}


def _changed(now: EntryFields, values: Mapping[str, Any]) -> EntryFields:
    known = {part.name for part in parts_of_class(now)}
    typed = {name: value for name, value in values.items() if name in known}
    if "participants" in typed:
        typed["participants"] = {int(a): tuple(ids) for a, ids in typed["participants"].items()}
    return replace(now, **typed)


def _compare(unit: Unit, pairs: Sequence[Pair], options: Options, words: Words) -> Compared:
    found = Compared()
    agency = unit.session.get_one(Agency, options.agency_id)
    by_year = {year: Meaning(unit, agency, year) for year in {entry.year for _, entry in pairs}}
    stored = {year: _stored(unit, meaning.stored) for year, meaning in by_year.items()}
    for row, entry in pairs:
        meaning = by_year[entry.year]
        if not may_edit(meaning.plan.state):
            found.faults.append(row.fault("year", "plan_no_draft", year=entry.year))
            continue
        meant = meaning.of(row, entry)
        fields, known = meant.fields, stored[entry.year].get(entry.name)
        if fields is None:
            found.faults += meant.faults
            continue
        now = fields_of(known) if known is not None else None
        after = _heard(now, fields, row) if now is not None else fields
        try:
            with unit.session.no_autoflush:
                check_fields(unit, meaning.plan, after)
        except DomainError as error:
            found.faults += _faults(row, error)
            continue
        place: dict[str, Any] = {"sheet": row.sheet, "row": row.row, "label": entry.name}
        key = _key(row, entry, options)
        if now is None or known is None:
            new = {**as_values(after), "year": entry.year, "plan_name": entry.plan_name}
            found.changes.append(Change(key, new, **place))
            continue
        old = as_values(now)
        new = {name: value for name, value in as_values(after).items() if value != old[name]}
        if not new or options.mode is ImportMode.ADD:
            found.unchanged += 1
            continue
        before = {name: old[name] for name in new}
        found.changes.append(Change(key, new, row_id=known.id, version=known.version, before=before, **place))
    return found


def _stored(unit: Unit, plan: Plan | None) -> dict[str, PlanEntry]:
    if plan is None:
        return {}
    return {entry.name: entry for entry in entries_of(unit.session, plan.id, limit=MOST_ENTRIES)}


def _heard(now: EntryFields, sent: EntryFields, row: SheetRow) -> EntryFields:
    """What stands after a row: of the fields whose columns a sheet lacks, what stood before."""
    silent = [part for column, parts in _SAID.items() if column not in row.cells for part in parts]
    if not any(name in row.cells for name in _NOTED):
        silent.append("note")
    said = {name: sent.rule[name] for name in ("kinds", "industries") if row.cells.get(name)}
    after = replace(sent, rule={**now.rule, **said})
    return replace(after, **{name: getattr(now, name) for name in silent})


def _faults(row: SheetRow, error: DomainError) -> list[Any]:
    """The sentences of the form's own checks, each under the column that it is about."""
    if isinstance(error, Invalid):
        return [row.fault(_AT.get(f.field, "ratio"), f.code, value=f.value, **f.facts) for f in error.faults]
    return [row.fault(_AT.get(error.code, "items"), error.code, **error.facts)]


def _write(unit: Unit, changes: Sequence[Change], options: Options) -> int:
    """Through the services of the form, which check once more."""
    agency = unit.session.get_one(Agency, options.agency_id)
    kind = PlanKind.JOINT if agency.is_office else PlanKind.AGENCY
    plans: dict[int, Plan] = {}
    count = 0
    for change in changes:
        if change.row_id is None:
            year = change.values["year"]
            if year not in plans:
                usual = "部门联合抽查工作计划" if agency.is_office else "随机抽查工作计划"
                name = change.values["plan_name"] or f"{year}年度{agency.name}{usual}"
                plans[year] = open_plan(unit, kind=kind.value, year=year, name=name[:160])
            add_entry(unit, plans[year].id, _changed(_EMPTY, change.values))
        else:
            now = fields_of(get_entry(unit.session, change.row_id))
            try:
                change_entry(unit, change.row_id, _changed(now, change.values), change.version or 0)
            except Stale:
                continue
        count += 1
    return count


_EMPTY = EntryFields("", 0, {}, {}, {}, 0, 0)


def _may_undo(unit: Unit, cause: str) -> None:
    """:raises Refused: a plan that the file went into is no draft any more"""
    rows = select(RowHistory.row_id).where(
        RowHistory.cause == cause, RowHistory.table_name == PlanEntry.__tablename__
    )
    query = select(Plan.state).join(PlanEntry, PlanEntry.plan_id == Plan.id)
    for state in unit.session.scalars(query.where(cast(PlanEntry.id, String).in_(rows)).distinct()):
        if not may_edit(state):
            raise Refused("plan_not_draft")


def _restore(unit: Unit, changes: Sequence[Change]) -> list[Conflict]:
    """Agencies and their items as they were before the import, where nobody has chosen others since."""
    conflicts = []
    for change in changes:
        entry = unit.session.get(PlanEntry, change.row_id)
        if entry is None:
            continue
        now, wanted = as_values(fields_of(entry))["participants"], change.before["participants"]
        if now != change.values["participants"]:
            told = Conflict(
                "plan_entry", str(entry.id), change.label, "participants", wanted, now, Why.CHANGED
            )
            conflicts.append(told)
            continue
        kept = {(part.agency_id, part.item_id): part for part in entry.participants}
        entry.participants = [
            kept.get((int(a), item)) or PlanEntryItem(agency_id=int(a), item_id=item)
            for a, items in wanted.items()
            for item in items
        ]
        unit.session.flush()
    return conflicts


def _template(unit: Unit, agency_id: int | None) -> Mapping[str, Iterable[str]]:
    words = lists_of(unit.session, "target_kinds", "method", "lead_line")
    return {"kinds": words["target_kinds"], "method": words["method"], "lead": words["lead_line"]}


def _display(unit: Unit, changes: Sequence[Change]) -> Callable[[str, Any], str]:
    return shown(unit.session)


KIND = ImportKind(
    key="plans",
    title=_l("Import plan entries"),
    back="PlanView.index",
    columns=COLUMNS,
    check_row=read_row,
    write=_write,
    template=_template,
    permission=_may_import,
    key_choices=(("name", _l("The name of the entry")),),
    compare=_compare,
    words=_words,
    key_of=_key,
    display=_display,
    labels=LABELS,
    tables=("plan", "plan_entry", "plan_entry_item"),
    event="plan.file_imported",
    roles=frozenset({RoleName.AGENCY_ADMIN, RoleName.OFFICE_ADMIN}),
    fixable=("year", "plan_name", "joint_item", "support", "ratio", "time", "industries", "note"),
    may_undo=_may_undo,
    inner=frozenset(),
    kept=("participants",),
    restore=_restore,
)
