"""Rows as a spreadsheet to hand out: CSV in UTF-8 with mark, or XLSX. No cell becomes a formula. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

FORMULA = ("=", "+", "-", "@", "\t", "\r")
WIDEST = 60
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def harmless(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


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
