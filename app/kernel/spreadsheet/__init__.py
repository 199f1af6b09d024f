"""A spreadsheet as rows of text: XLSX, ODS and XLS through calamine, CSV in UTF-8 or GB 18030, HTML. Pure.

Row numbers are those that the spreadsheet shows. Columns are found by their headings, Chinese or English, and by
what their cells look like. Whatever is wrong with a file is told with its sheet and row.
"""

from app.kernel.spreadsheet.book import Book, Sheet, open_book
from app.kernel.spreadsheet.cells import SCIENTIFIC, half_width
from app.kernel.spreadsheet.headings import Heading, bare, find_heading, guess, heading_at, places, signature
from app.kernel.spreadsheet.limits import MOST_BYTES
from app.kernel.spreadsheet.reading import (
    Layout,
    find_layouts,
    head_of,
    iter_rows,
    layout_of,
    read_rows,
    sheet_rows,
)
from app.kernel.spreadsheet.rows import Column, SheetRow, unreadable

__all__ = [
    "MOST_BYTES",
    "SCIENTIFIC",
    "Book",
    "Column",
    "Heading",
    "Layout",
    "Sheet",
    "SheetRow",
    "bare",
    "find_heading",
    "find_layouts",
    "guess",
    "half_width",
    "head_of",
    "heading_at",
    "iter_rows",
    "layout_of",
    "open_book",
    "places",
    "read_rows",
    "sheet_rows",
    "signature",
    "unreadable",
]
