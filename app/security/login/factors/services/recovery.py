"""Recovery codes: ten on paper, each opens once, for the day on which phone or key are gone."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from sqlalchemy import delete, select

from app.audit.services import record
from app.db import Unit
from app.kernel.decisions import Allowed, Decision, refused
from app.kernel.errors import Refused
from app.security.login.factors.models import RecoveryCode
from app.security.login.factors.queries import RECOVERY, codes_left, factors_of
from app.security.login.factors.rules import RECOVERY_ALPHABET, RECOVERY_CODES, RECOVERY_LENGTH
from app.security.models import Account
from app.security.services import note_security


def first_recovery_codes(unit: Unit, user_id: int) -> list[str]:
    """Ten codes with the first factor; none while unused ones are left. Shown once, kept as digests only."""
    return [] if codes_left(unit.session, user_id) else _issue(unit, user_id)


def renew_recovery_codes(unit: Unit, user_id: int) -> list[str]:
    """Ten new codes; the old ones, used or not, are worth nothing from now on.

    :raises Refused: while there is no factor that they could stand in for
    """
    if not factors_of(unit.session, user_id):
        raise Refused("recovery_without_factor")
    codes = _issue(unit, user_id)
    note_security(unit, "recovery_codes_renewed", "ok", subject=f"account:{user_id}", user_id=user_id)
    record(unit, "factor.codes_renewed", f"account:{user_id}", {"count": len(codes)})
    return codes


def use_recovery_code(unit: Unit, user_id: int, code: str) -> Decision:
    """Whether the code opens; it then opens no more. The rows are locked, so that it opens once."""
    query = (
        select(RecoveryCode)
        .where(RecoveryCode.user_id == user_id)
        .order_by(RecoveryCode.id)
        .limit(RECOVERY_CODES)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = list(unit.session.scalars(query))
    digest = _digest(code, rows[0].salt if rows else b"nobody's salt...")
    found = [row for row in rows if hmac.compare_digest(row.digest, digest)]
    if not found or not factors_of(unit.session, user_id):
        return refused("code_wrong")
    if found[0].used_at is not None:
        return refused("recovery_used")
    found[0].used_at = unit.clock.now()
    unit.session.flush()
    left = sum(row.used_at is None for row in rows)
    note_security(
        unit,
        "recovery_code_used",
        "ok",
        subject=f"account:{user_id}",
        detail=f"{left} left",
        user_id=user_id,
    )
    return Allowed({"factor": RECOVERY, "left": left})


def _issue(unit: Unit, user_id: int) -> list[str]:
    # One issue at a time per person: the account's row is the lock.
    users = Account.__table__
    unit.session.execute(select(users.c.id).where(users.c.id == user_id).with_for_update())
    unit.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    salt, now = secrets.token_bytes(16), unit.clock.now()
    codes = [
        "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH))
        for _ in range(RECOVERY_CODES)
    ]
    for code in codes:
        unit.session.add(RecoveryCode(user_id=user_id, salt=salt, digest=_digest(code, salt), made_at=now))
    unit.session.flush()
    return codes


def _digest(code: str, salt: bytes) -> bytes:
    return hashlib.scrypt(code.encode("ascii"), salt=salt, n=2**14, r=8, p=1, dklen=32)
