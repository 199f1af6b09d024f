"""Verbs of this package: the security log."""

from __future__ import annotations

from sqlalchemy import insert

from app.db import Unit
from app.security.models import SecurityLog


def note_security(
    unit: Unit, action: str, outcome: str, *, user_id: int | None, address: str, subject: str = ""
) -> None:
    """Append one line: who, when, from where, what, on what, with what result. Never the password.

    :param action: `log_in`, `log_out`, `switch`, `change_password`
    :param outcome: `ok` or `refused`
    """
    unit.session.execute(
        insert(SecurityLog).values(
            at=unit.clock.now(),
            user_id=user_id,
            address=address[:60],
            action=action,
            subject=subject[:200],
            outcome=outcome,
            detail="",
        )
    )
