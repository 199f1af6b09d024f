"""The link of an invitation: looked at without being spent, accepted once, refused with a line in the log."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from app.audit.services import record
from app.db import Unit
from app.kernel.clock import Clock
from app.kernel.errors import DomainError, Fault, Invalid, NotFound, Refused
from app.people import area
from app.people.models import Invitation
from app.people.rules import InvitationState, may_accept
from app.security.login.services import set_password
from app.security.models import Account, Membership
from app.security.places import SecurityNote
from app.security.scoping import unscoped
from app.security.services import note_security

LONGEST_TOKEN = 100


def link_of(session: Session, token: str, clock: Clock, signed_in: int | None = None) -> Invitation:
    """The invitation behind a token, with person, agency and roles. Looking does not spend it.

    :param signed_in: the account that is logged in in this browser
    :raises NotFound: a token that was never given, or that a newer one replaced
    :raises Refused: used, cancelled, expired, or opened while another person is logged in
    """
    if len(token) > LONGEST_TOKEN:
        raise NotFound("invitation_unknown")
    with unscoped(session, "the link of an invitation, checked by its digest"):
        found = session.scalars(
            select(Invitation)
            .where(Invitation.token_digest == sha256(token.encode()).digest())
            .options(
                joinedload(Invitation.user),
                joinedload(Invitation.agency),
                joinedload(Invitation.inviter),
                joinedload(Invitation.membership).selectinload(Membership.roles),
            )
            .execution_options(populate_existing=True)
        ).first()
    if found is None:
        raise NotFound("invitation_unknown")
    is_held = found.membership.active and found.agency.active and found.user.left_at is None
    may_accept(found.state, found.expires_at, clock.now(), is_held).require()
    if signed_in is not None:
        raise Refused(
            "invitation_of_another" if signed_in != found.user_id else "invitation_used",
            name=found.user.get_full_name(),
        )
    return found


def accept(unit: Unit, token: str, password: str, again: str) -> Account:
    """Set the own password and open the account; the link is spent.

    The unit is the system's: nobody is logged in. Two at the same moment come one after the other.

    :raises NotFound, Refused: as `link_of`
    :raises Invalid: the password, with everything that is wrong with it
    """
    if password != again:
        raise Invalid(faults=[Fault("again", "passwords_differ")])
    found = link_of(unit.session, token, unit.clock)
    unit.session.get(Invitation, found.id, with_for_update=True, populate_existing=True)
    is_held = found.membership.active and found.agency.active
    may_accept(found.state, found.expires_at, unit.clock.now(), is_held).require()
    account = area.hold(unit.session, found.user_id)
    account.active = True
    set_password(unit, account, password, temporary=False)
    found.state, found.accepted_at = InvitationState.ACCEPTED.value, unit.clock.now()
    unit.session.flush()
    record(unit, "account.opened", f"account:{account.id}", {"agency": found.agency.code}, found.agency_id)
    note_security(unit, "invitation_accepted", "ok", subject=f"account:{account.id}", user_id=account.id)
    return account


def refuse_link(unit: Unit, token: str, error: DomainError, user_id: int | None = None) -> None:
    """Leave a line about a link that opened nothing. The token itself is not written down."""
    digest = sha256(token[:LONGEST_TOKEN].encode()).hexdigest()[:12]
    note_security(
        unit, "link_refused", "refused", subject=f"invitation:{digest}", detail=error.code, user_id=user_id
    )


def note_own_password(unit: Unit, note: SecurityNote) -> None:
    """Whoever has changed the first password of a slip has accepted the invitation."""
    if note.action != "password_changed" or note.outcome != "ok" or note.user_id is None:
        return
    table = Invitation.__table__
    with unscoped(unit.session, "an invitation by slip is accepted by the first own password"):
        unit.session.execute(
            update(table)
            .where(
                table.c.user_id == note.user_id,
                table.c.state == InvitationState.OPEN.value,
                table.c.token_digest.is_(None),
            )
            .values(state=InvitationState.ACCEPTED.value, accepted_at=note.at)
        )
