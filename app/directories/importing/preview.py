"""The difference of a checked file, a page at a time, with personal data under its mask."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.db import Unit
from app.directories.importing.checking import kind_of, options_of
from app.directories.importing.kinds import Change, ImportKind
from app.directories.importing.models import ImportBatch, ImportRun
from app.directories.importing.packing import BadRow, Packet, unpack
from app.directories.importing.reports import fault_line
from app.directories.importing.seen import SeenInTable
from app.directories.rules import covered

TABS = ("new", "changed", "contested", "closed", "bad")
PAGE = 50
# What the portal keeps for itself of a row; a person has not entered it and need not check it.
_INNER = frozenset({"field_sources", "risk_class", "code_kind", "source", "agency_id", "code"})


@dataclass(frozen=True)
class Line:
    """One row of the file: `fields` are (label, as stored, as in the file), `faults` what is wrong, `holders` by field
    who has precedence.
    """

    sheet: str
    row: int
    key: str
    label: str
    fields: list[tuple[Any, str, str]] = field(default_factory=list)
    faults: list[dict[str, Any]] = field(default_factory=list)
    holders: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    lines: list[Line]
    number: int
    total: int

    @property
    def has_next(self) -> bool:
        return self.number * PAGE < self.total


def page_of(unit: Unit, run: ImportRun, tab: str, number: int) -> Page:
    """The rows of one outcome, in the order of the file. `number` counts from 1."""
    if tab == "closed":
        return _closed(unit, run, number)
    column = {"new": ImportBatch.new, "changed": ImportBatch.changed, "bad": ImportBatch.bad}.get(
        tab, ImportBatch.contested
    )
    counts = unit.session.execute(
        select(ImportBatch.id, column)
        .where(ImportBatch.run_id == run.id, ImportBatch.position >= 0, column > 0)
        .order_by(ImportBatch.position)
    ).all()
    total = sum(count for _, count in counts)
    number = max(1, min(number, -(-total // PAGE)))
    first, last = (number - 1) * PAGE, number * PAGE
    found: list[Any] = []
    before = 0
    for batch_id, count in counts:
        if before < last and before + count > first:
            things = getattr(_packet(unit, batch_id), tab)
            found += things[max(0, first - before) : last - before]
        before += count
    kind = kind_of(run)
    if tab == "bad":
        return Page([_bad(row) for row in found], number, total)
    make = _contested if tab == "contested" else _changes
    return Page(make(unit, kind, found), number, total)


def _packet(unit: Unit, batch_id: int) -> Packet:
    batch = unit.session.scalars(
        select(ImportBatch).where(ImportBatch.id == batch_id).options(undefer(ImportBatch.content))
    ).one()
    return unpack(batch.content)


def _changes(unit: Unit, kind: ImportKind, changes: list[Change]) -> list[Line]:
    show = kind.display(unit, changes) if kind.display else lambda column, value: str(value or "")
    lines = []
    for change in changes:
        inner = _INNER if kind.inner is None else kind.inner
        inner = inner if change.row_id is None else inner - {"code"}
        fields = [
            (
                kind.label(name),
                covered(name, show(name, change.before.get(name))),
                covered(name, show(name, value)),
            )
            for name, value in change.values.items()
            if name not in inner and (change.row_id is not None or value not in (None, "", []))
        ]
        joined = change.values.get("source") == "base" and change.row_id is not None
        if joined:
            fields.append((kind.label("source"), show("source", "agency"), show("source", "base")))
        lines.append(Line(change.sheet, change.row, _shown_key(change.key), change.label, fields))
    return lines


def _shown_key(key: str) -> str:
    """A key of several parts as a person reads it."""
    return " · ".join(part for part in key.split("\x1f") if part)


def _contested(unit: Unit, kind: ImportKind, changes: list[Change]) -> list[Line]:
    """What stays as it is, because whoever said it has precedence."""
    show = kind.display(unit, changes) if kind.display else lambda column, value: str(value or "")
    return [
        Line(
            change.sheet,
            change.row,
            change.key,
            change.label,
            [
                (kind.label(name), covered(name, show(name, stored)), covered(name, show(name, said)))
                for name, (said, stored, _by) in change.contested.items()
            ],
            holders=[show("said_by", by) for _said, _stored, by in change.contested.values()],
        )
        for change in changes
    ]


def _bad(row: BadRow) -> Line:
    return Line(row.sheet, row.row, "", "", faults=[fault_line(fault) for fault in row.faults])


def _closed(unit: Unit, run: ImportRun, number: int) -> Page:
    """What a complete file lacks; known until the file is taken over."""
    kind, options = kind_of(run), options_of(run)
    total = int(run.report.get("closed") or 0)
    if kind.missing is None or run.state != "checked" or not total:
        return Page([], 1, 0)
    number = max(1, min(number, -(-total // PAGE)))
    lacking = kind.missing(unit, options, SeenInTable(unit.session, run.id, run.done).named()).subquery()
    rows = unit.session.execute(
        select(lacking).order_by(lacking.c.id).offset((number - 1) * PAGE).limit(PAGE)
    ).all()
    return Page([Line("", 0, row.key, row.label) for row in rows], number, total)
