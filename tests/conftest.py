"""Shared fixtures. Tests run on a real PostgreSQL: a template with reference rows and demo, copied per process.

- `app`, `session`: everything a test stores is rolled back after it
- `own_app`: an own copy of the database, for tests that need several connections
- `act_as(name)`: a unit of work of a demo account; `client_as(name)`: a browser of one
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.db import Actor, Unit, db, unit_of_work
from app.kernel.clock import FixedClock, today
from app.security.login.models import LoginSession
from app.security.login.services.sessions import digest_of_token
from app.security.models import Account
from app.security.queries import actor_of, memberships_of, scope_for
from app.security.scope import Scope
from config import Settings, load_settings
from tests import servers

# What is drawn is what counts; how fast this machine happens to be does not.
hypothesis.settings.register_profile(
    "portal", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], derandomize=True
)
hypothesis.settings.load_profile("portal")

ROOT = Path(__file__).resolve().parent.parent
DEMO_PASSWORD = "Demo-for-tests-1"
START = datetime(2026, 11, 23, 1, 0, tzinfo=timezone.utc)
PARTS_OF_TEMPLATE = (
    "models.py",
    "rules.py",
    "seeding.py",
    "lifecycle.py",
    "history.py",
    "search.py",
    "search_functions.py",
    "rowsecurity.py",
    "sqlscope.py",
    "walls.py",
    "existing.py",
    "apart.py",
)


def _digest() -> str:
    """Of what the template is made from."""
    files = [
        *(ROOT / "seeds").rglob("*.py"),
        *(ROOT / "seeds").rglob("*.csv"),
        *(ROOT / "migrations").rglob("*.py"),
    ]
    files += [path for path in (ROOT / "app").rglob("*.py") if path.name in PARTS_OF_TEMPLATE]
    files.append(ROOT / "app" / "directories" / "targets" / "pinyin_initials.txt")
    joined = hashlib.sha256(DEMO_PASSWORD.encode())
    for path in sorted(files):
        joined.update(path.read_bytes())
    return joined.hexdigest()[:12]


def _settings(url: str, home: Path) -> Settings:
    endpoints = servers.ensure_servers()
    base = load_settings(
        {
            "PORTAL_ENV": "testing",
            "PORTAL_HOME": str(home),
            "DATABASE_URL": url,
            "REDIS_URL": endpoints.redis_url,
            "PORTAL_CLOCK": START.isoformat(),
            "SECRET_KEY": "test-only-" + "k" * 32,
            "PORTAL_DATA_KEY_FILE": str(servers.HOME / "data_keys.json"),
        }
    )
    return replace(base, embedded=True)


def template_of(home: Path) -> str:
    name = f"portal_{_digest()}"

    def build(url: str) -> None:
        from app.web.lifecycle import load_demo, upgrade

        settings = _settings(url, home)
        upgrade(settings)
        load_demo(settings)

    servers.ensure_template(name, build)
    return name


def application_on(url: str, home: Path, clock: FixedClock) -> Flask:
    from app.security import grants
    from app.web import create_app
    from app.web.translations import compile_catalogue

    compile_catalogue()
    app = create_app(_settings(url, home))
    app.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_FAULTS=True)
    app.extensions["clock"] = clock
    with app.app_context(), unit_of_work(Actor.system(), Scope.system("grants"), clock) as unit:
        grants.sync(unit.session, app.appbuilder.baseviews)
    return app


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portal's home; its demo password is the one that the template's accounts have."""
    made = tmp_path_factory.mktemp("home")
    (made / "demo_password").write_text(DEMO_PASSWORD)
    return made


@pytest.fixture(scope="session")
def _process_app(home: Path) -> Iterator[Flask]:
    url = servers.create_database_from_template("rolled_back", template_of(home))
    app = application_on(url, home, FixedClock(START))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> FixedClock:
    return FixedClock(START)


@pytest.fixture
def app(_process_app: Flask, clock: FixedClock) -> Iterator[Flask]:
    """The application on one connection whose transaction is rolled back at the end of the test."""
    app = _process_app
    app.extensions["clock"] = clock
    with app.app_context():
        engine = db.engine
        connection = engine.connect()
        outer = connection.begin()
        engines = db.engines
        engines[None] = connection
        db.session.remove()
        db.session.session_factory.kw["join_transaction_mode"] = "create_savepoint"
        try:
            yield app
        finally:
            db.session.remove()
            engines[None] = engine
            db.session.session_factory.kw.pop("join_transaction_mode", None)
            outer.rollback()
            connection.close()


