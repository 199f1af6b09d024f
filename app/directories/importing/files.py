"""What an import hands out: a template with the office's own words, and the bad rows as the same sheet again."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import xlsxwriter
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, undefer
from xlsxwriter.utility import xl_col_to_name

from app.directories.importing.kinds import ImportKind
from app.directories.importing.models import ImportBatch, ImportRun
from app.directories.importing.packing import BadRow, unpack
from app.directories.importing.reports import sentence_of_fault
from app.kernel.workbook import LONGEST_CELL, harmless

TEMPLATE_ROWS = 5000
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": True}


def template(kind: ImportKind, words: Mapping[str, Iterable[str]], title: str) -> bytes:
    """A workbook with the columns of a kind: every cell is text, so that no spreadsheet makes numbers of codes; words
    of vocabularies are drop-downs, filled from a sheet of their own that shows them all.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {**_OPTIONS, "constant_memory": False, "in_memory": True})
    page, lists = book.add_worksheet(title[:31]), book.add_worksheet(_("Words"))
    text = book.add_format({"num_format": "@"})
    needed = book.add_format({"bold": True, "bg_color": "#fff3d6", "border": 1})
    usual = book.add_format({"bold": True, "bg_color": "#eef2f7", "border": 1})
    page.freeze_panes(1, 0)
    at = 0
    for number, column in enumerate(kind.columns):
        page.write_string(0, number, column.headings[0], needed if column.mandatory else usual)
        page.set_column(number, number, 2 * len(column.headings[0]) + 8, text)
        offered = list(words.get(column.name, ()))
        if not offered:
            continue
        lists.write_string(0, at, column.headings[0], usual)
        for line, word in enumerate(offered, start=1):
            lists.write_string(line, at, harmless(word), text)
        lists.set_column(at, at, 30)
        letter = xl_col_to_name(at)
        page.data_validation(
            1,
            number,
            TEMPLATE_ROWS,
            number,
            {
                "validate": "list",
                "source": f"='{lists.get_name()}'!${letter}$2:${letter}${len(offered) + 1}",
                "error_type": "warning",
                "error_title": column.headings[0],
                "error_message": _("Please take a word of the list."),
            },
        )
        at += 1
    page.activate()
    book.close()
    return out.getvalue()


def bad_rows_of(session: Session, run: ImportRun) -> Iterator[BadRow]:
    """The rows with faults in the order of the file."""
    query = (
        select(ImportBatch.id)
        .where(ImportBatch.run_id == run.id, ImportBatch.position >= 0, ImportBatch.bad > 0)
        .order_by(ImportBatch.position)
    )
    for batch_id in session.scalars(query).all():
        batch = session.scalars(
            select(ImportBatch).where(ImportBatch.id == batch_id).options(undefer(ImportBatch.content))
        ).one()
        yield from unpack(batch.content).bad
        session.expunge(batch)


def bad_sheet(run: ImportRun, rows: Iterable[BadRow]) -> tuple[bytes, str]:
    """The rows with the headings of the file, the reasons in the first column; as CSV or XLSX, as it came."""
    headings = {one["name"]: one["labels"] for one in run.settings.get("sheets", [])}
    as_csv = run.settings.get("format") == "csv"
    return (_csv(headings, rows), "csv") if as_csv else (_xlsx(headings, rows), "xlsx")


def _line(row: BadRow) -> list[str]:
    reasons = "；".join(
        f"{fault.column}：{sentence_of_fault(fault)}" if fault.column else sentence_of_fault(fault)
        for fault in row.faults
    )
    return [reasons, str(row.row), *row.cells]


def _heads(labels: Sequence[str]) -> list[str]:
    return [_("What is wrong"), _("Row of the file"), *labels]


def _csv(headings: Mapping[str, Sequence[str]], rows: Iterable[BadRow]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(cell) for cell in _heads(next(iter(headings.values()), []))])
    writer.writerows([harmless(cell) for cell in _line(row)] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _xlsx(headings: Mapping[str, Sequence[str]], rows: Iterable[BadRow]) -> bytes:
    """One sheet for each of the file, every cell text."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {**_OPTIONS, "in_memory": True})
    bold = book.add_format({"bold": True})
    text = book.add_format({"num_format": "@"})
    sheet, page, line = None, None, 0
    used: set[str] = set()
    for row in rows:
        if page is None or row.sheet != sheet:
            sheet, line = row.sheet, 0
            page = book.add_worksheet(_sheet_name(sheet or "1", used))
            page.set_column(0, 0, 60)
            page.set_column(1, 1, 10)
            for at, label in enumerate(_heads(headings.get(row.sheet, []))):
                page.write_string(0, at, harmless(label)[:LONGEST_CELL], bold)
        line += 1
        for at, cell in enumerate(_line(row)):
            page.write_string(line, at, harmless(cell)[:LONGEST_CELL], text)
    if page is None:
        book.add_worksheet("1")
    book.close()
    return out.getvalue()


def _sheet_name(name: str, used: set[str]) -> str:
    """A name that a workbook takes: 31 letters, none of `[]:*?/\\`, no apostrophe at an end, each once."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip("' ")[:31] or "1"
    found, number = plain, 1
    while found.casefold() in used:
        number += 1
        found = f"{plain[: 30 - len(str(number))]} {number}"
    used.add(found.casefold())
    return found
