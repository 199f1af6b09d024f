"""Tasks and results of national systems by spreadsheet, through the same intake as the batches (R-6.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.importing.kinds import Change, Compared, ImportKind, Options, Pair, add_import_kind
from app.directories.importing.linked import may_import
from app.directories.rules import ImportMode
from app.directories.undoing.places import Undoable, add_undoable
from app.inspections.national.entries import (
    RESULT_COLUMNS,
    SOURCE,
    SOURCE_ID,
    TASK_COLUMNS,
    Entry,
    read_result,
    read_source_id,
    read_task,
)
from app.inspections.national.intake.comparing import compare_results, compare_tasks
from app.inspections.national.intake.findings import Finding
from app.inspections.national.intake.words import Words, systems_of, words_of
from app.inspections.national.intake.writing import write
from app.inspections.national.labels import LABELS
from app.inspections.national.rules import Against, Subject
from app.inspections.national.showing import names_for, text_of
from app.inspections.queries import choices, dispositions
from app.kernel.errors import Fault
from app.kernel.spreadsheet import Column, SheetRow
from app.security.models import Agency
from app.security.rules import RoleName

_BETWEEN = "\x1f"
ASKS = "asks"
"""Of a change: what waits for a person instead of being written."""
Read = Callable[[str, Mapping[str, str]], Entry]
Compare = Callable[[Session, int, Sequence[Entry], Words], list[Finding]]


def _kind(
    subject: Subject,
    columns: tuple[Column, ...],
    reading: Read,
    compare: Compare,
    template: Callable[[Unit, int | None], Mapping[str, Iterable[str]]],
    **more: Any,
) -> ImportKind:
    def check_row(row: SheetRow, words: Words) -> tuple[Any | None, list[Fault]]:
        source_id, faults = read_source_id(row.cells)
        entry = reading(source_id, row.cells)
        entry.source, wrong = _source(row.cells.get("source", "").strip(), words)
        faults = [*wrong, *faults, *entry.faults]
        if faults:
            return None, [row.fault(f.field, f.code, **{**f.facts, "value": f.value}) for f in faults]
        return entry, []

    def key_of(row: SheetRow, entry: Any, options: Options) -> str:
        return "" if entry is None else f"{entry.source}{_BETWEEN}{entry.source_id}"

    def compared(unit: Unit, pairs: Sequence[Pair], options: Options, words: Words) -> Compared:
        found = Compared()
        for source, system_id in words.systems.items():
            own = [(row, entry) for row, entry in pairs if entry.source == source]
            findings = compare(unit.session, system_id, [entry for _row, entry in own], words) if own else []
            for (row, _entry), finding in zip(own, findings, strict=True):
                _sort(found, row, finding, source, options)
        found.changes.sort(key=lambda change: (change.sheet, change.row))
        return found

    def written(unit: Unit, changes: Sequence[Change], options: Options) -> int:
        words = words_of(unit, options.agency_id or 0)
        count = 0
        for source, system_id in words.systems.items():
            own = [change for change in changes if change.key.partition(_BETWEEN)[0] == source]
            count += write(unit, system_id, [_finding(subject, change) for change in own], words)
        return count

    return ImportKind(
        columns=(SOURCE, SOURCE_ID, *columns),
        check_row=check_row,
        write=written,
        template=template,
        permission=may_import,
        key_choices=(("source_id", _l("What the system calls it")),),
        compare=compared,
        words=lambda unit, options: words_of(unit, options.agency_id or 0),
        key_of=key_of,
        labels=LABELS,
        display=_display,
        tables=(f"national_{subject}", "national_conflict"),
        roles=frozenset({RoleName.AGENCY_ADMIN}),
        **more,
    )


def _source(code: str, words: Words) -> tuple[str, list[Fault]]:
    """An agency with one system need not name it."""
    if code in words.systems:
        return code, []
    if not code and len(words.systems) == 1:
        return next(iter(words.systems)), []
    if not code:
        return "", [
            Fault("source", "national_source_missing" if words.systems else "national_no_system", value="")
        ]
    return "", [Fault("source", "national_source_unknown", value=code[:60])]


def _sort(found: Compared, row: SheetRow, finding: Finding, source: str, options: Options) -> None:
    """A finding among the outcomes of the file: a question is written as one, and shown as a change."""
    if finding.faults:
        found.faults += [row.fault(f.field, f.code, **{**f.facts, "value": f.value}) for f in finding.faults]
        return
    key = f"{source}{_BETWEEN}{finding.source_id}"
    if finding.row_id is not None:
        found.keys.append(key)
    adds_only = options.mode is ImportMode.ADD and finding.row_id is not None
    if finding.status == "unchanged" or finding.waiting or adds_only:
        found.unchanged += 1
        return
    values = dict(finding.values)
    row_id = finding.row_id
    if finding.against is not None:
        links = {name: getattr(finding, name) for name in ("task_id", "result_id", "form_id", "row_id")}
        values[ASKS] = {"against": str(finding.against), "label": finding.label, **links}
        row_id = row_id if row_id is not None else finding.result_id or finding.form_id
    found.changes.append(
        Change(
            key, values, row.sheet, row.row, f"{finding.source_id} {finding.label}".strip(),
            row_id=row_id, version=finding.version, before=finding.before,
        )
    )  # fmt: skip


def _finding(subject: Subject, change: Change) -> Finding:
    values = {name: value for name, value in change.values.items() if name != ASKS}
    source_id = change.key.partition(_BETWEEN)[2]
    finding = Finding(subject, source_id, change.row_id, change.version, values, dict(change.before))
    asks = change.values.get(ASKS)
    if asks is not None:
        finding.against, finding.label = Against(asks["against"]), asks["label"]
        finding.task_id, finding.result_id = asks["task_id"], asks["result_id"]
        finding.form_id, finding.row_id = asks["form_id"], asks["row_id"]
    return finding


def _display(unit: Unit, changes: Sequence[Change]) -> Callable[[str, Any], str]:
    names = names_for(unit.session, [side for change in changes for side in (change.values, change.before)])

    def show(name: str, value: Any) -> str:
        if name == ASKS:
            return _("Waits for a decision: %(why)s", why=_(Against(value["against"]).label)) if value else ""
        return text_of(name, value, names)

    return show


def _systems(unit: Unit, agency_id: int | None) -> list[str]:
    return list(systems_of(unit.session, agency_id)) if agency_id is not None else []


def _task_template(unit: Unit, agency_id: int | None) -> Mapping[str, Iterable[str]]:
    return {"source": _systems(unit, agency_id), "random": ("是", "否")}


def _result_template(unit: Unit, agency_id: int | None) -> Mapping[str, Iterable[str]]:
    agency = unit.session.get(Agency, agency_id) if agency_id is not None else None
    return {
        "source": _systems(unit, agency_id),
        "result": [row.text for row in choices(unit.session, agency.line_code)] if agency else (),
        "disposition": [row.text for row in dispositions(unit.session)],
    }


TASKS = _kind(
    Subject.TASK,
    TASK_COLUMNS,
    read_task,
    compare_tasks,
    _task_template,
    key="national_tasks",
    title=_l("Import tasks of national systems"),
    back="NationalTaskView.list",
    event="national.tasks_imported",
)
RESULTS = _kind(
    Subject.RESULT,
    RESULT_COLUMNS,
    read_result,
    compare_results,
    _result_template,
    key="national_results",
    title=_l("Import results of national systems"),
    back="NationalResultView.list",
    event="national.results_imported",
)


def register() -> None:
    add_import_kind(TASKS)
    add_import_kind(RESULTS)
    for table, derived in (
        ("national_task", frozenset[str]()),
        ("national_result", frozenset({"publish_due_at"})),
        ("national_conflict", frozenset[str]()),
    ):
        add_undoable(Undoable(table, "source_id", derived=derived, labels=LABELS))
