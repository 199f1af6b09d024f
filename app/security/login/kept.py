"""What somebody sent with a session that had just ended: kept, sealed, for an hour, and offered after the next log-in.

One entry per session that ended, and only for a session that this portal once gave out, so that nobody fills the
database from outside. Files and passwords are not kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from flask import request
from sqlalchemy import select, update

from app.db import Actor, db, unit_of_work
from app.kernel.clock import Clock
from app.security.login.models import LoginSession
from app.security.login.services.sessions import ENTRY_LASTS
from app.security.scope import Scope

MOST = 64 * 1024
CARRY_ON = "carry_on"
"""Key of the cookie's session: the number of the session that holds the entry."""

_SECRET = ("password", "code", "csrf_token", "token", "secret")
_NEVER = ("/login/", "/logout/", "/me/password", "/me/confirm", "/me/factors/", "/api/", "/set-up/")
_T = LoginSession.__table__


@dataclass(frozen=True)
class Kept:
    """An entry that waits: where it was going, and its fields in order."""

    path: str
    fields: list[tuple[str, str]]
    files: bool


def keep_entry(session_id: int, clock: Clock) -> bool:
    """Keep the form of this request; False when there is nothing to keep."""
    if request.method != "POST" or request.path.startswith(_NEVER) or not (request.form or request.files):
        return False
    fields = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if not any(word in name for word in _SECRET)
    ]
    told = {"path": request.full_path.rstrip("?"), "fields": fields, "files": bool(request.files)}
    content = json.dumps(told).encode()
    if not fields or len(content) > MOST:
        return False
    with unit_of_work(
        Actor.system("session"), Scope.system("an entry of a session that ended"), clock
    ) as unit:
        unit.session.execute(
            update(LoginSession)
            .where(_T.c.id == session_id)
            .values(kept=content, kept_at=clock.now())
            .execution_options(synchronize_session=False)
        )
    return True


def entry_of(session_id: object, user_id: int, now: datetime) -> Kept | None:
    """The entry that waits, for whoever began it and for nobody else."""
    if not isinstance(session_id, int):
        return None
    found = db.session.execute(
        select(LoginSession.kept).where(
            LoginSession.id == session_id,
            LoginSession.user_id == user_id,
            LoginSession.kept_at > now - ENTRY_LASTS,
        )
    ).scalar()
    if not found:
        return None
    told = json.loads(found)
    return Kept(told["path"], [(name, value) for name, value in told["fields"]], told["files"])


def forget_entry(session_id: object, user_id: int, clock: Clock) -> None:
    """Nothing waits any more."""
    if isinstance(session_id, int):
        with unit_of_work(Actor.system("session"), Scope.system("an entry was taken up"), clock) as unit:
            unit.session.execute(
                update(_T)
                .where(_T.c.id == session_id, _T.c.user_id == user_id)
                .values(kept=None, kept_at=None)
            )
