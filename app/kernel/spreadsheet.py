"""A spreadsheet as rows of text: XLSX through calamine, CSV in UTF-8 or GB 18030. Pure.

Row numbers are those that the spreadsheet shows. Columns are found by their headings, Chinese or English.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import python_calamine

from app.kernel.errors import Fault, Invalid

MOST_BYTES = 64 * 1024 * 1024
MOST_UNPACKED = 1024 * 1024 * 1024
HEADING_WITHIN = 10
# From here on a spreadsheet's number has lost figures of a code.
EXACT_UP_TO = 10**15

_NOISE = re.compile(r"[\s*＊:：()（）\[\]【】_/-]+")


@dataclass(frozen=True)
class Column:
    """A column that a file may have; `headings` are the words by which it is known."""

    name: str
    headings: tuple[str, ...]
    mandatory: bool = False


@dataclass(frozen=True)
class SheetRow:
    """One row: cells by the column's name, and where it stands."""

    sheet: str
    row: int
    cells: dict[str, str]
    headings: dict[str, str]

    def fault(self, field: str, code: str, **facts: Any) -> Fault:
        value = facts.pop("value", self.cells.get(field, ""))
        heading = self.headings.get(field, field)
        return Fault(field, code, value=value, sheet=self.sheet, row=self.row, column=heading, **facts)


def read_rows(content: bytes, file_name: str, columns: Sequence[Column]) -> list[SheetRow]:
    """Every filled row below a heading that names the mandatory columns, of all sheets that have one.

    :raises Invalid: the file cannot be read, is too big, or no sheet has such a heading
    """
    if len(content) > MOST_BYTES:
        raise _unreadable("import_too_big", file_name, most=MOST_BYTES // 2**20)
    sheets = _workbook(content, file_name) if content[:2] == b"PK" else _text(content, file_name)
    found: list[SheetRow] = []
    missing: list[list[str]] = []
    for sheet, rows in sheets:
        start, places = _find_heading(rows, columns)
        lacking = [c.headings[0] for c in columns if c.mandatory and c.name not in places]
        if lacking:
            if any(any(row) for row in rows):
                missing.append(lacking)
            continue
        found.extend(_rows_of(sheet, rows, start, places))
    if not found and missing:
        raise _unreadable("import_columns_missing", file_name, columns="、".join(missing[0]))
    if not found:
        raise _unreadable("import_empty", file_name)
    return found


def _rows_of(sheet: str, rows: list[list[str]], start: int, places: dict[str, int]) -> Iterator[SheetRow]:
    headings = {name: rows[start][place] for name, place in places.items()}
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        cells = {name: row[place] if place < len(row) else "" for name, place in places.items()}
        if any(cells.values()):
            yield SheetRow(sheet, number, cells, headings)


def _find_heading(rows: list[list[str]], columns: Sequence[Column]) -> tuple[int, dict[str, int]]:
    """The row that names the most columns, among the first ones; titles may stand above it."""
    known = {_bare(heading): c.name for c in columns for heading in (*c.headings, c.name)}
    best: tuple[int, dict[str, int]] = (0, {})
    for index, row in enumerate(rows[:HEADING_WITHIN]):
        places: dict[str, int] = {}
        for place, cell in enumerate(row):
            name = known.get(_bare(cell))
            if name is not None:
                places.setdefault(name, place)
        if len(places) > len(best[1]):
            best = (index, places)
    return best


def _bare(heading: str) -> str:
    return _NOISE.sub("", heading).casefold()


def _workbook(content: bytes, file_name: str) -> Iterator[tuple[str, list[list[str]]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > MOST_UNPACKED:
            raise _unreadable("import_bomb", file_name, most=MOST_UNPACKED // 2**20)
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [
            (name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names
        ]
    except (zipfile.BadZipFile, python_calamine.CalamineError, OSError, ValueError) as error:
        raise _unreadable("import_unreadable", file_name) from error
    for name, rows in sheets:
        yield name, [[_as_text(cell) for cell in row] for row in rows]


def _as_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        if cell == int(cell) and abs(cell) < EXACT_UP_TO:
            return str(int(cell))
        return repr(cell).upper()
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell).strip()


def _text(content: bytes, file_name: str) -> Iterator[tuple[str, list[list[str]]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            decoded = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _unreadable("import_unreadable", file_name)
    if "\x00" in decoded:
        raise _unreadable("import_unreadable", file_name)
    first = decoded.split("\n", 1)[0]
    separator = max(",\t;", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(decoded, newline=""), delimiter=separator))
    except csv.Error as error:
        raise _unreadable("import_unreadable", file_name) from error
    yield "", [[cell.strip() for cell in row] for row in rows]


def _unreadable(code: str, file_name: str, **facts: Any) -> Invalid:
    return Invalid(code, [Fault("file", code, value=file_name, **facts)], file=file_name, **facts)
