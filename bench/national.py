"""`python -m bench.national`: what a batch of 10,000 results of a national system takes, in wall and processor time.

An own database with 200,000 synthetic targets (SIZE=n another number). The batch goes through the service as the
account of the agency's administrator: all new, the same again, one field of every row changed, one percent changed.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.db import Unit, db, unit_of_work
from app.directories.inspectors.models import Inspector
from app.directories.sources.services.registering import register_system
from app.directories.targets.models import Target
from app.inspections.national.pushing import push_results, push_tasks
from app.kernel.clock import today
from app.security.models import Account, Region
from app.security.queries import actor_of, memberships_of, scope_for
from app.security.scope import Scope
from bench.scope import OFFICE, portal

ROWS = 10_000
SOURCE = "police-net"
ADMINISTRATOR = "police_admin"


def acting(app: Flask, name: str) -> AbstractContextManager[Unit]:
    session = db.session()
    session.info["scope"] = Scope.system("bench")
    account = session.scalars(select(Account).where(Account.username == name)).one()
    membership = memberships_of(session, account.id)[0]
    clock = app.extensions["clock"]
    day = today(clock)
    return unit_of_work(actor_of(membership, day), scope_for(session, membership, day), clock)


def prepare(app: Flask) -> list[dict[str, Any]]:
    """The system, its task, and rows about as many targets within reach as there are, each with two inspectors."""
    with acting(app, ADMINISTRATOR) as unit:
        agency_id = unit.actor.agency_id
        mine = select(Inspector.certificate_no).where(Inspector.agency_id == agency_id).order_by(Inspector.id)
        people = list(unit.session.scalars(mine.limit(20)))
        near = select(Target.code).join(Region).where(Region.code.like("6401%")).order_by(Target.id)
        codes = list(unit.session.scalars(near.limit(ROWS)))
    with acting(app, OFFICE) as unit:
        register_system(unit, code=SOURCE, name="专网系统示例", agency_id=agency_id)
    with acting(app, ADMINISTRATOR) as unit:
        task = {"source_id": "T1", "name": "专网任务示例", "items": ["治安检查"], "random": True}
        push_tasks(unit, SOURCE, [task])
    return [
        {
            "source_id": f"R{n}",
            "task": "T1",
            "target": codes[n % len(codes)],
            "inspectors": [people[n % len(people)], people[(n + 1) % len(people)]],
            "checked_on": f"2026-{1 + n % 9:02d}-{1 + n % 28:02d}",
            "result": "未发现问题",
        }
        for n in range(ROWS)
    ]


def push(app: Flask, rows: list[dict[str, Any]]) -> dict[str, int]:
    with acting(app, ADMINISTRATOR) as unit:
        counts = push_results(unit, SOURCE, rows).body["counts"]
    return {name: n for name, n in counts.items() if n}


def timed(name: str, act: Callable[[], Any]) -> None:
    begun, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    found = act()
    now = resource.getrusage(resource.RUSAGE_SELF)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    wall = time.perf_counter() - begun
    print(f"{name:32} {wall:7.2f} s wall {cpu:7.2f} s processor of the portal   {found}", flush=True)


def main() -> int:
    size = int(os.environ.get("SIZE") or 200_000)
    with portal(size) as app:
        rows = prepare(app)
        print(
            f"{size:,} targets, batches of {ROWS:,} results about {len({row['target'] for row in rows}):,} targets"
        )
        timed("all new", lambda: push(app, rows))
        timed("the same again", lambda: push(app, rows))
        changed = [{**row, "problem_text": "补充说明"} for row in rows]
        timed("every row changed", lambda: push(app, changed))
        few = [{**row, "problem_text": "更正"} if n % 100 == 0 else row for n, row in enumerate(changed)]
        timed("one row in a hundred changed", lambda: push(app, few))
    return 0


if __name__ == "__main__":
    sys.exit(main())
