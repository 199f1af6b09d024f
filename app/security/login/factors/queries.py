"""Reads of second factors. Each names the person; whose they may be has been checked by the caller."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.security.login.factors.models import FactorReset, RecoveryCode, SecurityKey, TotpFactor
from app.security.login.places import factors_of as all_factors_of
from app.security.login.queries import policy_of, roles_and_office
from app.security.login.rules import is_readable, needs_second_factor
from app.security.models import Account
from app.security.scoping import unscoped

TOTP, KEY, RECOVERY = "totp", "webauthn", "recovery"


def factors_of(session: Session, user_id: int) -> list[str]:
    """Kinds of second factor in force: `totp`, `webauthn`. Recovery codes are none by themselves."""
    totp, keys = TotpFactor.__table__, SecurityKey.__table__
    has_totp, has_key = session.execute(
        select(
            select(totp.c.user_id)
            .where(totp.c.user_id == user_id, totp.c.confirmed_at.is_not(None))
            .exists(),
            select(keys.c.id).where(keys.c.user_id == user_id).exists(),
        )
    ).one()
    return [kind for kind, has in ((TOTP, has_totp), (KEY, has_key)) if has]


@dataclass(frozen=True)
class FactorsPage:
    """What the page of one's own factors shows. `totp` is the row in force, or one that waits for its code."""

    totp: TotpFactor | None
    keys: list[SecurityKey]
    codes_left: int
    required: bool
    reset: FactorReset | None

    @property
    def totp_in_force(self) -> bool:
        return self.totp is not None and self.totp.confirmed_at is not None

    @property
    def any(self) -> bool:
        return self.totp_in_force or bool(self.keys)


def factors_page(session: Session, user_id: int) -> FactorsPage:
    """In six queries. The scope is the person's own."""
    return FactorsPage(
        totp=session.get(TotpFactor, user_id),
        keys=keys_of(session, user_id),
        codes_left=codes_left(session, user_id),
        required=is_required(session, user_id),
        reset=last_reset(session, user_id),
    )


def keys_of(session: Session, user_id: int) -> list[SecurityKey]:
    query = select(SecurityKey).where(SecurityKey.user_id == user_id).order_by(SecurityKey.id)
    return list(session.scalars(query))


def codes_left(session: Session, user_id: int) -> int:
    """Recovery codes that were not used."""
    query = (
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    )
    return int(session.scalar(query) or 0)


def is_required(session: Session, user_id: int) -> bool:
    """Whether the policy asks this person for a second factor."""
    roles, at_office = roles_and_office(session, user_id)
    return needs_second_factor(policy_of(session), roles, at_office)


def last_reset(session: Session, user_id: int) -> FactorReset | None:
    """The latest reset while the person has no factor again since."""
    if all_factors_of(session, user_id):
        return None
    query = select(FactorReset).where(FactorReset.user_id == user_id).order_by(FactorReset.id.desc())
    return session.scalars(query.limit(1)).first()


@dataclass(frozen=True)
class Holder:
    """One account on the security administrator's page: who, and which factors are in force."""

    account: Account
    factors: list[str]
    codes_left: int
    required: bool


def find_holder(session: Session, name: str) -> Holder | None:
    """The account with exactly this user name. The caller is a security administrator."""
    if not is_readable(name):
        return None
    with unscoped(session, "factors of an account, for the security administrator"):
        account = session.scalars(select(Account).where(Account.username == name.strip()).limit(1)).first()
        if account is None:
            return None
        return holder_of(session, account)


def holder_of(session: Session, account: Account) -> Holder:
    with unscoped(session, "factors of an account, for the security administrator"):
        return Holder(
            account=account,
            factors=factors_of(session, account.id),
            codes_left=codes_left(session, account.id),
            required=is_required(session, account.id),
        )
