"""What a bulk edit would do, before anything is changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.db import Unit
from app.directories.bulk_edits.judging import Judged, Jury, first_ids
from app.directories.bulk_edits.kinds import BulkKind, Wanted
from app.directories.bulk_edits.rules import AT_ONCE
from app.directories.listing.chosen import Chosen
from app.directories.listing.listing import Listing
from app.security.explain import explain_fault

SAMPLE = 20
NOTHING = "—"


@dataclass(frozen=True)
class Line:
    """One row: its number and name, and each field with the value before and after, or the sentences."""

    id: int
    number: str
    name: str
    parts: Sequence[tuple[str, str, str]] = ()
    sentences: Sequence[str] = ()


@dataclass
class Preview:
    """`judged` rows of the `count` chosen ones were looked at; the figures are of those."""

    count: int
    judged: int = 0
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    sample: list[Line] = field(default_factory=list)
    refused: list[Line] = field(default_factory=list)
    reasons: list[tuple[str, int]] = field(default_factory=list)


def preview(unit: Unit, kind: BulkKind, listing: Listing, chosen: Chosen, wanted: Wanted) -> Preview:
    """Judge the first 5,000 of the chosen rows."""
    session = unit.session
    found = Preview(chosen.count(session, listing))
    jury = Jury(unit, kind, wanted)
    changed: list[Judged] = []
    refused: list[Judged] = []
    reasons: Counter[str] = Counter()
    for judged in jury.of(first_ids(session, listing, chosen, AT_ONCE)):
        found.judged += 1
        if judged.faults:
            found.failed += 1
            reasons.update({explain_fault(fault) for fault in judged.faults})
            if len(refused) < SAMPLE:
                refused.append(judged)
        elif judged.changes:
            found.changed += 1
            if len(changed) < SAMPLE:
                changed.append(judged)
        else:
            found.unchanged += 1
    found.sample = _lines(session, kind, changed)
    found.refused = [
        Line(j.row["id"], j.row[kind.number], j.row["name"], sentences=[explain_fault(f) for f in j.faults])
        for j in refused
    ]
    found.reasons = reasons.most_common(5)
    return found


def _lines(session: Session, kind: BulkKind, rows: Iterable[Judged]) -> list[Line]:
    kept = list(rows)
    pairs = [
        (column, value) for j in kept for column, new in j.changes.items() for value in (j.row[column], new)
    ]
    words = kind.words(session, pairs)
    labels = {f.column: str(f.label) for f in kind.fields}
    return [
        Line(
            j.row["id"],
            j.row[kind.number],
            j.row["name"],
            [
                (labels.get(column, column), shown(words, column, j.row[column]), shown(words, column, new))
                for column, new in j.changes.items()
            ],
        )
        for j in kept
    ]


def shown(words: Any, column: str, value: Any) -> str:
    """A stored value as a person reads it."""
    if value is None or value == "" or value == []:
        return NOTHING
    return str(words.get((column, str(value)), value))
