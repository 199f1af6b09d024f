"""What the tests of log-in do again and again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.db import Actor, db, unit_of_work
from app.security.models import Account, SecurityLog
from app.security.scope import Scope
from app.security.scoping import unscoped

NEW = "Wagen-Birke-4711"
OTHER = "Lampe-Nebel-2038"


def password_of(home: Path) -> str:
    return (home / "demo_password").read_text()


def log_in(client: Any, name: str, password: str, **query: str) -> Any:
    return client.post("/login/", data={"username": name, "password": password}, query_string=query)


def account_of(name: str) -> Any:
    """The row as it stands in the database now."""
    table = Account.__table__
    return db.session.execute(select(table).where(table.c.username == name)).one()


def lines(action: str | None = None, most: int = 20) -> list[Any]:
    """The security log, the newest first."""
    log = SecurityLog.__table__
    query = select(log).order_by(log.c.id.desc()).limit(most)
    if action is not None:
        query = query.where(log.c.action == action)
    with unscoped(db.session(), "the test reads the log"):
        return list(db.session.execute(query))


def change(app: Any, name: str, **values: Any) -> None:
    """Change columns of an account, as an administrator's act would have."""
    clock = app.extensions["clock"]
    with unit_of_work(Actor.system(), Scope.system("test"), clock) as unit:
        account = unit.session.scalars(select(Account).where(Account.username == name)).one()
        for column, value in values.items():
            setattr(account, column, value)


def set_policy(app: Any, **values: Any) -> None:
    """Change values of the policy past its bounds."""
    from app.security.login.models import SecurityPolicy

    clock = app.extensions["clock"]
    with unit_of_work(Actor.system(), Scope.system("test"), clock) as unit:
        row = unit.session.get(SecurityPolicy, 1)
        for column, value in values.items():
            setattr(row, column, value)
