"""`python -m bench.imports`: how long a file takes on its way into a directory that is full already.

An own database with 100,000 fictional targets; FULL=1 is 1,000,000. Every file goes the way of a big one: looked at,
compared in steps of a worker, written. A workbook of 100,000 rows is checked; a CSV of all targets, one in a hundred
with another address, is compared and written; a CSV of as many new ones is written beside a baseline of the same
minute, one process that reads and validates the same rows and hands them to a bare COPY; then it is undone as a whole.
Seconds are of the wall, and of the processors (this process and the database), as a busy machine stretches the first.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from sqlalchemy import func, select, text

from app.db import Unit, db, unit_of_work
from app.db.history import RowHistory
from app.directories.importing import services
from app.directories.importing.jobs import import_file
from app.directories.importing.models import ImportRun
from app.directories.importing.undoing import undo_import
from app.directories.rules import ImportMode
from app.directories.targets.entries import COLUMNS, FIELDS, check_row
from app.directories.targets.models import Target
from app.directories.targets.vocabulary import vocabulary
from app.directories.undoing import services as undoing
from app.directories.undoing.models import UndoRun
from app.kernel.clock import FixedClock, today
from app.kernel.spreadsheet import iter_rows
from app.security.models import Account
from app.security.protection.bulk import Sealing
from app.security.queries import actor_of, memberships_of, scope_for
from bench import population
from bench.import_files import csv_file, csv_of_others, workbook
from bench.watch import Spent, Watch
from tests import conftest, servers

WHO = "region_office"
MOST_SECONDS_OF_A_DIFFERENCE = 180
MOST_SECONDS_OF_A_PREVIEW = 60
MOST_TIMES_A_COPY = 3


@dataclass
class Taken:
    """Until the difference was shown, and from then until it was written; the run's figures; rows really written."""

    run_id: int
    checked: Spent
    written: Spent
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
    watch = Watch()
    with acting(app) as unit:
        run = services.receive(unit, "targets", content, file_name, mode=ImportMode.UPDATE, agency_id=None)
        number = run.id
    _work(app, number)
    checked, watch = watch.read(), Watch()
    if commit:
        with acting(app) as unit:
            services.take_over(unit, number, skip_bad=True)
        _work(app, number)
    written = watch.read()
    with acting(app) as unit:
        run = unit.session.get_one(ImportRun, number)
        wrote = select(func.count()).where(RowHistory.cause == run.cause)
        figures = {k: v for k, v in run.report.items() if isinstance(v, int)}
        rows = unit.session.scalar(wrote) or 0
        return Taken(number, checked, written, {**figures, "state": run.state}, rows)


def undo(app: Flask, number: int) -> tuple[Spent, int]:
    """The whole import taken back: what it took, and how many rows are gone."""
    watch = Watch()
    with acting(app) as unit:
        asked = undo_import(unit, number, "测量").id
    with acting(app) as unit:
        undoing.finish(unit, asked)
    spent = watch.read()
    with acting(app) as unit:
        return spent, unit.session.get_one(UndoRun, asked).removed


def bare_copy(app: Flask, content: bytes, *, indexes: bool) -> Spent:
    """The same rows read and validated in this one process and handed to COPY, into a table like the directory's.

    :param indexes: with its keys and indexes, as the directory must have them to be searched; else a bare heap
    """
    names = ("code", "code_kind", *(column for column, _ in FIELDS), "source", "risk_class")
    seals = Sealing(Target.__table__, names)  # type: ignore[arg-type]
    into = ", ".join([*names, *seals.digests])
    like = "INCLUDING ALL" if indexes else "INCLUDING DEFAULTS INCLUDING IDENTITY"
    connection = db.engine.raw_connection()
    driver: Any = connection.driver_connection
    driver.execute("SET statement_timeout = 0")
    driver.execute(f"CREATE TABLE bare_copy (LIKE target {like})")
    driver.commit()
    with acting(app) as unit:
        words = vocabulary(unit.session, unit.scope)
    watch = Watch()
    with driver.cursor() as cursor, cursor.copy(f"COPY bare_copy ({into}) FROM STDIN") as copy:
        for row in iter_rows(content, "对象.csv", COLUMNS):
            entry, _faults = check_row(row, words)
            if entry is not None:
                values = (entry.code, entry.code_kind, *(getattr(entry, column) for column, _ in FIELDS))
                copy.write_row(seals.row([*values, "base", "N"]))
    driver.commit()
    spent = watch.read()
    driver.execute("DROP TABLE bare_copy")
    driver.commit()
    connection.close()
    return spent


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
        return 0 if all([previewed(app), differing(app), fresh(app, size)]) else 1


def previewed(app: Flask) -> bool:
    book = workbook(db.session())
    db.session.remove()
    found = take(app, book, "对象.xlsx", commit=False)
    print(
        f"workbook of {found.figures['rows']:,} rows ({len(book) >> 20} MB) checked in {found.checked}"
        f" (goal {MOST_SECONDS_OF_A_PREVIEW})",
        flush=True,
    )
    return found.checked.wall <= MOST_SECONDS_OF_A_PREVIEW


def differing(app: Flask) -> bool:
    content = csv_file(db.session())
    db.session.remove()
    found = take(app, content, "对象.csv")
    print(
        f"difference of {found.figures['rows']:,} rows ({len(content) >> 20} MB): compared in {found.checked},"
        f" written in {found.written} (goal {MOST_SECONDS_OF_A_DIFFERENCE} in all); {found.figures};"
        f" {found.rows_written:,} rows written; at most {megabytes():,} MB of memory",
        flush=True,
    )
    is_exact = found.rows_written == found.figures["changed"] + found.figures["new"]
    return is_exact and found.checked.wall + found.written.wall <= MOST_SECONDS_OF_A_DIFFERENCE


def fresh(app: Flask, size: int) -> bool:
    content = csv_of_others(db.session(), size)
    db.session.remove()
    heap = bare_copy(app, content, indexes=False)
    base = bare_copy(app, content, indexes=True)
    found = take(app, content, "新.csv")
    whole = found.checked + found.written
    print(
        f"{found.figures['new']:,} new rows: compared in {found.checked}, written in {found.written}\n"
        f"  validation and COPY into the same indexes: {base}; the import is {whole.wall / base.wall:.1f}x,"
        f" {whole.processors / base.processors:.1f}x of the processors (goal {MOST_TIMES_A_COPY})\n"
        f"  validation and COPY into a table without any: {heap}; the import is {whole.wall / heap.wall:.1f}x",
        flush=True,
    )
    spent, removed = undo(app, found.run_id)
    print(f"undone as a whole: {removed:,} rows in {spent}", flush=True)
    return removed == found.figures["new"] and whole.wall <= MOST_TIMES_A_COPY * base.wall


if __name__ == "__main__":
    sys.exit(main())
