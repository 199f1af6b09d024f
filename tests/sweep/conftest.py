"""One application on a copy of the played database, and a browser for each role."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app.db import db
from app.kernel.clock import FixedClock
from app.security.scope import Scope
from tests import conftest as base
from tests import servers
from tests.sweep import world

KEYS = servers.HOME / "sweep"
"""The played database's log was signed with keys that belong to it."""
ROOT = Path(__file__).resolve().parent.parent.parent


def _played(home: Path) -> str:
    """The name of the template in which everything has been played."""
    joined = hashlib.sha256(base._digest().encode())
    for path in sorted([*(ROOT / "app").rglob("*.py"), *Path(__file__).parent.glob("*.py")]):
        joined.update(path.read_bytes())
    name = f"sweep_{joined.hexdigest()[:12]}"

    def build(url: str) -> None:
        shutil.rmtree(KEYS, ignore_errors=True)
        app = base.application_on(url, home, FixedClock(base.START))
        app.extensions["settings"] = replace(app.extensions["settings"], log_key_dir=KEYS / name)
        with app.app_context():
            world.play()
            db.session.remove()
            db.engine.dispose()

    servers.ensure_template(name, build, of=base.template_of(home))
    return name


@pytest.fixture(scope="session")
def swept(home: Path) -> Iterator[Flask]:
    """The application; commits are real, so a test that changes something takes `fresh` instead."""
    yield from _serve("swept", home)


@pytest.fixture
def fresh(home: Path) -> Iterator[Flask]:
    """The same on a copy of the test's own."""
    yield from _serve("fresh", home)


@pytest.fixture(scope="module")
def fresh_once(home: Path) -> Iterator[Flask]:
    """One copy for all tests of a module that changes things."""
    yield from _serve("fresh_once", home)


def _serve(name: str, home: Path) -> Iterator[Flask]:
    template = _played(home)
    url = servers.create_database_from_template(name, template)
    app = base.application_on(url, home, FixedClock(base.START))
    keys = home / f"keys_of_{name}"
    shutil.copytree(KEYS / template, keys, dirs_exist_ok=True)
    app.extensions["settings"] = replace(app.extensions["settings"], log_key_dir=keys)
    app.config["PROPAGATE_FAULTS"] = False
    with app.app_context():
        db.session().info["scope"] = Scope.system("sweep")
        yield app
        db.session.remove()
        db.engine.dispose()
    servers.drop_database(url.rpartition("/")[2])


@pytest.fixture(scope="session")
def ids(swept: Flask) -> world.Ids:
    return world.ids(db.session())
