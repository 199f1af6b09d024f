"""An application with real commits whose log has a folder of its own; a superuser who changes rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask

from app.audit.heads import publish_heads
from app.audit.sealing import seal_now
from app.audit.services import record
from app.audit.verify import Verdict, verify_log
from app.db import Actor, db, unit_of_work
from app.security.scope import Scope
from tests import servers


@pytest.fixture
def log_app(own_app: Flask, tmp_path) -> Flask:
    own_app.extensions["settings"] = replace(own_app.extensions["settings"], log_key_dir=tmp_path / "keys")
    return own_app


@pytest.fixture
def happen(log_app: Flask) -> Callable[[int], None]:
    """`happen(3)`: three events, then a seal."""

    def make(count: int, seal: bool = True, tag: str = "test.happened") -> None:
        with unit_of_work(Actor.system(), Scope.system("test"), log_app.extensions["clock"]) as unit:
            for n in range(count):
                record(unit, tag, f"test:{n}", {"n": n, "名": "示例"})
        if seal:
            with unit_of_work(Actor.system(), Scope.system("test"), log_app.extensions["clock"]) as unit:
                seal_now(unit)

    return make


@pytest.fixture
def verify(log_app: Flask) -> Callable[[], Verdict]:
    def check() -> Verdict:
        key_dir = log_app.extensions["settings"].log_key_dir
        return verify_log(db.engine, key_dir, log_app.extensions["clock"].now())

    return check


@pytest.fixture
def superuser(log_app: Flask) -> Callable[..., None]:
    """Runs statements as the server's superuser, with all triggers and foreign keys off."""

    def run(*statements: str) -> None:
        name = db.engine.url.database
        address = servers.server_admin_url().rpartition("/")[0] + f"/{name}"
        with psycopg.connect(address) as connection:
            connection.execute("SET session_replication_role = replica")
            for statement in statements:
                connection.execute(statement)

    return run


def publish(app: Flask) -> Any:
    return publish_heads(db.engine, app.extensions["settings"].log_key_dir)
