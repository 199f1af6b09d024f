"""A second factor is shown at log-in: under the account's lock, counted when it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.db import Unit
from app.kernel.decisions import Decision
from app.security.login.rules import may_log_in
from app.security.login.services import count_failure
from app.security.models import Account
from app.security.services import note_security

CLOSED = frozenset({"account_closed", "account_locked"})
FEW_CODES = 3
NO_GUESS = frozenset({"code_shape", "challenge_gone", "challenge_old"})
"""Refusals of what could not have been right: they do not count as failed attempts."""


@dataclass(frozen=True)
class Shown:
    """`factor` when it opens, else `code` with `facts`."""

    factor: str = ""
    code: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


def show_factor(unit: Unit, user_id: int, check: Callable[[Unit], Decision]) -> Shown:
    """Run `check` while the account's row is held: parallel guesses come one after the other and are all counted."""
    row = unit.session.scalars(
        select(Account)
        .where(Account.id == user_id)
        .with_for_update(of=Account.__table__)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return Shown(code="account_closed")
    allowed = may_log_in(bool(row.active), row.left_at, row.locked_until, unit.clock.now())
    if not allowed:
        subject = f"account:{row.id}"
        note_security(unit, "log_in", "refused", subject=subject, detail=allowed.code, user_id=row.id)
        return Shown(code=allowed.code)
    found = check(unit)
    if found:
        return Shown(factor=found.facts["factor"], facts=found.facts)
    if found.code not in NO_GUESS:
        count_failure(unit, row.id, detail=found.code)
    return Shown(code=found.code, facts=found.facts)
