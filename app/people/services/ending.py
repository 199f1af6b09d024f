"""Roles for a time: told two days ahead, noted when they have ended. They end by themselves, without this."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.audit.services import record
from app.db import Unit
from app.notifications.services import notify, register_template
from app.security.models import Account, Membership, MembershipRole
from app.security.roles.queries import role_label
from app.security.services import note_security

DAYS_AHEAD = 2

register_template(
    "people.role_ends",
    subject=_l("A role ends on %(day)s: %(role)s"),
    body=_l(
        "%(person)s holds the role “%(role)s” at %(agency)s until %(day)s, that day included. It ends by itself."
        " If it is needed for longer, whoever gives roles there can change the date."
    ),
)


def tell_of_ends(unit: Unit, day: date) -> int:
    """Tell the person and who gave the role, once, that it ends two days after `day`; gives how many roles."""
    links = _ending(unit, day + timedelta(days=DAYS_AHEAD))
    for link in links:
        membership = link.membership
        told = [membership.user]
        giver = unit.session.get(Account, link.granted_by) if link.granted_by else None
        if giver is not None and giver.active:
            told.append(giver)
        context = {
            "day": link.until.isoformat() if link.until else "",
            "role": role_label(link.role.name, unit.session),
            "person": membership.user.get_full_name(),
            "agency": membership.agency.name,
        }
        key = f"role-ends:{membership.id}:{link.role_id}:{context['day']}"
        notify(unit, told, "people.role_ends", key, context, "")
    return len(links)


def note_ends(unit: Unit, day: date) -> int:
    """Write down which roles ended with the day before `day`; gives how many."""
    links = _ending(unit, day - timedelta(days=1))
    for link in links:
        membership, name = link.membership, link.role.name
        data = {"role": name, "agency": membership.agency.code}
        record(unit, "role.ended", f"membership:{membership.id}", data, membership.agency_id)
        note_security(
            unit,
            "role_revoked",
            "ok",
            subject=f"account:{membership.user_id}",
            detail=f"{name} @ {membership.agency.code}: ended by its date",
        )
    return len(links)


def _ending(unit: Unit, day: date) -> list[MembershipRole]:
    query = (
        select(MembershipRole)
        .join(MembershipRole.membership)
        .join(Membership.user)
        .where(
            MembershipRole.until == day, Membership.active, Account.active, Membership.agency_id.is_not(None)
        )
        .options(
            joinedload(MembershipRole.membership).joinedload(Membership.user),
            joinedload(MembershipRole.membership).joinedload(Membership.agency),
        )
        .order_by(MembershipRole.membership_id, MembershipRole.role_id)
    )
    return list(unit.session.scalars(query))
