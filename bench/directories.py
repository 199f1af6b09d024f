"""`python -m bench.directories`: the list of targets beside the stock views of two toolkits, on the same table.

An own database with 50,000 fictional targets; FULL=1 is 1,000,000. In one run and by turns: the portal's page (log-in,
permissions, the regional office's scope, masks, total) and the stock lists of Flask-AppBuilder and Flask-Admin,
which have none of that. Medians of the whole answer and of the time in SQL; the ratios are what counts. After that
goal 1: random pages of random orders with three filters, and searches alone; the other long lists of the directories;
and goal 3's export with its memory. KEEP=1 keeps the filled database for the next run (see `bench.filled`).
"""

from __future__ import annotations

import gzip
import os
import random
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, event, func, select
from sqlalchemy.engine import Engine

from app.db import db
from app.directories.listing.state import Place, token
from app.directories.targets.models import Target
from app.security.models import Account
from bench import stock
from bench.filled import portal
from tests import conftest

FULL = os.environ.get("FULL") == "1"
SIZE = 1_000_000 if FULL else 50_000
DEEP = 5_000 if FULL else 500
ROUNDS = 5 if FULL else 11
WHO = "region_office"
WORD = "云悦"
SORTS = ("name", "-name", "code", "-risk_class", "last_checked_on", "-last_checked_on", "region")


@dataclass
class Watched:
    """Statements and the time in them while a request is answered."""

    seconds: float = 0.0
    statements: int = 0
    begun: list[float] = field(default_factory=list)


watched = Watched()


@event.listens_for(Engine, "before_cursor_execute")
def _begin(connection: Any, *rest: Any) -> None:
    connection.info["bench"] = time.perf_counter()


@event.listens_for(Engine, "after_cursor_execute")
def _end(connection: Any, *rest: Any) -> None:
    watched.seconds += time.perf_counter() - connection.info["bench"]
    watched.statements += 1


@dataclass(frozen=True)
class Answer:
    whole: float
    sql: float
    processor: float
    statements: int
    size: int
    packed: int


def ask(client: Any, path: str) -> Answer:
    """One request: milliseconds in all, in SQL and of this process's processor, statements, bytes as they go over
    the wire and as gzip -6 would make them (pages with a form are sent as they are, see `app.web.options`).
    """
    watched.seconds, watched.statements = 0.0, 0
    begun, used = time.perf_counter(), time.process_time()
    answer = client.get(path, headers={"Accept-Encoding": "gzip"}, follow_redirects=False)
    content = answer.get_data()
    taken, used = time.perf_counter() - begun, time.process_time() - used
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    sql, statements = watched.seconds * 1000, watched.statements
    packed = len(gzip.compress(content, 6))
    return Answer(taken * 1000, sql, used * 1000, statements, len(content), packed)


def rows(deep: Place) -> dict[str, tuple[str, str | None, str | None]]:
    """What is asked: of the portal, of Flask-AppBuilder, of Flask-Admin (None: it has nothing of the kind)."""
    filters = {"kind": "enterprise", "status": "active", "risk_class": "B"}
    ours = "&".join(f"{name}={value}" for name, value in filters.items())
    builder = "&".join(f"_flt_3_{name}={value}" for name, value in filters.items())
    admin = "&".join(f"flt{n}_{name}_equals={value}" for n, (name, value) in enumerate(filters.items()))
    table, grid = "/plainview/list/", "/admin/plain/"
    return {
        "list": ("/targets/", table, grid),
        "three filters": (f"/targets/?{ours}", f"{table}?{builder}", f"{grid}?{admin}"),
        "search": (f"/targets/?q={WORD}", f"{table}?_flt_2_name={WORD}", f"{grid}?search={WORD}"),
        f"page {DEEP:,}": (
            f"/targets/?after={token(deep)}",
            f"{table}?page_PlainView={DEEP - 1}",
            f"{grid}?page={DEEP - 1}",
        ),
    }


def deep_place() -> Place:
    table = Target.__table__.c
    at = (DEEP - 1) * stock.PAGE - 1
    row = db.session.execute(
        select(table.name, table.id).order_by(table.name, table.id).offset(at).limit(1)
    ).one()
    return Place(row.name, row.id)


def compare(name: str, asked: list[tuple[Any, str | None]]) -> list[tuple[float, float]]:
    """All by turns; returns the medians, whole and in SQL, of each."""
    found: list[list[Answer]] = [[] for _ in asked]
    for turn in range(ROUNDS + 1):
        for which, (client, path) in enumerate(asked):
            if path is not None:
                answer = ask(client, path)
                if turn:
                    found[which].append(answer)
    medians = [
        (median(a.whole for a in one), median(a.sql for a in one)) if one else (0.0, 0.0) for one in found
    ]
    mine = medians[0]
    line = f"{name:15} portal {mine[0]:7.1f} ms (SQL {mine[1]:6.1f})"
    for other, (whole, sql) in zip(("Flask-AppBuilder", "Flask-Admin"), medians[1:], strict=True):
        line += f"   {other} {whole:8.1f} ms (SQL {sql:7.1f}) = {whole / mine[0]:5.1f}x (SQL {sql / mine[1]:6.1f}x)"
    used = [median(a.processor for a in one) for one in found if one]
    line += "   processor " + " / ".join(f"{ms:.0f}" for ms in used) + " ms"
    print(line, flush=True)
    return medians


