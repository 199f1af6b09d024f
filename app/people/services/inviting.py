"""Invite a person: the account with its first place and roles, a mail with a link or a slip to print."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from secrets import token_hex, token_urlsafe

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select

from app.audit.services import record
from app.db import Unit
from app.kernel.errors import Fault, Invalid, NotFound, Refused
from app.notifications.services import WITHOUT_MAIL, register_template, send_mail
from app.people import area
from app.people.models import Invitation
from app.people.rules import (
    VALID_FOR,
    Entry,
    InvitationState,
    clean_mail,
    clean_name,
    clean_phone,
    person_faults,
    reason_fault,
    role_faults,
    unique,
)
from app.security.models import Account, Agency, Membership
from app.security.protection import has_number
from app.security.roles.queries import grantable_at, place_of
from app.security.roles.services import grant_role, require_may_manage
from app.security.services import note_security

UNUSABLE = "!"
"""No password has this hash: nobody can log in until one is set."""

register_template(
    "account.invited",
    subject=_l("%(inviter)s invites you to the inspection portal"),
    body=_l(
        "%(name)s, %(inviter)s invites you to work in the portal for %(agency)s. Open the link, choose a"
        " password, and your account is ready. The link works once, until %(until)s. If you expected no"
        " invitation, leave it alone: without the link nothing happens."
    ),
)


def entry_of(
    *,
    name: str,
    agency_id: int,
    roles: Iterable[str],
    title: str = "",
    phone: str = "",
    mail: str = "",
    username: str = "",
    reason: str = "",
) -> Entry:
    """What was typed, cleaned; `invite` says what is wrong with it."""
    return Entry(
        name=clean_name(name),
        title=clean_name(title),
        agency_id=agency_id,
        roles=unique(roles),
        phone=clean_phone(phone),
        mail=clean_mail(mail),
        username=(username or "").strip().casefold(),
        reason=(reason or "").strip(),
    )


def invite(
    unit: Unit,
    entry: Entry,
    *,
    until: date | None = None,
    namesake: bool = False,
    batch_id: int | None = None,
) -> tuple[Invitation, str]:
    """Make the account. With a mail address a link goes out and opens it; without one a slip does.

    :param namesake: another person of this name is known to work at the agency
    :return: the invitation and the token of its link, "" for a slip; the token is kept nowhere
    :raises Invalid: with every fault of every field
    :raises Refused: the person has an account already, the agency is closed
    """
    agency = area.get_agency(unit, entry.agency_id)
    if not agency.active:
        raise Refused("unit_closed")
    _check(unit, agency, entry)
    _refuse_known(unit, agency, entry, namesake)
    account = _new_account(unit, agency, entry)
    membership = Membership(user_id=account.id, agency_id=agency.id, title=entry.title, active=True)
    unit.session.add(membership)
    unit.session.flush()
    for role in entry.roles:
        grant_role(unit, membership.id, role, until=until, reason=entry.reason)
    invitation = Invitation(
        user_id=account.id,
        membership_id=membership.id,
        agency_id=agency.id,
        batch_id=batch_id,
        created_by=unit.actor.user_id,
        created_at=unit.clock.now(),
        expires_at=unit.clock.now() + VALID_FOR,
        state=InvitationState.OPEN.value,
    )
    unit.session.add(invitation)
    unit.session.flush()
    token = _send(unit, invitation, account, agency) if entry.mail else ""
    record(
        unit,
        "account.invited",
        f"account:{account.id}",
        {"agency": agency.code, "roles": sorted(entry.roles), "by": "mail" if entry.mail else "slip"},
        agency.id,
    )
    note_security(
        unit,
        "account_invited",
        "ok",
        subject=f"account:{account.id}",
        detail=f"{'mail' if entry.mail else 'slip'} @ {agency.code}: {entry.reason}",
    )
    return invitation, token


def _check(unit: Unit, agency: Agency, entry: Entry) -> None:
    offered = {role.name for role in grantable_at(unit.session, unit.actor, place_of(agency))}
    texts = {
        "name": entry.name,
        "title": entry.title,
        "phone": entry.phone,
        "mail": entry.mail,
        "username": entry.username,
    }
    faults = [*person_faults(texts), *role_faults(entry.roles, offered), *reason_fault(entry.reason)]
    if faults:
        raise Invalid(faults=faults)


def known_account(unit: Unit, entry: Entry) -> tuple[str, Account] | None:
    """The account that has the phone, the mail address or the account name already, and which of them."""
    same = []
    if entry.phone:
        same.append(has_number(Account, entry.phone))
    if entry.mail:
        same.append(func.lower(Account.email) == entry.mail)
    if entry.username:
        same.append(func.lower(Account.username) == entry.username)
    if not same:
        return None
    found = unit.session.scalars(select(Account).where(or_(*same)).order_by(Account.id).limit(1)).first()
    if found is None:
        return None
    if entry.mail and (found.email or "").lower() == entry.mail:
        return "mail", found
    if entry.username and found.username.lower() == entry.username:
        return "username", found
    return "phone", found


def _refuse_known(unit: Unit, agency: Agency, entry: Entry, namesake: bool) -> None:
    """The same person twice: said in a sentence, with the way to a second membership."""
    found = known_account(unit, entry)
    if found is not None:
        field, account = found
        try:
            area.get_person(unit.session, unit.actor, account.id)
        except NotFound:
            raise Invalid(
                faults=[Fault(field, f"person_known_elsewhere_{field}", value=getattr(entry, field))]
            ) from None
        raise Refused(
            "person_known", name=account.get_full_name(), username=account.username, user_id=account.id
        )
    if namesake:
        return
    table, users = Membership.__table__, Account.__table__
    twin = unit.session.execute(
        select(users.c.id, users.c.username)
        .join(table, table.c.user_id == users.c.id)
        .where(
            table.c.agency_id == agency.id,
            table.c.active,
            users.c.display_name == entry.name,
            users.c.left_at.is_(None),
        )
        .limit(1)
    ).first()
    if twin is not None:
        raise Refused("same_name", name=entry.name, username=twin.username, user_id=twin.id)


def _new_account(unit: Unit, agency: Agency, entry: Entry) -> Account:
    account = Account(
        username=entry.username or free_username(unit, agency),
        first_name=entry.name,
        last_name="",
        display_name=entry.name,
        email=entry.mail or f"{token_hex(12)}{WITHOUT_MAIL}",
        phone=entry.phone or None,
        password=UNUSABLE,
        active=not entry.mail,
        must_change_password=not entry.mail,
    )
    unit.session.add(account)
    unit.session.flush()
    return account


def free_username(unit: Unit, agency: Agency) -> str:
    """`police-640100-07`: the agency's code and the next number. The agency's row is locked by the caller."""
    stem = f"{agency.code.lower()}-"
    taken = set(
        unit.session.scalars(
            select(Account.username).where(Account.username.startswith(stem, autoescape=True)).limit(100_000)
        )
    )
    number = len(taken) + 1
    while f"{stem}{number:02}" in taken:
        number += 1
    return f"{stem}{number:02}"


def _send(unit: Unit, invitation: Invitation, account: Account, agency: Agency) -> str:
    """A new token; an older link is dead from here on."""
    token = token_urlsafe(32)
    invitation.token_digest = sha256(token.encode()).digest()
    invitation.sent += 1
    facts = {
        "name": account.get_full_name(),
        "inviter": unit.actor.label,
        "agency": agency.name,
        "until": invitation.expires_at.date().isoformat(),
    }
    send_mail(
        unit,
        account,
        "account.invited",
        f"invitation:{invitation.id}:{invitation.sent}",
        facts,
        f"/invitation/{token}",
    )
    unit.session.flush()
    return token


def has_mail_server() -> bool:
    return current_app.extensions["settings"].smtp is not None


def _open_one(unit: Unit, invitation_id: int) -> Invitation:
    """An open invitation of the area, locked, whose person the actor may manage."""
    ids = area.agency_ids(unit.session, unit.actor)
    found = unit.session.get(Invitation, invitation_id, with_for_update=True, populate_existing=True)
    if found is None or found.agency_id not in ids:
        raise NotFound("not_in_scope", kind="invitation")
    require_may_manage(unit, found.user_id)
    if found.state != InvitationState.OPEN:
        raise Refused("invitation_closed")
    return found


def resend(unit: Unit, invitation_id: int) -> str:
    """A new link for another seven days; the former one is dead. Gives the token.

    :raises Refused: the invitation is no longer open, or was a slip
    """
    invitation = _open_one(unit, invitation_id)
    if invitation.token_digest is None:
        raise Refused("invitation_is_slip")
    invitation.expires_at = unit.clock.now() + VALID_FOR
    account, agency = area.hold(unit.session, invitation.user_id), invitation.agency
    token = _send(unit, invitation, account, agency)
    record(unit, "account.invited_again", f"account:{account.id}", {"agency": agency.code}, agency.id)
    note_security(
        unit, "account_invited", "ok", subject=f"account:{account.id}", detail=f"again @ {agency.code}"
    )
    return token


def cancel(unit: Unit, invitation_id: int, reason: str) -> Invitation:
    """Take an invitation back: the link is dead, the account closed, phone and mail address free again.

    A second time changes nothing.
    """
    faults = reason_fault(reason)
    if faults:
        raise Invalid(faults=faults)
    found = unit.session.get(Invitation, invitation_id, with_for_update=True, populate_existing=True)
    if (
        found is not None
        and found.state == InvitationState.CANCELLED
        and found.agency_id in area.agency_ids(unit.session, unit.actor)
    ):
        return found
    invitation = _open_one(unit, invitation_id)
    release(unit, invitation)
    record(
        unit,
        "account.invitation_cancelled",
        f"account:{invitation.user_id}",
        {"agency": invitation.agency.code},
        invitation.agency_id,
    )
    note_security(
        unit,
        "invitation_cancelled",
        "ok",
        subject=f"account:{invitation.user_id}",
        detail=f"@ {invitation.agency.code}: {reason.strip()}",
    )
    return invitation


def release(unit: Unit, invitation: Invitation) -> None:
    """Close what an invitation opened."""
    account = area.hold(unit.session, invitation.user_id)
    account.active, account.left_at = False, unit.clock.now()
    account.phone, account.email = None, f"{token_hex(12)}{WITHOUT_MAIL}"
    for membership in area.memberships_of(unit.session, account.id, active=True):
        membership.active = False
    invitation.state, invitation.token_digest = InvitationState.CANCELLED.value, None
    unit.session.flush()
