"""Names of actors, for pages inside the portal only: the log itself knows codes."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.security.models import Account


def names_of(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """`u12` -> the person's name."""
    ids = {int(code[1:]) for code in codes if code[:1] == "u" and code[1:].isdecimal() and len(code) < 11}
    if not ids:
        return {}
    rows = session.execute(
        select(Account.id, Account.display_name, Account.username).where(Account.id.in_(ids))
    )
    return {f"u{number}": shown or name for number, shown, name in rows}