def any_page(client: Any, times: int) -> bool:
    """Goal 1: three filters, any order, any page."""
    chance = random.Random(1)
    table = Target.__table__.c
    top = db.session.execute(select(func.max(table.id))).scalar_one()
    answers = []
    for _ in range(times):
        sort = chance.choice(SORTS)
        key = sort.lstrip("-")
        column = table["region_id" if key == "region" else key]
        row = db.session.execute(
            select(column, table.id).where(table.id >= chance.randrange(top)).order_by(table.id).limit(1)
        ).one()
        filters = chance.choice(
            (
                "kind=enterprise&status=active&risk_class=D",
                "kind=individual&status=active&industry=52",
                "region=640104&status=active&industry=H",
                "region=640300&kind=enterprise&not_checked_since=2025-06-01",
                "kind=enterprise&status=closed&tag=食品",
            )
        )
        search = (
            f"&q={chance.choice(('云悦', '银川', '超市', '解放东路', 'nxyy'))}"
            if chance.random() < 0.3
            else ""
        )
        answers.append(ask(client, f"/targets/?{filters}{search}&sort={sort}&after={token(Place(*row))}"))
    return reported(f"{times} random pages, three filters", answers)


def searches(client: Any) -> bool:
    """Goal 1: parts of names, whole regions, initials, parts of codes and addresses."""
    words = (WORD, "超市", "银川", "塞上", "清和商贸", "示例", "nxyy", "9164", "解放东路", "酒店")
    return reported("searches", [ask(client, f"/targets/?q={word}") for word in words for _ in range(3)])


def others(client: Any) -> bool:
    """The other lists that are as long."""
    paths = (
        "/permits/",
        "/permits/?standing=ends_soon&sort=number",
        f"/permits/?q={WORD}",
        "/premises/",
        f"/premises/?q={WORD}",
        "/inspectors/",
        "/merging/twins",
    )
    good = [reported(path, [ask(client, path) for _ in range(4)][1:], most=500) for path in paths]
    return all(good)


def reported(what: str, answers: list[Answer], most: float = 300) -> bool:
    p95 = quantiles((a.whole for a in answers), n=20, method="inclusive")[-1]
    middle, used = median(a.whole for a in answers), median(a.processor for a in answers)
    statements = max(a.statements for a in answers)
    size, packed = max(a.size for a in answers), max(a.packed for a in answers)
    print(
        f"{what}: p50 {middle:.0f} ms, p95 {p95:.0f} ms (goal {most:.0f}), processor {used:.0f} ms; at most"
        f" {statements} statements (12); {packed / 1000:.1f} kB compressed (50), {size / 1000:.1f} kB as sent",
        flush=True,
    )
    return p95 < most and statements <= 12 and packed < 50_000


def resident() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def measured(rows: Iterable[Any], peak: list[float]) -> Iterator[Any]:
    """The rows, and in `peak` the most that was held meanwhile."""
    for number, row in enumerate(rows):
        if number % 5_000 == 0:
            peak[0] = max(peak[0], resident())
        yield row


def export(app: Flask, stock_client: Any) -> bool:
    """Everything as CSV and as a workbook: seconds, and by how much the process grew; beside the stock export, which
    has a CSV only.
    """
    begun, before = time.perf_counter(), resident()
    size = len(stock_client.get("/admin/plain/export/csv/").get_data()) / 1e6
    stock_took, grown = time.perf_counter() - begun, resident() - before
    print(
        f"export by Flask-Admin, CSV: {size:.0f} MB in {stock_took:.1f} s, memory grown by {grown:.0f} MB and more"
    )
    good = [export_as(kind, app, stock_took) for kind in ("csv", "xlsx")]
    return all(good)


def export_as(kind: str, app: Flask, stock_took: float) -> bool:
    from app.directories.exporting import cells
    from app.directories.listing.chosen import Chosen
    from app.directories.listing.listing import listings
    from app.directories.listing.state import ListState
    from app.kernel.workbook import Watermark, write_sheet

    session = db.session()
    account = session.scalars(select(Account).where(Account.username == WHO)).one()
    with conftest._unit_as(account.username, app.extensions["clock"]) as unit, app.test_request_context():
        listing = listings["targets"].as_seen_by(unit.actor.roles)
        chosen = Chosen(ListState(sort="name"), None)
        columns = cells.columns_of(listing, chosen, clear=False)
        before, begun, peak = resident(), time.perf_counter(), [0.0]
        with TemporaryDirectory() as folder, open(Path(folder) / f"all.{kind}", "wb") as target:
            content = measured(
                cells.rows_of(unit.session, listing, chosen, columns, unit.actor.roles, None), peak
            )
            mark = Watermark("bench", "bench", "bench", unit.clock.now())
            written = write_sheet(kind, target, [str(c.label) for c in columns], content, mark, title="bench")
            peak[0] = max(peak[0], resident())
        taken = time.perf_counter() - begun
        grown = peak[0] - before
    print(
        f"export of {written:,} rows as {kind.upper()}: {taken:.1f} s, the stock CSV takes {stock_took / taken:.1f}x;"
        f" memory grown by {grown:.0f} MB (goal under 200)",
        flush=True,
    )
    return grown < 200 and (kind != "csv" or taken < stock_took)


def main() -> int:
    with portal(SIZE) as (app, url):
        account = db.session.scalars(select(Account).where(Account.username == WHO)).one()
        client = conftest._Browser(app, app.response_class, use_cookies=True)
        client.sign_in(account.id)
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        builder = stock.appbuilder_app(engine, str(engine.url)).test_client()
        admin = stock.admin_app(engine).test_client()
        figures = {
            name: compare(name, list(zip((client, builder, admin), paths, strict=True)))
            for name, paths in rows(deep_place()).items()
        }
        good = all([any_page(client, 100 if FULL else 30), searches(client), others(client)])
        good = export(app, admin) and good
        engine.dispose()
    return 0 if good and all(map(_faster, figures.values())) else 1


def _faster(medians: list[tuple[float, float]]) -> bool:
    return all(whole > medians[0][0] for whole, _ in medians[1:])


if __name__ == "__main__":
    sys.exit(main())
