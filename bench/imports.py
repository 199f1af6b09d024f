"""`python -m bench.imports`: how long a file takes on its way into a directory that is full already.

An own database with 100,000 fictional targets; FULL=1 is 1,000,000. A CSV of all of them, one in a hundred with
another address, goes the way of a big file: looked at, compared in steps of a worker, written. Then a workbook of
100,000 rows is checked. Counts what was written, and says the most memory that was taken.
"""

from __future__ import annotations

import csv
import io
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.db import Unit, db, unit_of_work
from app.db.history import RowHistory
from app.directories.importing import services
from app.directories.importing.jobs import import_file
from app.directories.importing.models import ImportRun
from app.directories.rules import ImportMode
from app.directories.targets.models import Target
from app.kernel.clock import FixedClock, today
from app.security.models import Account, Region
from app.security.queries import actor_of, memberships_of, scope_for
from bench import population
from tests import conftest, servers

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
WHO = "region_office"
MOST_SECONDS_OF_A_DIFFERENCE = 180
MOST_SECONDS_OF_A_PREVIEW = 60
WORKBOOK_ROWS = 100_000


@dataclass
class Taken:
    """Seconds until the difference was shown and until it was written, and those of them that this process spent on a
    processor (a busy machine stretches the first two); the run's figures; rows really written.
    """

    checked: float
    written: float
    processor: float
    figures: dict[str, Any]
    rows_written: int


@contextmanager
def portal(size: int) -> Iterator[Flask]:
    """The portal on a database of its own with so many targets more."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "demo_password").write_text(conftest.DEMO_PASSWORD)
        url = servers.create_database_from_template("bench_imports", conftest.template_of(home))
        app = conftest.application_on(url, home, FixedClock(conftest.START))
        try:
            with app.app_context():
                connection = db.engine.raw_connection()
                connection.driver_connection.execute("SET statement_timeout = 0")
                population.targets(connection.driver_connection, size)
                connection.driver_connection.commit()
                connection.driver_connection.autocommit = True
                connection.driver_connection.execute("ANALYZE target")
                connection.driver_connection.autocommit = False
                connection.close()
                yield app
                db.session.remove()
                db.engine.dispose()
        finally:
            servers.drop_database(url.rpartition("/")[2])


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


def csv_file(session: Session, every: int = 100) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    writer.writerows(lines(session, every))
    return out.getvalue().encode()


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


@contextmanager
def acting(app: Flask, name: str = WHO) -> Iterator[Unit]:
    session, clock = db.session(), app.extensions["clock"]
    account = session.scalars(select(Account).where(Account.username == name)).one()
    mine = memberships_of(session, account.id)[0]
    day = today(clock)
    with unit_of_work(actor_of(mine, day), scope_for(session, mine, day), clock) as unit:
        yield unit


def take(app: Flask, content: bytes, file_name: str, *, commit: bool = True) -> Taken:
    """One file as the page and the worker take it: every step in a transaction of its own."""
    started, spent = time.perf_counter(), time.process_time()
    with acting(app) as unit:
        run = services.receive(unit, "targets", content, file_name, mode=ImportMode.UPDATE, agency_id=None)
        number = run.id
    _work(app, number)
    checked = time.perf_counter()
    if commit:
        with acting(app) as unit:
            services.take_over(unit, number, skip_bad=True)
        _work(app, number)
    done, spent = time.perf_counter(), time.process_time() - spent
    with acting(app) as unit:
        run = unit.session.get_one(ImportRun, number)
        wrote = select(func.count()).where(RowHistory.cause == run.cause)
        figures = {k: v for k, v in run.report.items() if isinstance(v, int)}
        return Taken(
            checked - started,
            done - checked,
            spent,
            {**figures, "state": run.state},
            unit.session.scalar(wrote) or 0,
        )


def _work(app: Flask, number: int) -> None:
    while True:
        with acting(app) as unit:
            run = unit.session.get_one(ImportRun, number)
            if not run.is_busy:
                return
            unit.session.execute(text("SET LOCAL statement_timeout = 0"))
            step = "commit" if run.state == "committing" else "check" if run.attempt else "look"
            args = {"run": number, "step": step, "attempt": run.attempt, "skip_bad": True}
            import_file(unit, args, lambda done, total=None: None)


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> int:
    size = 1_000_000 if os.environ.get("FULL") else 100_000
    with portal(size) as app:
        session = db.session()
        content, book = csv_file(session), workbook(session)
        db.session.remove()
        preview = take(app, book, "对象.xlsx", commit=False)
        print(
            f"workbook of {preview.figures['rows']:,} rows ({len(book) >> 20} MB) checked in {preview.checked:.1f} s, "
            f"{preview.processor:.1f} s of them on a processor",
            flush=True,
        )
        found = take(app, content, "对象.csv")
        print(
            f"text of {found.figures['rows']:,} rows ({len(content) >> 20} MB): compared in {found.checked:.1f} s, "
            f"written in {found.written:.1f} s, {found.processor:.1f} s of them on a processor; {found.figures}; "
            f"{found.rows_written:,} rows written; "
            f"at most {megabytes():,} MB of memory"
        )
    wrong = (
        found.checked + found.written > MOST_SECONDS_OF_A_DIFFERENCE
        or preview.checked > MOST_SECONDS_OF_A_PREVIEW
        or found.rows_written != found.figures["changed"] + found.figures["new"]
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
