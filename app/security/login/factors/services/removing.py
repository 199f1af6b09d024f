"""A factor is taken away: by its owner, or all of them by the security administrator."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from app.audit.services import record
from app.db import Unit
from app.kernel.errors import Fault, Invalid, NotFound, Refused
from app.security.login.factors.models import (
    FactorReset,
    KeyChallenge,
    RecoveryCode,
    SecurityKey,
    TotpFactor,
)
from app.security.login.factors.queries import KEY, TOTP, factors_of, is_required, keys_of
from app.security.login.factors.rules import may_remove
from app.security.login.services import end_sessions_of
from app.security.models import Account
from app.security.rules import RoleName, may_act
from app.security.scoping import unscoped
from app.security.services import note_security

LEAST_REASON, LONGEST_REASON = 4, 200


def remove_totp(unit: Unit, user_id: int) -> None:
    """Take the one-time codes away; a secret that was only offered goes as well, unnoticed.

    :raises Refused: the last factor of somebody who must have one
    """
    row = unit.session.get(TotpFactor, user_id, with_for_update=True, populate_existing=True)
    if row is None:
        return
    if row.confirmed_at is not None:
        left = len(keys_of(unit.session, user_id))
        may_remove(left, is_required(unit.session, user_id)).require()
        _note(unit, user_id, TOTP)
    unit.session.delete(row)
    unit.session.flush()
    _clear_codes(unit, user_id)


def remove_key(unit: Unit, user_id: int, key_id: int) -> None:
    """Take one key away.

    :raises NotFound: when it is not the person's
    :raises Refused: the last factor of somebody who must have one
    """
    users = Account.__table__
    # Two keys taken away at once do not leave a person without any: one after the other.
    unit.session.execute(select(users.c.id).where(users.c.id == user_id).with_for_update())
    row = unit.session.get(SecurityKey, key_id, with_for_update=True, populate_existing=True)
    if row is None or row.user_id != user_id:
        raise NotFound("not_in_scope", kind="security_key")
    left = len(keys_of(unit.session, user_id)) - 1 + (TOTP in factors_of(unit.session, user_id))
    may_remove(left, is_required(unit.session, user_id)).require()
    _note(unit, user_id, f"{KEY}: {row.name}")
    unit.session.delete(row)
    unit.session.flush()
    _clear_codes(unit, user_id)


def reset_factors(unit: Unit, user_id: int, reason: str) -> int:
    """All factors and recovery codes of somebody who has lost them go, all sessions end, the person is told at the
    next log-in. Gives how many kinds there were.

    :raises Refused: not a security administrator, or oneself
    :raises Invalid: without a reason
    """
    wanted = frozenset({RoleName.SECURITY_ADMIN.value})
    may_act(unit.actor.roles, unit.actor.agency_id, wanted, None).require()
    if unit.actor.user_id is None or unit.actor.user_id == user_id:
        raise Refused("reset_oneself")
    plain = " ".join(reason.split())
    if not LEAST_REASON <= len(plain) <= LONGEST_REASON:
        raise Invalid(faults=[Fault("reason", "reset_reason", least=LEAST_REASON, most=LONGEST_REASON)])
    with unscoped(unit.session, "the security administrator resets second factors"):
        if unit.session.get(Account, user_id) is None:
            raise NotFound("not_in_scope", kind="account")
        kinds = factors_of(unit.session, user_id)
        if not kinds:
            raise Refused("reset_nothing")
        for model in (TotpFactor, SecurityKey, RecoveryCode, KeyChallenge):
            unit.session.execute(delete(model).where(model.user_id == user_id))
        unit.session.add(
            FactorReset(user_id=user_id, by_id=unit.actor.user_id, reason=plain, at=unit.clock.now())
        )
        unit.session.flush()
    end_sessions_of(unit, user_id, why="factors_reset")
    subject = f"account:{user_id}"
    note_security(unit, "factors_reset", "ok", subject=subject, detail=f"{', '.join(kinds)}: {plain}")
    record(unit, "factor.reset", subject, {"kinds": ",".join(kinds)})
    return len(kinds)


def tell_of_reset(unit: Unit, user_id: int) -> FactorReset | None:
    """The reset that the person has not been told of yet; told from now on."""
    with unscoped(unit.session, "a person is told that the own factors were reset"):
        query = (
            select(FactorReset)
            .where(FactorReset.user_id == user_id, FactorReset.told_at.is_(None))
            .order_by(FactorReset.id.desc())
            .limit(1)
        )
        found = unit.session.scalars(query).first()
        if found is not None:
            unit.session.execute(
                update(FactorReset)
                .where(FactorReset.user_id == user_id, FactorReset.told_at.is_(None))
                .values(told_at=unit.clock.now())
            )
    return found


def _clear_codes(unit: Unit, user_id: int) -> None:
    """Recovery codes stand in for a factor; without one they are worth nothing."""
    if not factors_of(unit.session, user_id):
        unit.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


def _note(unit: Unit, user_id: int, what: str) -> None:
    subject = f"account:{user_id}"
    note_security(unit, "factor_removed", "ok", subject=subject, detail=what)
    record(unit, "factor.removed", subject, {"kind": what.partition(":")[0]})
