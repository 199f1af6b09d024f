"""The ways in, each giving `number of the row -> sorted (field, code)`; no fault means accepted."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from app.db import Unit
from app.directories.importing.checking import forget, rows_of
from app.directories.importing.engine import batches, compare_batch
from app.directories.importing.kinds import Options, import_kinds
from app.directories.importing.seen import SeenInMemory
from app.directories.sources.pushing.service import push_targets
from app.kernel.errors import Fault, Invalid
from tests.directories.importing.files import receive
from tests.directories.verdicts.rows import Row

Verdicts = dict[int, list[tuple[str, str]]]
AT_ONCE = 2_000


def told(faults: Iterable[Fault]) -> list[tuple[str, str]]:
    """Without what a row has only beside another of the same file."""
    return sorted({(fault.field, fault.code) for fault in faults if fault.code != "duplicate_in_file"})


def by_file(unit: Unit, rows: list[Row], kind: str = "targets", agency_id: int | None = None) -> Verdicts:
    """As the check of an import sees a CSV."""
    names = list(rows[0])
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([row[name] for name in names] for row in rows)
    run = receive(unit, out.getvalue().encode(), kind=kind, agency_id=agency_id)
    forget(unit, run)
    found: dict[int, list[Fault]] = {number: [] for number in range(len(rows))}
    known, options, seen = import_kinds[kind], Options(agency_id), SeenInMemory()
    words, count = known.words(unit, options), 0
    lines = _line_numbers(out.getvalue())
    for part in batches(rows_of(run)):
        batch = compare_batch(unit, known, part, options, words, seen)
        count += len(part)
        for fault in batch.faults:
            found[lines[fault.row]].append(fault)
    assert count == len(rows)
    return {number: told(faults) for number, faults in found.items()}


def _line_numbers(text: str) -> dict[int | None, int]:
    """Row as a spreadsheet counts them, the heading being the first, -> place among the data."""
    return {number: number - 2 for number, _ in enumerate(csv.reader(io.StringIO(text)), start=1)}


def by_interface(unit: Unit, rows: list[Row], source: str) -> Verdicts:
    """As a system pushes them; what was written is taken back."""
    found: Verdicts = {}
    for start in range(0, len(rows), AT_ONCE):
        sent = [{"source_id": f"R{start + n}", **row} for n, row in enumerate(rows[start : start + AT_ONCE])]
        inner = unit.session.begin_nested()
        for place, one in enumerate(push_targets(unit, source, sent).body["rows"]):
            found[start + place] = sorted({(error["field"], error["code"]) for error in one["errors"]})
            assert (one["status"] == "bad") is bool(one["errors"])
        inner.rollback()
    return found


def by_form(
    app: Flask, unit: Unit, form: Any, rows: list[Row], posted: Callable[[Row], Any], add: Callable[..., Any]
) -> Verdicts:
    """Through the form's class as a browser posts it, then the service; what was added is taken back."""
    found: Verdicts = {}
    for number, row in enumerate(rows):
        with app.test_request_context(method="POST", data=posted(row)):
            made = form()
            assert made.validate(), made.errors
            texts = made.texts()
        inner = unit.session.begin_nested()
        try:
            add(texts)
            found[number] = []
        except Invalid as error:
            found[number] = told(error.faults)
        inner.rollback()
    return found


def without(verdicts: Verdicts, *fields: str) -> Verdicts:
    """The verdicts of a way that does not have these fields."""
    return {n: [fault for fault in faults if fault[0] not in fields] for n, faults in verdicts.items()}


def differences(one: Verdicts, other: Verdicts, rows: list[Row]) -> str:
    """The first rows that are told different things."""
    lines = [f"{n}: {one[n]} / {other[n]} | {rows[n]}" for n in other if one[n] != other[n]]
    return "\n".join([f"{len(lines)} rows differ", *lines[:12]]) if lines else ""
