"""Rows below a heading, and the shortest way: a whole file with columns that name themselves."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.kernel.spreadsheet import limits
from app.kernel.spreadsheet.book import Book, Sheet, open_book
from app.kernel.spreadsheet.headings import Heading, find_heading, guess, heading_at, places
from app.kernel.spreadsheet.rows import Column, SheetRow, unreadable
from app.kernel.workbook import MARK

HEAD_ROWS = limits.HEADING_WITHIN + limits.SAMPLE


@dataclass(frozen=True)
class Layout:
    """What a sheet was found to be. `named`: how many columns its heading names."""

    sheet: str
    hidden: bool
    merged: int
    heading: Heading
    named: int
    mapping: dict[str, str]
    sample: list[list[str]]

    @property
    def is_empty(self) -> bool:
        return not self.heading.labels

    def lacking(self, columns: Sequence[Column]) -> list[Column]:
        return [c for c in columns if c.mandatory and c.name not in self.mapping]


def head_of(sheet: Sheet) -> list[list[str]]:
    return list(itertools.islice(sheet.rows(), HEAD_ROWS))


def layout_of(sheet: Sheet, columns: Sequence[Column], row: int | None = None, depth: int = 1) -> Layout:
    """The heading found, or the one that a person named, and what its columns seem to mean."""
    head = head_of(sheet)
    if row is None:
        heading, named = find_heading(head, columns)
    else:
        heading, named = heading_at(head, row, depth), 0
    sample = [line for line in head[heading.last : heading.last + limits.SAMPLE] if any(line)]
    if not any(heading.labels):
        heading = Heading(heading.row, heading.depth, ())
    mapping = guess(heading, sample, columns)
    return Layout(sheet.name, sheet.hidden, sheet.merged, heading, named or len(mapping), mapping, sample)


def sheet_rows(
    sheet: Sheet, heading: Heading, mapping: Mapping[str, str], file_name: str, before: int = 0
) -> Iterator[SheetRow]:
    """Every filled row below the heading. Rows that repeat the heading (printed on every page) are left out.

    :param before: rows that other sheets brought already
    :raises Invalid: more rows than are taken at once
    """
    where = places(heading, mapping)
    names = {name: heading.labels[at] for name, at in where.items()}
    spots = list(where.items())
    widest = max(where.values(), default=0)
    count = before
    for number, row in enumerate(itertools.islice(sheet.rows(), heading.last, None), start=heading.last + 1):
        width = len(row)
        if width > widest:
            cells = {name: row[at] for name, at in spots}
        else:
            cells = {name: row[at] if at < width else "" for name, at in spots}
        if any(cells.values()) and cells != names and not _is_mark(row):
            count += 1
            if count > limits.MOST_ROWS:
                raise unreadable(
                    "import_too_many_rows", file_name, sheet=sheet.name, row=number, most=limits.MOST_ROWS
                )
            yield SheetRow(sheet.name, number, cells, names, row)


def _is_mark(row: Sequence[str]) -> bool:
    """The watermark of a file that the portal handed out: a line for people, no row."""
    return row[0].startswith(MARK) and not any(row[1:])


def find_layouts(book: Book, columns: Sequence[Column]) -> list[Layout]:
    """The sheets that the columns name, hidden ones left out.

    :raises Invalid: no sheet has a heading with the mandatory columns, or only hidden ones have
    """
    layouts = [layout_of(sheet, columns) for sheet in book.sheets]
    fitting = [one for one in layouts if not one.is_empty and not one.lacking(columns)]
    shown = [one for one in fitting if not one.hidden]
    if shown:
        return shown
    if fitting:
        raise unreadable("import_only_hidden", book.file_name, sheet=fitting[0].sheet)
    missing = next((one for one in layouts if not one.is_empty and not one.hidden), None)
    if missing is None:
        raise unreadable("import_empty", book.file_name)
    raise unreadable(
        "import_columns_missing",
        book.file_name,
        sheet=missing.sheet,
        row=missing.heading.row,
        columns="、".join(c.headings[0] for c in missing.lacking(columns)),
        found="、".join(label for label in missing.heading.labels if label)[:200],
    )


def iter_rows(content: bytes, file_name: str, columns: Sequence[Column]) -> Iterator[SheetRow]:
    """Every filled row below a heading that names the mandatory columns, of all visible sheets that have one.

    :raises Invalid: the file cannot be read, is too big, or no sheet has such a heading
    """
    book = open_book(content, file_name)
    count = 0
    for layout in find_layouts(book, columns):
        sheet = book.sheet(layout.sheet)
        if sheet is None:
            continue
        for row in sheet_rows(sheet, layout.heading, layout.mapping, file_name, count):
            count += 1
            yield row
    if count == 0:
        raise unreadable("import_empty", file_name)


def read_rows(content: bytes, file_name: str, columns: Sequence[Column]) -> list[SheetRow]:
    """`iter_rows` as a list, for files of which the whole is needed at once."""
    return list(iter_rows(content, file_name, columns))
