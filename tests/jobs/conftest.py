"""Jobs that only tests have, and an application whose Redis may be flushed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import text

from app.audit.services import record
from app.db import Actor, db, unit_of_work
from app.jobs.registry import GiveUp, job
from app.jobs.services import enqueue
from app.kernel.errors import Refused
from app.security.scope import Scope
from tests import servers

REDIS_NUMBER = 41


@job("test.effect")
def effect(unit, args, progress):
    """Leaves one event: doing it twice would be seen."""
    record(unit, "test.effect", f"effect:{args['n']}", {"n": args["n"]})


@job("test.fault")
def fault(unit, args, progress):
    record(unit, "test.effect", f"effect:{args['n']}", {})
    unit.session.flush()
    raise RuntimeError("the secret of row 17")


@job("test.refused")
def refused(unit, args, progress):
    raise Refused("not_in_scope")


@job("test.hopeless")
def hopeless(unit, args, progress):
    raise GiveUp("This cannot work.")


@job("test.slow")
def slow(unit, args, progress):
    progress(3, 10)
    args["look"] = None
    progress(10, 10)


@pytest.fixture
def jobs_app(own_app: Flask, tmp_path) -> Iterator[Flask]:
    """Commits are real, Redis is a database of its own, the log's key lies in a folder of its own."""
    url = servers.redis_url(REDIS_NUMBER)
    Redis.from_url(url).flushdb()
    own_app.extensions["settings"] = replace(
        own_app.extensions["settings"], redis_url=url, log_key_dir=tmp_path / "keys"
    )
    yield own_app
    Redis.from_url(url).flushdb()


@pytest.fixture
def redis(jobs_app: Flask) -> Redis:
    return Redis.from_url(jobs_app.extensions["settings"].redis_url)


def put(app: Flask, kind: str, numbers: range, **more: Any) -> list[int]:
    with unit_of_work(Actor.system(), Scope.system("test"), app.extensions["clock"]) as unit:
        return [enqueue(unit, kind, f"{kind}:{n}", {"n": n}, **more) for n in numbers]


def one(sql: str, **values: Any) -> Any:
    with db.engine.connect() as connection:
        return connection.execute(text(sql), values).scalar()


def all_rows(sql: str, **values: Any) -> list[Any]:
    with db.engine.connect() as connection:
        return list(connection.execute(text(sql), values))
