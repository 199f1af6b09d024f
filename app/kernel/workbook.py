"""Rows as a spreadsheet to hand out: CSV in UTF-8 with mark, or XLSX. No cell becomes a formula. Pure.

`csv_bytes` and `xlsx_bytes` are for little; `write_sheet` writes row by row and needs no memory for a million rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

import xlsxwriter

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings that a spreadsheet program takes for a formula, the full-width ones included."""
MARK = "# "
"""Begins the line of a watermark: whoever reads a table leaves such a line out."""
MOST_PER_SHEET = 1_000_000
LONGEST_CELL = 32_000
WIDEST = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def harmless(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) or text[:1].isspace() and is_formula(text) else text


def is_formula(text: str) -> bool:
    """Whether a spreadsheet program may take the text for a formula, some of them past spaces."""
    return text.startswith(FORMULA) or text.lstrip().startswith(FORMULA)


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[Any]], watermark: str = "") -> bytes:
    """CSV that a spreadsheet program opens with the right letters; the watermark is the last line."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(heading) for heading in headings])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    if watermark:
        writer.writerow([harmless(watermark)])
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(
    headings: Sequence[str], rows: Iterable[Sequence[Any]], watermark: str = "", sheet: str = "1"
) -> bytes:
    """A workbook of one sheet, every cell text; the watermark stands under the rows and on every printed page."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    page = book.add_worksheet(sheet[:31])
    bold, note = book.add_format({"bold": True}), book.add_format({"italic": True, "font_color": "#5c6777"})
    page.freeze_panes(1, 0)
    widths = [len(heading) for heading in headings]
    for column, heading in enumerate(headings):
        page.write_string(0, column, heading, bold)
    line = 0
    for line, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            text = harmless(cell)
            page.write_string(line, column, text)
            widths[column] = max(widths[column], len(text))
    for column, width in enumerate(widths):
        page.set_column(column, column, min(2 * width + 2, WIDEST))
    if watermark:
        page.write_string(line + 1, 0, harmless(watermark), note)
        page.set_footer("&L" + watermark.replace("&", "&&"))
    book.close()
    return out.getvalue()


@dataclass(frozen=True)
class Watermark:
    """Who took a file out, and when. `text` stands in the file; the rest in the properties of a workbook."""

    text: str
    who: str
    agency: str
    at: datetime


def write_sheet(
    kind: str,
    target: BinaryIO,
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    mark: Watermark,
    *,
    title: str = "",
    first: bool = False,
) -> int:
    """Write a file of a kind, `csv` or `xlsx`, row by row; gives the number of rows.

    The watermark is the first line of every sheet. Of a CSV, which other programs read, it is the last line; with
    `first` it is the first one there as well.

    :param title: in the properties of a workbook, and the name of its sheets
    """
    if kind == "xlsx":
        return _write_xlsx(target, headings, rows, mark, title)
    return _write_csv(target, headings, rows, mark, first)


def _write_csv(
    target: BinaryIO, headings: Sequence[str], rows: Iterable[Sequence[Any]], mark: Watermark, first: bool
) -> int:
    out = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer, number = csv.writer(out, lineterminator="\r\n"), 0
    if first:
        writer.writerow([MARK + mark.text])
    writer.writerow([harmless(heading) for heading in headings])
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
        number += 1
    if not first:
        writer.writerow([MARK + mark.text])
    out.flush()
    out.detach()
    return number


def _write_xlsx(
    target: BinaryIO, headings: Sequence[str], rows: Iterable[Sequence[Any]], mark: Watermark, title: str
) -> int:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    book.set_properties(
        {
            "title": title,
            "author": mark.who,
            "company": mark.agency,
            "comments": mark.text,
            "created": mark.at.replace(tzinfo=None),
        }
    )
    formats = book.add_format({"bold": True}), book.add_format({"italic": True, "font_color": "#5c6777"})
    sheet: Any = None
    number = place = 0
    for row in rows:
        if sheet is None or place >= MOST_PER_SHEET + 2:
            sheet, place = _new_sheet(book, headings, mark, title, formats), 2
        for column, cell in enumerate(row):
            sheet.write_string(place, column, harmless(cell)[:LONGEST_CELL])
        place += 1
        number += 1
    if sheet is None:
        _new_sheet(book, headings, mark, title, formats)
    book.close()
    return number


def _new_sheet(book: Any, headings: Sequence[str], mark: Watermark, title: str, formats: Any) -> Any:
    """Rows are written from top to bottom and forgotten, so widths are set before any is known."""
    bold, note = formats
    number = len(book.worksheets()) + 1
    name = "".join(sign for sign in title if sign not in "[]:*?/\\'")[:25]
    sheet = book.add_worksheet(f"{name} {number}".strip() if number > 1 or not name else name)
    sheet.set_column(0, max(len(headings) - 1, 0), 20)
    sheet.freeze_panes(2, 0)
    sheet.set_footer("&L" + mark.text.replace("&", "&&")[:240])
    sheet.write_string(0, 0, MARK + mark.text, note)
    for column, heading in enumerate(headings):
        sheet.write_string(1, column, harmless(heading), bold)
    return sheet
