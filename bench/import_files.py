"""Files for the bench of imports: the directory's own targets as a spreadsheet brings them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.directories.targets.models import Target
from app.kernel.identifiers import make_uscc
from app.security.models import Region

HEADINGS = (
    "统一社会信用代码",
    "名称",
    "行政区划代码",
    "住所",
    "法定代表人",
    "联系人",
    "登记状态",
    "成立日期",
)
WORKBOOK_ROWS = 100_000


def lines(session: Session, every: int) -> Iterator[list[str]]:
    """All targets of the base as a file brings them; one in `every` has moved."""
    t, region = Target.__table__.c, Region.__table__.c
    query = (
        select(
            t.code,
            t.name,
            region.code,
            t.address,
            t.legal_representative,
            t.contact,
            t.status,
            t.registered_on,
        )
        .join(Region.__table__, region.id == t.region_id)
        .where(t.source == "base")
        .order_by(t.id)
        .execution_options(yield_per=10_000)
    )
    for number, row in enumerate(session.execute(query)):
        cells = ["" if cell is None else str(cell) for cell in row]
        cells[5] = cells[5] or cells[4]
        if number % every == 0:
            cells[3] += "（已迁）"
        yield cells


def csv_of(rows: Iterable[list[str]]) -> bytes:
    out = io.BytesIO()
    letters = io.TextIOWrapper(out, encoding="utf-8", newline="")
    writer = csv.writer(letters)
    writer.writerow(HEADINGS)
    writer.writerows(rows)
    letters.flush()
    return out.getvalue()


def csv_file(session: Session, every: int = 100) -> bytes:
    return csv_of(lines(session, every))


def csv_of_others(session: Session, size: int) -> bytes:
    """As many rows that the directory does not know: the same enterprises under other codes."""
    known = iter(lines(session, size + 1))
    rows = ((cells, number) for number, cells in enumerate(known) if number < size)
    return csv_of(
        [make_uscc("9", "1", cells[2], f"X{'UWXT'[number // 10**6]}{number % 10**6:06d}"), *cells[1:]]
        for cells, number in rows
    )


def workbook(session: Session, rows: int = WORKBOOK_ROWS, every: int = 100) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
    page = book.add_worksheet("对象")
    page.write_row(0, 0, HEADINGS)
    for number, cells in enumerate(lines(session, every), 1):
        if number > rows:
            break
        for column, cell in enumerate(cells):
            page.write_string(number, column, cell)
    book.close()
    return out.getvalue()
