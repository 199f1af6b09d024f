"""What happens to an installation: release (migrations, roles, reference data) and the demo."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_migrate import upgrade as migrate_up
from sqlalchemy import func, select, text
from werkzeug.security import generate_password_hash

from app.db import Actor, Unit, db, unit_of_work
from app.kernel.clock import today
from app.kernel.errors import Refused
from app.security import grants, rowsecurity
from app.security.models import Account
from app.security.roles.services import prune_after_release, setting_up
from app.security.scope import Scope
from app.security.scoping import unscoped
from app.security.seeding import load_accounts, load_agencies, load_calendar, load_regions
from app.web.application import create_app
from app.web.chrome import MIGRATIONS
from app.web.domains import parts
from app.web.mark import PortalMark, mark_of
from app.web.translations import compile_catalogue
from config import Settings
from seeds.reader import reference

PASSWORD_FILE = "demo_password"


@contextmanager
def _application(settings: Settings) -> Iterator[Flask]:
    """The application for one act; its connections are closed afterwards."""
    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


def upgrade(settings: Settings) -> None:
    """Bring the database to this version: tables, then roles and grants, then reference rows. Safe to repeat."""
    compile_catalogue()
    with _application(settings) as app:
        migrate_up(directory=str(MIGRATIONS))
        _system(app, "release", _write_reference)


def _write_reference(unit: Unit) -> None:
    session = unit.session
    session.execute(text("SET LOCAL statement_timeout = 0"))
    rowsecurity.install(session.connection())
    grants.sync(session, current_app.appbuilder.baseviews)
    prune_after_release(unit)
    load_regions(session, reference("regions"))
    load_agencies(session, reference("lines"), reference("agencies"))
    load_calendar(session, reference("calendar"))
    for seeding in parts("seeding"):
        load = getattr(seeding, "load_reference_rows", None)
        if load is not None:
            load(unit)


def set_up_hint(settings: Settings) -> str:
    """What the operator does next where nobody can log in yet; empty where the set-up is done."""
    with _application(settings) as app, app.test_request_context():
        session = db.session()
        with unscoped(session, "set-up"):
            if setting_up.is_closed(session, app.extensions["clock"]):
                return ""
    return "Nobody can log in yet. Make the first administrators: flask --app run setup begin"


def load_demo(settings: Settings) -> bool:
    """Load the demo once; False when the database carries it already.

    :raises app.kernel.errors.Refused: in production, or on a database that already has accounts
    """
    with _application(settings) as app:
        if mark_of(db.session(), "demo") is not None:
            return False
        if settings.env == "production":
            raise Refused("demo_in_production")
        if db.session.scalar(select(func.count()).select_from(Account.__table__)):
            raise Refused("demo_on_used_database")
        password = demo_password(settings)
        _system(app, "demo", lambda unit: _write_demo(unit, password))
    return True


def _write_demo(unit: Unit, password: str) -> None:
    from seeds.demo.accounts import demo_accounts, inspector_accounts
    from seeds.demo.inspectors import demo_inspectors

    session = unit.session
    session.execute(text("SET LOCAL statement_timeout = 0"))
    day = today(unit.clock)
    inspectors = list(demo_inspectors(day))
    accounts = [*demo_accounts(), *inspector_accounts(inspectors)]
    user_ids = load_accounts(session, accounts, generate_password_hash(password))
    by_certificate = {a["certificate_no"]: user_ids[a["username"]] for a in accounts if a["certificate_no"]}
    for seeding in parts("seeding"):
        load = getattr(seeding, "load_demo_rows", None)
        if load is not None:
            load(unit, day, by_certificate)
    session.add(PortalMark(name="demo", value=day.isoformat()))


def demo_password(settings: Settings) -> str:
    """One password for all demo accounts, made at the first start and kept beside the data."""
    path: Path = settings.home / PASSWORD_FILE
    if not path.exists():
        word = "Demo-" + secrets.token_hex(4) + "-Ok"
        path.touch(mode=0o600)
        path.write_text(word, encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def demo_accounts_text(settings: Settings) -> str:
    """What `make run` prints about the accounts."""
    from seeds.demo.accounts import demo_accounts

    names = "\n".join(f"  {a['username']:<20} {a['display_name']}" for a in demo_accounts())
    return (
        f"Demo accounts (one password for all: {demo_password(settings)})\n{names}\n"
        "  i_<certificate number>  inspectors; `flask --app run demo who-is-matched DRAW_NO` names those of a draw"
    )


def _system(app: Flask, reason: str, act: Callable[[Unit], Any]) -> None:
    clock = app.extensions["clock"]
    with unit_of_work(Actor.system(), Scope.system(reason), clock) as unit:
        act(unit)
