"""Batches of tasks and results that a national system pushes: the same again changes nothing (R-6.2)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.sources.models import SourceSystem
from app.directories.sources.pushing.batch import Shape, fault_line, read
from app.directories.sources.pushing.envelope import Answer, Pushed, Verdict, take_batch, too_slow
from app.inspections.national.entries import RESULT_COLUMNS, TASK_COLUMNS, Entry, read_result, read_task
from app.inspections.national.intake.comparing import compare_results, compare_tasks
from app.inspections.national.intake.findings import Finding
from app.inspections.national.intake.words import Words, words_of
from app.inspections.national.intake.writing import write
from app.inspections.national.rules import Subject, number_of
from app.kernel.errors import Refused
from app.regulation import implements
from app.security.explain import explain_fault

TASK = Shape(
    tuple(column.name for column in TASK_COLUMNS), lists=frozenset({"items"}), booleans=frozenset({"random"})
)
RESULT = Shape(tuple(column.name for column in RESULT_COLUMNS), lists=frozenset({"inspectors"}))
TASKS = Pushed("tasks", "national.tasks_pushed")
RESULTS = Pushed("results", "national.results_pushed")
Read = Callable[[str, dict[str, str]], Entry]
Compare = Callable[[Session, int, Sequence[Entry], Words], list[Finding]]


@implements("R-6.2")
def push_tasks(
    unit: Unit, source: str, rows: list[Any], *, key: str | None = None, digest: bytes = b""
) -> Answer:
    """Take over tasks of a national system, all good rows in one transaction.

    :raises Refused, NotFound, Flooded: as `take_batch`; a system of no agency has no inspections
    """
    return take_batch(
        unit, TASKS, source, rows, _work(TASK, read_task, compare_tasks), key=key, digest=digest
    )


@implements("R-6.2")
def push_results(
    unit: Unit, source: str, rows: list[Any], *, key: str | None = None, digest: bytes = b""
) -> Answer:
    """The same for results; their tasks were sent before."""
    work = _work(RESULT, read_result, compare_results)
    return take_batch(unit, RESULTS, source, rows, work, key=key, digest=digest)


def _work(
    shape: Shape, reading: Read, compare: Compare
) -> Callable[[Unit, SourceSystem, list[Any], float], list[Verdict]]:
    def work(unit: Unit, system: SourceSystem, rows: list[Any], until: float) -> list[Verdict]:
        if system.agency_id is None:
            raise Refused("national_no_agency", rule="R-6.2")
        words = words_of(unit, system.agency_id)
        entries = []
        for sent in read(rows, shape):
            entry = reading(sent.source_id, sent.values)
            entry.faults = [*sent.faults, *entry.faults]
            entries.append(entry)
        findings = compare(unit.session, system.id, entries, words)
        if time.monotonic() > until:
            raise too_slow()
        write(unit, system.id, findings, words)
        return [_verdict(finding) for finding in findings]

    return work


def _verdict(finding: Finding) -> Verdict:
    found: Verdict = {
        "source_id": finding.source_id,
        "status": finding.status,
        "errors": [fault_line(fault, explain_fault(fault)) for fault in finding.faults],
    }
    if finding.faults:
        return found
    if finding.row_id is not None:
        found["id"] = finding.row_id
        if finding.subject is Subject.RESULT:
            found["no"] = number_of(finding.row_id)
    if finding.against is not None:
        found["against"] = str(finding.against)
    if finding.status == "changed":
        found["changed"] = sorted(finding.values)
    return found
