"""From checked claims to an account: found, linked, its roles brought in line. It makes no account."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.services import record
from app.db import Unit
from app.kernel.claim_mapping import ClaimMapping
from app.kernel.clock import today
from app.kernel.errors import DomainError, Refused
from app.security.login.oidc import rules
from app.security.login.oidc.models import SsoLink, SsoState
from app.security.login.oidc.rules import Lookup
from app.security.login.rules import is_readable, may_log_in
from app.security.models import Account, Membership
from app.security.protection import digest_of
from app.security.queries import memberships_of
from app.security.roles.services import grant_role, revoke_role
from app.security.services import note_security

STATES_KEPT = timedelta(days=1)
LEAST_REASON = 4
HIDDEN_MAIL = ".invalid"
"""Where the placeholder of an account without a mail address ends (RFC 2606); nobody is found by it."""


def use_state(unit: Unit, state: str) -> bool:
    """Whether this answer is the first to its question; of several at once, one is."""
    now = unit.clock.now()
    unit.session.execute(delete(SsoState).where(SsoState.at < now - STATES_KEPT))
    digest = hashlib.sha256(state.encode()).digest()
    statement = insert(SsoState.__table__).values(digest=digest, at=now).on_conflict_do_nothing()
    return unit.session.execute(statement.returning(SsoState.__table__.c.digest)).first() is not None


def find_person(
    unit: Unit, issuer: str, claims: Mapping[str, Any], mapping: ClaimMapping, id_token: str
) -> Account:
    """The account of the claims: by issuer and subject, else, the first time, by a mapped claim.

    :raises Refused: none, several, one that belongs to another subject, one that is closed or locked
    """
    subject, now, session = claims["sub"], unit.clock.now(), unit.session
    if len(subject) > rules.LONGEST_SUBJECT or not is_readable(subject):
        raise Refused("sso_no_account")
    link = session.scalars(
        select(SsoLink).where(SsoLink.issuer == issuer, SsoLink.subject == subject).with_for_update()
    ).first()
    account = session.get(Account, link.user_id) if link else _by_claims(session, claims, mapping)
    allowed = may_log_in(bool(account.active), account.left_at, account.locked_until, now)
    if not allowed:
        raise Refused("sso_account_closed")
    if link is None:
        link = _link(unit, issuer, subject, account)
    link.last_used_at, link.id_token = now, id_token
    session.flush()
    return account


def _by_claims(session: Session, claims: Mapping[str, Any], mapping: ClaimMapping) -> Account:
    for wanted in rules.lookups(mapping, claims):
        if not is_readable(wanted.value) or len(wanted.value) > 200:
            continue
        found = session.scalars(_accounts(wanted).limit(2)).all()
        if len(found) > 1:
            raise Refused("sso_several_accounts")
        if found:
            return found[0]
    raise Refused("sso_no_account")


def _accounts(wanted: Lookup) -> Any:
    query = select(Account)
    if wanted.field == "username":
        return query.where(Account.username == wanted.value)
    if wanted.field == "phone":
        return query.where(Account.phone_digest == digest_of(wanted.value, "ab_user.phone"))
    mail = func.lower(Account.email)
    return query.where(mail == wanted.value.lower(), ~mail.endswith(HIDDEN_MAIL))


def _link(unit: Unit, issuer: str, subject: str, account: Account) -> SsoLink:
    session, now = unit.session, unit.clock.now()
    users = Account.__table__
    session.execute(select(users.c.id).where(users.c.id == account.id).with_for_update())
    other = session.scalars(
        select(SsoLink).where(SsoLink.issuer == issuer, SsoLink.user_id == account.id)
    ).first()
    if other is not None and other.subject != subject:
        raise Refused("sso_other_subject")
    if other is not None:
        return other
    link = SsoLink(issuer=issuer, subject=subject, user_id=account.id, linked_at=now, last_used_at=now)
    session.add(link)
    session.flush()
    note_security(unit, "sso_linked", "ok", subject=f"account:{account.id}", user_id=account.id)
    record(unit, "account.sso_linked", f"account:{account.id}", {})
    return link


def place_to_act(
    unit: Unit, account: Account, claims: Mapping[str, Any], mapping: ClaimMapping
) -> Membership | None:
    """The membership that the claims name, with its roles as the claims say; None where they name none.

    Roles are given by the rules of delegation as the system, never those of the three administrators.

    :raises Refused: an agency or roles that map to nothing, or an agency at which the person is no member
    """
    agency, wanted = rules.agency_of(mapping, claims).require(), rules.roles_of(mapping, claims).require()
    mine = [m for m in memberships_of(unit.session, account.id) if m.agency is not None and m.agency.active]
    code, roles = agency.facts["code"], wanted.facts["roles"]
    if code is not None:
        mine = [m for m in mine if m.agency is not None and m.agency.code == code]
        if not mine:
            raise Refused("sso_not_a_member")
    if roles is None:
        return mine[0] if code is not None else None
    if len(mine) != 1:
        raise Refused("sso_place_unclear")
    _bring_roles(unit, mine[0], roles, mapping)
    return mine[0]


def _bring_roles(unit: Unit, membership: Membership, wanted: frozenset[str], mapping: ClaimMapping) -> None:
    assert mapping.roles is not None, "asked for by the caller"
    day = today(unit.clock)
    held = {link.role.name for link in membership.roles if link.holds(day)}
    reason = f"single sign-on: {mapping.roles.claim}"
    try:
        for role in sorted(wanted - held):
            grant_role(unit, membership.id, role, until=None, reason=reason)
        if mapping.roles.take_away:
            for role in sorted(held & frozenset(mapping.roles.values.values()) - wanted):
                revoke_role(unit, membership.id, role, reason=reason)
    except DomainError as fault:
        raise Refused("sso_roles_refused") from fault


def known_person(session: Session, issuer: str, subject: str) -> int | None:
    """The account that is linked with a subject."""
    query = select(SsoLink.user_id).where(SsoLink.issuer == issuer, SsoLink.subject == subject)
    return session.scalar(query)


def id_token_of(session: Session, issuer: str, user_id: int) -> str | None:
    """The last ID token of a person, as the provider wants to see it when they log out."""
    query = select(SsoLink).where(SsoLink.issuer == issuer, SsoLink.user_id == user_id)
    link = session.scalars(query).first()
    return link.id_token if link else None


def unlink(unit: Unit, user_id: int, reason: str) -> int:
    """Take the links of an account away; the next single sign-on looks it up anew. The caller has checked who asks.

    :raises Refused: without a reason
    """
    plain = " ".join(reason.split())
    if len(plain) < LEAST_REASON:
        raise Refused("reason_short", least=LEAST_REASON)
    taken = unit.session.execute(
        delete(SsoLink).where(SsoLink.user_id == user_id).returning(SsoLink.id)
    ).all()
    if taken:
        note_security(unit, "sso_unlinked", "ok", subject=f"account:{user_id}", detail=plain[:200])
        record(unit, "account.sso_unlinked", f"account:{user_id}", {})
    return len(taken)
