"""Rows of one system against what stands: new, changed, unchanged, a question for a person, or bad."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.directories.importing.linked import targets_by_code
from app.inspections.national.entries import Entry
from app.inspections.national.intake import loading
from app.inspections.national.intake.findings import Finding
from app.inspections.national.intake.words import Words
from app.inspections.national.rules import (
    Against,
    ConflictState,
    Subject,
    result_faults,
    stands_against,
    task_faults,
)
from app.kernel.errors import Fault
from app.kernel.identifiers import normalise

EMPTY_RESULT: dict[str, Any] = {
    "inspector_ids": [], "problem_text": "", "disposition_code": None, "disposition_text": "", "corrected_on": None,
}  # fmt: skip
EMPTY_TASK: dict[str, Any] = {"period_from": None, "period_to": None, "drawn_on": None}


def compare_tasks(session: Session, system_id: int, entries: Sequence[Entry], words: Words) -> list[Finding]:
    """One finding per entry, in order."""
    ids = [entry.source_id for entry in entries if not entry.faults]
    stored = loading.stored_tasks(session, system_id, ids)
    asked = loading.questions(session, system_id, Subject.TASK, ids)
    found = []
    for entry in entries:
        finding = Finding(
            Subject.TASK, entry.source_id, faults=list(entry.faults), label=entry.values.get("name", "")
        )
        found.append(finding)
        old = stored.get(entry.source_id)
        whole = {**EMPTY_TASK, **(old or {}), **entry.values}
        if not finding.faults:
            finding.faults += task_faults(whole)
        if not finding.faults:
            _weigh(finding, entry.values, old, whole, loading.TASK_FIELDS, asked.get(entry.source_id))
            finding.task_id = finding.row_id
    return found


def compare_results(
    session: Session, system_id: int, entries: Sequence[Entry], words: Words
) -> list[Finding]:
    """One finding per entry, in order. Seven queries at most."""
    good = [entry for entry in entries if not entry.faults]
    ids = [entry.source_id for entry in good]
    stored = loading.stored_results(session, system_id, ids)
    asked = loading.questions(session, system_id, Subject.RESULT, ids)
    written = {entry.values["target"] for entry in good if entry.values.get("target")}
    targets = targets_by_code(session, written | {normalise(code) for code in written})
    tasks = loading.task_ids(session, system_id, {e.values["task"] for e in good if e.values.get("task")})
    people = loading.inspectors_by_word(
        session, words.agency_id, {word for entry in good for word in entry.values.get("inspectors", ())}
    )
    touched = {number for number, _region in targets.values()}
    touched |= {row["target_id"] for row in stored.values()}
    elsewhere = loading.reported_elsewhere(session, words.agency_id, system_id, touched)
    forms = loading.own_forms(session, words.agency_id, touched)
    found = []
    for entry in entries:
        finding = Finding(
            Subject.RESULT, entry.source_id, faults=list(entry.faults), label=entry.values.get("target", "")
        )
        found.append(finding)
        if finding.faults:
            continue
        given = _resolved(finding, entry.values, tasks, targets, people, words)
        old = stored.get(entry.source_id)
        whole = {**EMPTY_RESULT, **(old or {}), **given}
        known = {fault.field for fault in finding.faults}
        finding.faults += [
            fault
            for fault in result_faults(
                whole,
                words.result_choices.get(whole.get("result_id") or 0),
                words.disposition_choices.get(whole.get("disposition_code") or ""),
                words.day,
            )
            if fault.field not in known
        ]
        if finding.faults:
            continue
        moved = old is None or any(old[name] != whole[name] for name in ("target_id", "checked_on"))
        place = (whole["target_id"], whole["checked_on"])
        finding.result_id = elsewhere.get(place) if moved else None
        finding.form_id = _form_of(forms.get(whole["target_id"], ()), whole["checked_on"]) if moved else None
        _weigh(finding, given, old, whole, loading.RESULT_FIELDS, asked.get(entry.source_id))
    return found


def _weigh(
    finding: Finding,
    given: dict[str, Any],
    old: dict[str, Any] | None,
    whole: dict[str, Any],
    fields: Sequence[str],
    asked: dict[str, Any] | None,
) -> None:
    """What is written, or asked, of a row without faults."""
    if old is None:
        finding.values = {name: whole[name] for name in fields}
    else:
        finding.row_id, finding.version = old["id"], old["version"]
        finding.values = {name: value for name, value in given.items() if old[name] != value}
        finding.before = {name: old[name] for name in finding.values}
    finding.against = stands_against(
        known=old is not None,
        settled=bool(old and old["settled"]),
        elsewhere=finding.result_id is not None,
        own_form=finding.form_id is not None,
        differs=bool(finding.values),
    )
    if finding.against is Against.SETTLED and finding.subject is Subject.RESULT:
        finding.result_id = finding.row_id
    if finding.against is None:
        finding.result_id = finding.form_id = None
        finding.closes = asked is not None and asked["state"] == ConflictState.OPEN
    elif asked is not None and asked["said"] == finding.values:
        if asked["state"] == ConflictState.KEPT:
            finding.against, finding.values, finding.before = None, {}, {}
        else:
            finding.waiting = True


def _resolved(
    finding: Finding,
    said: dict[str, Any],
    tasks: dict[str, int],
    targets: dict[str, tuple[int, int]],
    people: Any,
    words: Words,
) -> dict[str, Any]:
    """The columns that the row gives, with keys in place of words; what is not known is a fault."""
    given = {
        name: said[name]
        for name in ("checked_on", "corrected_on", "problem_text", "disposition_text")
        if name in said
    }
    for name, column, code, known in (
        ("task", "task_id", "national_task_unknown", tasks),
        (
            "target",
            "target_id",
            "linked_target_unknown",
            {key: number for key, (number, _r) in _one(said, targets)},
        ),
        ("result", "result_id", "not_a_choice", words.results),
        ("disposition", "disposition_code", "not_a_choice", words.dispositions),
    ):
        if name not in said:
            continue
        text = said[name]
        given[column] = known.get(text) if text else None
        if text and given[column] is None:
            finding.faults.append(Fault(name, code, value=text[:60]))
    if "inspectors" in said:
        given["inspector_ids"] = _inspectors(finding, said["inspectors"], people)
    return given


def _one(said: dict[str, Any], targets: dict[str, tuple[int, int]]) -> list[tuple[str, tuple[int, int]]]:
    """The target by its code as it was written, or without blanks, hyphens and full-width signs."""
    code = said.get("target", "")
    hit = targets.get(code) or targets.get(normalise(code))
    return [(code, hit)] if hit else []


def _inspectors(finding: Finding, names: Sequence[str], people: Any) -> list[int]:
    found: set[int] = set()
    for name in names:
        hits = people.get(name, set())
        if len(hits) == 1:
            found |= hits
        else:
            code = "national_inspector_ambiguous" if hits else "national_inspector_unknown"
            finding.faults.append(Fault("inspectors", code, value=name[:60]))
    return sorted(found)


def _form_of(forms: Sequence[tuple[date, date, int]], checked_on: str) -> int | None:
    day = date.fromisoformat(checked_on)
    return next((form for first, last, form in forms if first <= day <= last), None)
