"""A file as sheets of text, whatever it is: XLSX, ODS and old XLS through calamine, CSV, HTML that is called XLS."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import python_calamine

from app.kernel.spreadsheet import limits
from app.kernel.spreadsheet.cells import as_text
from app.kernel.spreadsheet.guard import check_archive
from app.kernel.spreadsheet.html import html_sheets, is_html
from app.kernel.spreadsheet.rows import unreadable
from app.kernel.spreadsheet.text import text_rows

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MOST_MERGED = 20_000
_NOTHING = b"\x00 \r\n\t\xef\xbb\xbf"
_HEAD = 4096
Merged = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Sheet:
    """One sheet. `rows()`: every row from the spreadsheet's first one, cells as text, merged ones filled; `most()`: it
    has no more rows than that.
    """

    name: str
    rows: Callable[[], Iterator[list[str]]]
    hidden: bool = False
    merged: int = 0
    most: Callable[[], int] = lambda: 0


@dataclass(frozen=True)
class Book:
    """`format`: `xlsx`, `xls`, `csv` or `html`."""

    file_name: str
    format: str
    sheets: list[Sheet] = field(default_factory=list)

    def sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def open_book(content: bytes, file_name: str) -> Book:
    """:raises Invalid: nothing in it, too big, protected by a password, damaged, or of no known kind"""
    if len(content) > limits.MOST_BYTES:
        raise unreadable("import_too_big", file_name, most=limits.MOST_BYTES // 2**20)
    if not content[:_HEAD].strip(_NOTHING) and not content.strip(_NOTHING):
        raise unreadable("import_empty", file_name)
    if content[:2] == b"PK":
        check_archive(content, file_name)
        return Book(file_name, "xlsx", list(_workbook(content, file_name)))
    if content[:8] == _OLE:
        if _ENCRYPTED in content:
            raise unreadable("import_password", file_name)
        return Book(file_name, "xls", list(_workbook(content, file_name)))
    if is_html(content):
        sheets = [
            Sheet(name, lambda rows=rows: iter(rows), most=lambda rows=rows: len(rows))  # type: ignore[misc]
            for name, rows in html_sheets(content, file_name)
        ]
        return Book(file_name, "html", sheets)
    text = Sheet("", lambda: text_rows(content, file_name), most=lambda: _lines(content))
    return Book(file_name, "csv", [text])


def _lines(content: bytes) -> int:
    return max(content.count(b"\n"), content.count(b"\r")) + 1


def _workbook(content: bytes, file_name: str) -> Iterator[Sheet]:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        told = [
            (m.name, m.visible != python_calamine.SheetVisibleEnum.Visible)
            for m in book.sheets_metadata
            if m.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
    except python_calamine.PasswordError as error:
        raise unreadable("import_password", file_name) from error
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise unreadable("import_unreadable", file_name) from error
    for name, hidden in told:
        opened = _Opened(book, name, file_name)
        yield Sheet(name, opened.rows, hidden, opened.merged, opened.height)


class _Opened:
    """A sheet that is laid out when somebody asks for it, and kept."""

    def __init__(self, book: python_calamine.CalamineWorkbook, name: str, file_name: str) -> None:
        self._book, self._name, self._file = book, name, file_name
        self._sheet: python_calamine.CalamineSheet | None = None

    @property
    def sheet(self) -> python_calamine.CalamineSheet:
        if self._sheet is None:
            try:
                self._sheet = self._book.get_sheet_by_name(self._name)
            except (python_calamine.CalamineError, OSError, ValueError) as error:
                raise unreadable("import_sheet_damaged", self._file, sheet=self._name) from error
        return self._sheet

    @property
    def merged(self) -> int:
        return len(self.sheet.merged_cell_ranges or ())

    def height(self) -> int:
        return self.sheet.total_height

    def rows(self) -> Iterator[list[str]]:
        ranges = self.sheet.merged_cell_ranges or []
        filler = _Filler(ranges) if 0 < len(ranges) <= _MOST_MERGED else None
        for number, row in enumerate(self.sheet.iter_rows()):
            cells = [as_text(cell) for cell in row]
            yield cells if filler is None else filler.fill(number, cells)


class _Filler:
    """Writes the value of merged cells into all of them: that is what the person sees."""

    def __init__(self, ranges: list[Merged]) -> None:
        self._starting: dict[int, list[Merged]] = {}
        for one in ranges:
            self._starting.setdefault(one[0][0], []).append(one)
        self._open: list[tuple[Merged, str]] = []

    def fill(self, number: int, cells: list[str]) -> list[str]:
        self._open = [(one, value) for one, value in self._open if one[1][0] >= number]
        for one in self._starting.get(number, ()):
            left = one[0][1]
            self._open.append((one, cells[left] if left < len(cells) else ""))
        for ((_, left), (_, right)), value in self._open:
            for column in range(left, min(right + 1, len(cells))):
                cells[column] = value
        return cells
