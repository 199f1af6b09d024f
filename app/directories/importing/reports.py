"""The outcome of an import as commands print it and pages show it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from app.directories.rules import ImportOutcome, covered
from app.kernel.errors import Fault
from app.kernel.workbook import harmless
from app.security.explain import explain_fault
from app.security.protection.masks import cover_numbers

ERROR_COLUMNS = ("sheet", "row", "column", "value", "code", "message")
CODES = frozenset({"code", "certificate_no"})


def fault_line(fault: Fault) -> dict[str, Any]:
    """One fault in the language of whoever asks."""
    return {
        "sheet": fault.sheet or "",
        "row": fault.row,
        "column": fault.column or fault.field,
        "value": _quoted(fault, "" if fault.value is None else str(fault.value)),
        "code": fault.code,
        "message": sentence_of_fault(fault),
    }


def sentence_of_fault(fault: Fault) -> str:
    """What is wrong, for whoever handed the row over: personal data is covered."""
    return _quoted(fault, explain_fault(fault))


def _quoted(fault: Fault, text: str) -> str:
    """Personal data is covered, also where it got into a wrong column; codes are needed in full."""
    if fault.field in CODES:
        return text
    return cover_numbers(
        text.replace(str(fault.value), str(covered(fault.field, fault.value))) if fault.value else text
    )


def as_report(outcome: ImportOutcome) -> dict[str, Any]:
    """The fixed shape of the interface: figures, every fault, whether it was taken over."""
    faults = sorted(outcome.faults, key=lambda fault: (fault.sheet or "", fault.row or 0))
    return {
        **outcome.figures(),
        "errors": [fault_line(fault) for fault in faults],
        "committed": outcome.committed,
    }


def refusal_report(faults: Iterable[Fault]) -> dict[str, Any]:
    """The same shape for a file that cannot be read as a whole."""
    lines = [fault_line(fault) for fault in faults]
    return {**ImportOutcome().figures(), "errors": lines, "committed": False}


def errors_csv(errors: Iterable[Mapping[str, Any]], headings: Iterable[str]) -> bytes:
    """Faults as CSV (UTF-8 with mark); cells that a spreadsheet would take for a formula are quoted."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    for error in errors:
        writer.writerow([harmless(error[name]) for name in ERROR_COLUMNS])
    return out.getvalue().encode("utf-8-sig")
