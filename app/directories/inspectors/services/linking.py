"""The link between an inspector and the account of the same person."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.services import record
from app.db import Unit
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.services.keeping import locked, may_keep
from app.kernel.clock import today
from app.kernel.errors import Refused
from app.people.models import Invitation
from app.people.services import invite
from app.people.services.inviting import entry_of
from app.security.models import Account
from app.security.queries import people
from app.security.rules import RoleName
from app.security.scoping import unscoped
from app.security.services import note_security


def link_account(unit: Unit, inspector_id: int, user_id: int) -> Inspector:
    """Say that an account is this inspector's. The account has the role of an inspector at the agency.

    Linking the same account again changes nothing.

    :raises Refused: another agency's account, one that is another inspector's, or there is a link already
    """
    inspector = locked(unit, inspector_id)
    may_keep(unit, inspector.agency_id)
    if inspector.user_id == user_id:
        return inspector
    if inspector.user_id is not None:
        raise Refused("inspector_linked_already")
    known = people(unit.session, inspector.agency_id, {RoleName.INSPECTOR}, today(unit.clock))
    if user_id not in {account.id for account in known}:
        raise Refused("account_of_another_agency")
    with unscoped(unit.session, "an account is linked to one inspector"):
        other = unit.session.scalars(select(Inspector).where(Inspector.user_id == user_id)).first()
    if other is not None:
        raise Refused("account_linked_already", name=other.name)
    inspector.user_id = user_id
    unit.session.flush()
    _note_linked(unit, inspector, user_id)
    return inspector


def unlink_account(unit: Unit, inspector_id: int) -> Inspector:
    """Take the link off; the account stays, its person no longer sees the visits of this inspector."""
    inspector = locked(unit, inspector_id)
    may_keep(unit, inspector.agency_id)
    user_id = inspector.user_id
    if user_id is None:
        return inspector
    inspector.user_id = None
    unit.session.flush()
    subject = f"inspector:{inspector.id}"
    record(unit, "inspector.unlinked", subject, {"account": user_id}, inspector.agency_id)
    note_security(unit, "inspector_unlinked", "ok", subject=f"account:{user_id}", detail=subject)
    return inspector


def invite_inspector(
    unit: Unit, inspector_id: int, *, mail: str, phone: str, reason: str, namesake: bool = False
) -> tuple[Invitation, str]:
    """Make an account for the inspector by invitation, with the role of an inspector, and link it.

    :return: the invitation and the token of its link, as `app.people.services.invite`
    :raises Refused: there is a link already, or the person has an account
    """
    inspector = locked(unit, inspector_id)
    may_keep(unit, inspector.agency_id)
    if inspector.user_id is not None:
        raise Refused("inspector_linked_already")
    entry = entry_of(
        name=inspector.name,
        agency_id=inspector.agency_id,
        roles=[RoleName.INSPECTOR.value],
        title=inspector.position,
        phone=phone or inspector.phone,
        mail=mail,
        reason=reason,
    )
    invitation, token = invite(unit, entry, namesake=namesake)
    inspector.user_id = invitation.user_id
    unit.session.flush()
    _note_linked(unit, inspector, invitation.user_id)
    return invitation, token


def accounts_without_inspector(session: Session, agency_id: int, day: date) -> list[Account]:
    """Accounts with the role of an inspector at the agency that are no inspector's yet, by name."""
    found = people(session, agency_id, {RoleName.INSPECTOR}, day)
    with unscoped(session, "which accounts are linked"):
        ids = [account.id for account in found]
        taken = set(session.scalars(select(Inspector.user_id).where(Inspector.user_id.in_(ids))))
    return sorted((a for a in found if a.id not in taken), key=lambda a: (a.get_full_name(), a.id))


def _note_linked(unit: Unit, inspector: Inspector, user_id: int) -> None:
    subject = f"inspector:{inspector.id}"
    record(unit, "inspector.linked", subject, {"account": user_id}, inspector.agency_id)
    note_security(unit, "inspector_linked", "ok", subject=f"account:{user_id}", detail=subject)
