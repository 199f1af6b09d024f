"""The security log in tests: lines of chosen times, the job that follows a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.ops import counters as counting
from app.ops import watching
from app.security.models import Account, SecurityLog


@pytest.fixture(autouse=True)
def own_counters(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Counters of this test alone: the clock stands still, and Redis keeps what an earlier test counted."""
    fresh = counting.Counters()
    fresh._away_until = float("inf")
    monkeypatch.setattr(watching, "counters", fresh)
    yield


@pytest.fixture
def account(session: Session) -> Callable[[str], Account]:
    return lambda name: session.scalars(select(Account).where(Account.username == name)).one()


@pytest.fixture
def write_line(session: Session, app: Flask) -> Callable[..., int]:
    """A line as `note_security` writes it, at a chosen time."""

    def write(at: datetime, action: str, outcome: str = "ok", **values: Any) -> int:
        row = {"subject": "", "detail": "", "address": "", "agent": "", **values}
        statement = insert(SecurityLog.__table__).values(at=at, action=action, outcome=outcome, **row)
        return session.execute(statement.returning(SecurityLog.__table__.c.id)).scalar_one()

    return write
