"""The security log as a file: written line by line, so that a million lines need no memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

import xlsxwriter
from flask_babel import gettext as _

from app.kernel.clock import SHANGHAI
from app.kernel.workbook import harmless
from app.ops.security_log.actions import action_name, outcome_name
from app.ops.security_log.details import log_detail
from app.ops.security_log.filters import LogFilter
from app.security.models import SecurityLog

MOST_PER_SHEET = 1_000_000
Row = list[str]
Names = Callable[[list[SecurityLog]], Mapping[str, str]]


def headings() -> Row:
    return [
        _("Number"),
        _("Time"),
        _("Account"),
        _("Name"),
        _("Agency"),
        _("From address"),
        _("Program"),
        _("What was done"),
        _("Code"),
        _("Subject"),
        _("Outcome"),
        _("Detail"),
    ]


def rows(pieces: Iterable[list[SecurityLog]], names: Names) -> Iterator[Row]:
    """The cells of all lines, in the language in force."""
    for piece in pieces:
        known = names(piece)
        for line in piece:
            yield [
                str(line.id),
                line.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
                known.get(f"name:{line.user_id}", ""),
                known.get(f"account:{line.user_id}", ""),
                known.get(f"agency:{line.agency_id}", ""),
                line.address,
                line.agent,
                action_name(line.action),
                line.action,
                line.subject,
                outcome_name(line.outcome),
                log_detail(line),
            ]


def watermark(who: str, at: datetime, asked: LogFilter) -> str:
    """Who took it out, when, and what was asked for: the first line of every file."""
    filters = "; ".join(f"{name}={value}" for name, value in asked.as_data().items()) or "-"
    moment = at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return _(
        "Security log, exported by %(who)s at %(at)s. Filters: %(filters)s",
        who=who,
        at=moment,
        filters=filters,
    )


def write(kind: str, target: BinaryIO, mark: str, lines: Iterable[Row]) -> int:
    """Write a file of a kind; gives the number of lines. No cell becomes a formula."""
    return _write_xlsx(target, mark, lines) if kind == "xlsx" else _write_csv(target, mark, lines)


def _write_csv(target: BinaryIO, mark: str, lines: Iterable[Row]) -> int:
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer, number = csv.writer(text, lineterminator="\r\n"), 0
    writer.writerow([harmless(mark)])
    writer.writerow(headings())
    for line in lines:
        writer.writerow([harmless(cell) for cell in line])
        number += 1
    text.flush()
    text.detach()
    return number


def _write_xlsx(target: BinaryIO, mark: str, lines: Iterable[Row]) -> int:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target, options)
    bold, note = book.add_format({"bold": True}), book.add_format({"italic": True})
    sheet: Any = None
    number = place = 0
    for line in lines:
        number += 1
        if sheet is None or place >= MOST_PER_SHEET:
            sheet, place = _new_sheet(book, mark, bold, note), 2
        for column, cell in enumerate(line):
            sheet.write_string(place, column, harmless(cell)[:32_000])
        place += 1
    if sheet is None:
        _new_sheet(book, mark, bold, note)
    book.close()
    return number


def _new_sheet(book: Any, mark: str, bold: Any, note: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.set_column(0, 11, 18)
    sheet.set_footer("&L" + mark.replace("&", "&&")[:240])
    sheet.write_string(0, 0, harmless(mark), note)
    for column, heading in enumerate(headings()):
        sheet.write_string(1, column, heading, bold)
    return sheet
