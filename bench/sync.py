"""`python -m bench.sync`: what a batch of 10,000 rows of a system takes, and a reading of the difference feed.

An own database with 200,000 synthetic targets; FULL=1 is 1,000,000, SIZE=n another number. The batch goes through
the service as an office's account: all new, the same again, one field of every row changed, one percent changed, and
every row against what a person typed. Then an agency pulls what all that has changed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from flask import Flask
from sqlalchemy import select, text

from app.db import Unit, db, unit_of_work
from app.directories.sources.feed import MOST, START, changes_since
from app.directories.sources.pushing.service import push_targets
from app.directories.sources.services.registering import register_system
from app.kernel.clock import today
from app.kernel.identifiers import make_uscc
from app.security.models import Account
from app.security.queries import actor_of, memberships_of, scope_for
from app.security.scope import Scope
from bench.scope import OFFICE, portal

ROWS = 10_000
SOURCE = "registration"


def rows(**changes: Any) -> list[dict[str, Any]]:
    return [
        {
            "source_id": f"R{n}",
            "code": make_uscc("9", "1", "640104", f"YY6{n:05d}"),
            "name": f"推送第{n}号示例",
            "region": "640104",
            "address": "银川市兴庆区解放街一号",
            "legal_representative": "张三示例",
            "contact": "李四示例",
            "phone": f"109{n:08d}",
            **changes,
        }
        for n in range(ROWS)
    ]


def acting(app: Flask) -> AbstractContextManager[Unit]:
    session = db.session()
    session.info["scope"] = Scope.system("bench")
    account = session.scalars(select(Account).where(Account.username == OFFICE)).one()
    membership = memberships_of(session, account.id)[0]
    clock = app.extensions["clock"]
    day = today(clock)
    return unit_of_work(actor_of(membership, day), scope_for(session, membership, day), clock)


def timed(name: str, act: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    found = act()
    print(f"{name:44} {time.perf_counter() - begun:7.2f} s   {found}", flush=True)
    return found


def push(app: Flask, batch: list[dict[str, Any]]) -> dict[str, int]:
    with acting(app) as unit:
        counts = push_targets(unit, SOURCE, batch).body["counts"]
    return {name: n for name, n in counts.items() if n}


def type_all() -> int:
    """Every pushed row as if a person had typed its contact."""
    stamp = text(
        "UPDATE target SET contact = '人工填写', field_sources = field_sources"
        ' || \'{"contact": ["form", "2026-11-23"]}\' WHERE code LIKE \'91640104YY6%\''
    )
    with db.engine.begin() as connection:
        return connection.execute(stamp).rowcount


def pull(app: Flask) -> str:
    at, told, answers, longest = START, 0, 0, 0.0
    with acting(app) as unit:
        while True:
            begun = time.perf_counter()
            answer = changes_since(unit.session, at, limit=MOST)
            longest = max(longest, time.perf_counter() - begun)
            told, answers = told + len(answer["rows"]), answers + 1
            head, tail = answer["next"].split(".")
            at = (int(head), int(tail))
            if not answer["more"]:
                return f"{told:,} rows in {answers} answers, the longest {longest:.2f} s"


def main() -> int:
    size = int(os.environ.get("SIZE") or (1_000_000 if os.environ.get("FULL") == "1" else 200_000))
    with portal(size) as app:
        print(f"{size:,} targets, batches of {ROWS:,} rows")
        with acting(app) as unit:
            register_system(unit, code=SOURCE, name="登记注册系统示例", agency_id=None)
        timed("all new", lambda: push(app, rows()))
        timed("the same again", lambda: push(app, rows()))
        timed("every row changed", lambda: push(app, rows(address="银川市兴庆区解放街二号")))
        few = rows(address="银川市兴庆区解放街二号")
        for row in few[:: ROWS // 100]:
            row["address"] = "银川市兴庆区解放街三号"
        timed("one row in a hundred changed", lambda: push(app, few))
        type_all()
        timed("every row against what a person typed", lambda: push(app, rows(contact="王五示例")))
        timed("the feed from its beginning", lambda: pull(app))
    return 0


if __name__ == "__main__":
    sys.exit(main())
