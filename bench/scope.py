"""`python -m bench.scope`: what the scope costs on the list of targets, and on a page.

An own database with 200,000 synthetic targets; FULL=1 is 1,000,000. The portal's own list (`targets.queries`)
is asked through the session as an office's scope and, in the same run by turns, as system work; both get the
same rows. The page is `/targets/` over the application, once with the person's scope and once with the same
scope that everything is open to. Medians; the ratio is what counts.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from sqlalchemy import select, text

from app.db import db
from app.directories.targets.queries import TargetFilter, count, page
from app.kernel.clock import FixedClock, today
from app.security import context
from app.security.models import Account
from app.security.queries import memberships_of, scope_for
from app.security.scope import Scope
from tests import conftest, servers

ROUNDS = 30
LIMIT = 1.2
OFFICE = "office"
FILL = """
INSERT INTO target (code, code_kind, name, kind, industry_code, region_id, address, legal_representative,
                    contact, phone, home_address, status, risk_class, source)
SELECT 'B' || n, 'internal', chr(19968 + n * 7 % 5000) || chr(19968 + n * 13 % 5000) || '示例' || n,
       like_.kind, (ARRAY(SELECT code FROM industry WHERE length(code) = 4 ORDER BY code))[1 + n * 31 % 900],
       (ARRAY(SELECT id FROM region ORDER BY id))[1 + n * 17 % (SELECT count(*) FROM region)],
       '示例路', '示例', '示例', like_.phone, like_.home_address, 'active',
       (ARRAY['A', 'B', 'C', 'D'])[1 + n % 4], 'base'
FROM generate_series(1, :size) AS n, (SELECT * FROM target ORDER BY id LIMIT 1) AS like_
"""


@contextmanager
def portal(size: int) -> Iterator[Flask]:
    """The portal on a database of its own that holds so many targets."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "demo_password").write_text(conftest.DEMO_PASSWORD)
        url = servers.create_database_from_template("bench", conftest.template_of(home))
        app = conftest.application_on(url, home, FixedClock(conftest.START))
        try:
            with app.app_context():
                _fill(size)
                yield app
                db.session.remove()
                db.engine.dispose()
        finally:
            servers.drop_database(url.rpartition("/")[2])
            servers.leave_servers()


def _fill(size: int) -> None:
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE target DISABLE TRIGGER USER"))
        connection.execute(text(FILL), {"size": size})
        connection.execute(text("ALTER TABLE target ENABLE TRIGGER USER"))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def lists(region: str) -> dict[str, TargetFilter]:
    """What people narrow the list to, within one region, so that both scopes see the same rows."""
    return {
        "first page": TargetFilter(region=region),
        "by class": TargetFilter(region=region, risk_class="D"),
        "by industry": TargetFilter(region=region, industry="F"),
        "by name": TargetFilter(region=region, q="示例12"),
    }


def ask(scope: Scope, wanted: TargetFilter, counted: bool) -> tuple[float, Any]:
    """Milliseconds of one page, or of its count, in a session of its own, and what was found."""
    session = db.session()
    session.info["scope"] = scope
    begun = time.perf_counter()
    found = count(session, wanted).n if counted else [row.id for row in page(session, wanted).rows]
    taken = time.perf_counter() - begun
    db.session.remove()
    return taken * 1000, found


def get(app: Flask, client: Any, path: str, everything: bool) -> tuple[float, Any]:
    """Milliseconds of one request."""
    found = context.scope_for
    if everything:
        context.scope_for = lambda *args: replace(found(*args), everything=True, reason="bench")
    begun = time.perf_counter()
    answer = client.get(path)
    taken = time.perf_counter() - begun
    context.scope_for = found
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return taken * 1000, answer.status_code


def compare(
    name: str, scoped: Callable[[], tuple[float, Any]], open_: Callable[[], tuple[float, Any]]
) -> tuple[float, float]:
    """Both by turns; prints and returns their medians in milliseconds."""
    if scoped()[1] != open_()[1]:
        raise RuntimeError(f"{name}: the two lists are not the same")
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(2 * ROUNDS):
        which = (turn + turn // 2) % 2
        times[which].append((scoped, open_)[which]()[0])
    mine, all_ = map(median, times)
    print(f"{name:30} scope {mine:8.2f} ms   system {all_:8.2f} ms   ratio {mine / all_:5.2f}")
    return mine, all_


def main() -> int:
    size = 1_000_000 if os.environ.get("FULL") == "1" else 200_000
    with portal(size) as app:
        account = db.session.scalars(select(Account).where(Account.username == OFFICE)).one()
        membership = memberships_of(db.session(), account.id)[0]
        scope = scope_for(db.session(), membership, today(app.extensions["clock"]))
        region = membership.agency.region.code
        user_id = account.id
        print(f"{size:,} targets; scope of {OFFICE}: {len(scope.region_ids)} regions")
        system = Scope.system("bench")
        taken = [
            compare(
                f"{what} {name}",
                partial(ask, scope, wanted, what == "count"),
                partial(ask, system, wanted, what == "count"),
            )
            for name, wanted in lists(region).items()
            for what in ("list", "count")
        ]
        client = conftest._Browser(app, app.response_class, use_cookies=True)
        client.sign_in(user_id)
        for path in ("/targets/?region=" + region, "/"):
            compare(
                f"page {path}",
                partial(get, app, client, path, False),
                partial(get, app, client, path, True),
            )
    mine, all_ = (sum(side) for side in zip(*taken, strict=True))
    print(
        f"all lists and counts: {mine:.1f} ms against {all_:.1f} ms, ratio {mine / all_:.2f}; limit {LIMIT}"
    )
    return 1 if mine / all_ > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