@pytest.fixture
def own_app(home: Path, clock: FixedClock, tmp_path: Path) -> Iterator[Flask]:
    """The application on a copy of the database that is this test's alone; commits are real. The log's heads
    lie in a folder of the test, as they belong to this database.
    """
    url = servers.create_database_from_template("own", template_of(home))
    app = application_on(url, home, clock)
    app.extensions["settings"] = replace(app.extensions["settings"], log_key_dir=tmp_path / "keys")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    servers.drop_database(url.rpartition("/")[2])


@pytest.fixture
def session(app: Flask) -> Session:
    """The session of the test, seeing everything."""
    found = db.session()
    found.info["scope"] = Scope.system("test")
    return found


def _unit_as(name: str, clock: FixedClock) -> AbstractContextManager[Unit]:
    orm = db.session()
    account = orm.scalars(select(Account).where(Account.username == name)).one()
    membership = memberships_of(orm, account.id)[0]
    return unit_of_work(actor_of(membership, today(clock)), scope_for(orm, membership, today(clock)), clock)


@pytest.fixture
def act_as(app: Flask, clock: FixedClock) -> Callable[[str], AbstractContextManager[Unit]]:
    @contextmanager
    def act(name: str) -> Iterator[Unit]:
        with _unit_as(name, clock) as unit:
            yield unit

    return act


@pytest.fixture
def act_as_system(app: Flask, clock: FixedClock) -> Callable[[], AbstractContextManager[Unit]]:
    return lambda: unit_of_work(Actor.system(), Scope.system("test"), clock)


class _Browser(FlaskClient):
    """Every request begins with an empty `g`, as it does on a server: the test's own application context would
    otherwise hand one person's log-in on to the next client. When the test's clock has moved, the session of
    `sign_in` moves along, unless `ages` says that it is the session that is tested.
    """

    ages = False
    _session: int | None = None
    _seen: datetime | None = None

    def sign_in(self, user_id: int, locale: str = "zh_CN") -> None:
        """As after the page of log-in, without its work."""
        token, now = secrets.token_urlsafe(), self._now()
        values = {"created_at": now, "authenticated_at": now, "seen_at": now, "expires_at": now + LONG}
        self._session, self._seen = (
            db.session.execute(
                insert(LoginSession)
                .values(
                    user_id=user_id,
                    kind="web",
                    token_digest=digest_of_token(token),
                    factors="password",
                    **values,
                )
                .returning(LoginSession.id)
            ).scalar_one(),
            now,
        )
        db.session.commit()
        with self.session_transaction() as kept:
            kept.update(_user_id=str(user_id), _fresh=True, locale=locale, token=token)

    def _now(self) -> datetime:
        return self.application.extensions["clock"].now()

    def _keep_up(self) -> None:
        now = self._now()
        if self._session is None or self.ages or now == self._seen:
            return
        self._seen = now
        table = LoginSession.__table__
        values = {"created_at": now, "authenticated_at": now, "seen_at": now, "expires_at": now + LONG}
        db.session.execute(update(table).where(table.c.id == self._session).values(**values))
        db.session.commit()

    def open(self, *args: Any, **kwargs: Any) -> Any:
        self._keep_up()
        for name in list(g):
            g.pop(name)
        kept = db.session().info
        before = {name: kept.get(name) for name in ("scope", "actor_code")}
        try:
            # Read to its end: a page that is streamed asks the database while it is read.
            return super().open(*args, **{"buffered": True, **kwargs})
        finally:
            kept.update(before)


LONG = timedelta(hours=12)


@pytest.fixture
def client_as(app: Flask) -> Callable[..., FlaskClient]:
    """`client_as("police_clerk")`: logged in; `client_as(None)`: the public."""

    def make(name: str | None, locale: str = "zh_CN") -> FlaskClient:
        client = _Browser(app, app.response_class, use_cookies=True)
        if name is not None:
            user_id = db.session.execute(
                select(Account.__table__.c.id).where(Account.username == name)
            ).scalar_one()
            client.sign_in(user_id, locale)
        return client

    return make


def pytest_unconfigure(config: Any) -> None:
    servers.leave_servers()
