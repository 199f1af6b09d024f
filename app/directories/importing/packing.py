"""The outcome of some rows as bytes, and back: what waits between the check and the taking over. Pure."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.directories.importing.kinds import Change
from app.kernel.errors import Fault
from app.kernel.spreadsheet import SheetRow


@dataclass
class BadRow:
    """A row with faults: where it stands, its cells as in the file, the fields and codes of what is wrong."""

    sheet: str
    row: int
    cells: list[str]
    faults: list[Fault]


@dataclass
class Packet:
    changes: list[Change] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    @property
    def new(self) -> list[Change]:
        return [change for change in self.changes if change.row_id is None]

    @property
    def changed(self) -> list[Change]:
        return [change for change in self.changes if change.row_id is not None and change.values]

    @property
    def contested(self) -> list[Change]:
        return [change for change in self.changes if change.contested]


def plain(value: Any) -> Any:
    """A value of a column as JSON keeps it; COPY takes it back as it is."""
    return value.isoformat() if isinstance(value, date) else value


def bad_rows(rows: Iterable[SheetRow], faults: Sequence[Fault]) -> list[BadRow]:
    """The rows that the faults are about, each with its own."""
    by_place: dict[tuple[str | None, int | None], list[Fault]] = {}
    for fault in faults:
        by_place.setdefault((fault.sheet, fault.row), []).append(fault)
    return [
        BadRow(row.sheet, row.row, list(row.raw), by_place[(row.sheet, row.row)])
        for row in rows
        if (row.sheet, row.row) in by_place
    ]


def pack(packet: Packet) -> bytes:
    changes = [
        [c.key, c.values, c.sheet, c.row, c.label, c.row_id, c.version, c.before, c.contested, c.agreed]
        for c in packet.changes
    ]
    bad = [
        [b.sheet, b.row, b.cells, [[f.field, f.code, f.value, f.column, f.facts] for f in b.faults]]
        for b in packet.bad
    ]
    text = json.dumps([changes, bad], ensure_ascii=False, separators=(",", ":"), default=plain)
    return zlib.compress(text.encode(), 1)


def unpack(content: bytes) -> Packet:
    changes, bad = json.loads(zlib.decompress(content))
    return Packet(
        [Change(*parts) for parts in changes],
        [
            BadRow(
                sheet,
                row,
                cells,
                [
                    Fault(name, code, value=value, sheet=sheet, row=row, column=column, **facts)
                    for name, code, value, column, facts in faults
                ],
            )
            for sheet, row, cells, faults in bad
        ],
    )
