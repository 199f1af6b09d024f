"""Set an installation up: the three administrators and the regional office's first one, then never again.

There is no default account. The operator gets a one-time code at the command line; the page that it opens makes four
accounts with first passwords for slips, takes Flask-AppBuilder's `Admin` from everybody, and closes itself for ever.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from app.audit.services import record
from app.db import Unit
from app.kernel.clock import Clock, today
from app.kernel.errors import Fault, Invalid, Refused
from app.security.login.services import first_password, set_password
from app.security.models import Account, Agency, Membership, MembershipRole, Region
from app.security.queries import in_role
from app.security.roles.models import SetUp
from app.security.roles.services.giving import grant_role
from app.security.rules import RoleName
from app.security.services import note_security

HOURS = 24
MOST_FAILURES = 10
MADE = (RoleName.SYSTEM_ADMIN, RoleName.SECURITY_ADMIN, RoleName.AUDIT_ADMIN, RoleName.OFFICE_ADMIN)
NO_MAIL = "@portal.invalid"
LONGEST_NAME = 60
USERNAME = re.compile(r"(?=.*[a-z])[a-z0-9_]{3,40}")
"""Not figures alone: that is a telephone number, with which people log in too."""


@dataclass(frozen=True)
class NewPerson:
    role: RoleName
    username: str
    name: str


@dataclass(frozen=True)
class Slip:
    """What is printed and handed over; the password is shown this once."""

    role: RoleName
    username: str
    name: str
    password: str


def is_closed(session: Session, clock: Clock) -> bool:
    """Whether nobody can set this installation up any more: it was done, or it has a security administrator."""
    row = session.get(SetUp, 1)
    return (row is not None and row.closed_at is not None) or _has_security_admin(session, clock)


def is_open(session: Session, clock: Clock) -> bool:
    """Whether a code is out that still opens the page."""
    row = session.get(SetUp, 1, populate_existing=True)
    return row is not None and _opens(row, clock) and not is_closed(session, clock)


def begin_set_up(unit: Unit) -> str:
    """A new one-time code, good for a day; an earlier one ends.

    :raises Refused: `set_up_done`
    """
    if is_closed(unit.session, unit.clock):
        raise Refused("set_up_done")
    if _regional_office(unit.session) is None:
        raise Refused("set_up_without_office")
    code = secrets.token_urlsafe(24)
    row = unit.session.get(SetUp, 1, with_for_update=True)
    if row is None:
        row = SetUp(id=1)
        unit.session.add(row)
    now = unit.clock.now()
    row.code_digest, row.begun_at, row.begun_by = _digest(code), now, unit.actor.code
    row.expires_at, row.failures = now + timedelta(hours=HOURS), 0
    unit.session.flush()
    note_security(unit, "set_up", "ok", subject="set_up:1", detail="begun")
    return code


def accept_code(unit: Unit, code: str) -> bool:
    """Whether the code opens the page; a wrong one is counted and noted, and ten of them close it."""
    row = unit.session.get(SetUp, 1, with_for_update=True, populate_existing=True)
    if row is None or not _opens(row, unit.clock) or is_closed(unit.session, unit.clock):
        note_security(unit, "set_up", "refused", subject="set_up:1", detail="closed")
        return False
    if compare_digest(row.code_digest, _digest(code)):
        return True
    row.failures += 1
    note_security(unit, "set_up", "refused", subject="set_up:1", detail=f"wrong code, {row.failures}")
    return False


def finish_set_up(unit: Unit, people: Sequence[NewPerson]) -> list[Slip]:
    """Make the four accounts, close the set-up for ever. After `accept_code`, in the same unit.

    :raises Invalid: a name that is missing, taken or named twice
    :raises Refused: closed meanwhile
    """
    session = unit.session
    row = session.get(SetUp, 1, with_for_update=True, populate_existing=True)
    if row is None or not _opens(row, unit.clock) or is_closed(session, unit.clock):
        raise Refused("set_up_done")
    office = _regional_office(session)
    if office is None:
        raise Refused("set_up_without_office")
    _check(session, people)
    slips = [_make(unit, person, office) for person in people]
    _close_admin(session)
    row.closed_at = unit.clock.now()
    session.flush()
    record(unit, "set_up.closed", "set_up:1", {"accounts": len(slips)}, office.id)
    note_security(unit, "set_up", "ok", subject="set_up:1", detail="closed")
    return slips


def _make(unit: Unit, person: NewPerson, office: Agency) -> Slip:
    password = first_password()
    account = Account(
        username=person.username,
        first_name=person.name,
        last_name="",
        display_name=person.name,
        email=f"{person.username}{NO_MAIL}",
        active=True,
        locale="zh_CN",
    )
    unit.session.add(account)
    unit.session.flush()
    set_password(unit, account, password, temporary=True)
    membership = Membership(user_id=account.id, agency_id=office.id, active=True)
    unit.session.add(membership)
    unit.session.flush()
    note_security(unit, "account_invited", "ok", subject=f"account:{account.id}", detail="set-up")
    grant_role(unit, membership.id, person.role.value, until=None, reason="set-up")
    return Slip(person.role, person.username, person.name, password)


def _check(session: Session, people: Sequence[NewPerson]) -> None:
    faults = []
    if [p.role for p in people] != list(MADE):
        raise Refused("set_up_incomplete")
    wanted = [p.username for p in people]
    taken = set(session.scalars(select(Account.username).where(Account.username.in_(wanted))))
    for person in people:
        field = f"{person.role.value}_username"
        if not person.username:
            faults.append(Fault(field, "required"))
        elif person.username in taken or wanted.count(person.username) > 1:
            faults.append(Fault(field, "duplicate", value=person.username))
        elif not USERNAME.fullmatch(person.username):
            faults.append(Fault(field, "username_shape", value=person.username))
        if not person.name:
            faults.append(Fault(f"{person.role.value}_name", "required"))
        elif len(person.name) > LONGEST_NAME:
            faults.append(
                Fault(f"{person.role.value}_name", "too_long", most=LONGEST_NAME, found=len(person.name))
            )
    if faults:
        raise Invalid(faults=faults)


def _close_admin(session: Session) -> None:
    """Nobody holds `Admin` any more; an account that had nothing else is closed."""
    admin = select(Role.id).where(Role.name == "Admin")
    session.execute(
        text(
            "UPDATE ab_user u SET active = false WHERE EXISTS (SELECT FROM ab_user_role ur JOIN ab_role r"
            " ON r.id = ur.role_id WHERE ur.user_id = u.id AND r.name = 'Admin')"
            " AND NOT EXISTS (SELECT FROM membership m WHERE m.user_id = u.id AND m.active)"
        )
    )
    session.execute(
        text("DELETE FROM ab_user_role WHERE role_id IN (SELECT id FROM ab_role WHERE name = 'Admin')")
    )
    session.execute(
        delete(MembershipRole)
        .where(MembershipRole.role_id.in_(admin))
        .execution_options(synchronize_session=False)
    )


def _has_security_admin(session: Session, clock: Clock) -> bool:
    query = select(MembershipRole.role_id).where(in_role({RoleName.SECURITY_ADMIN}, today(clock))).limit(1)
    return session.scalar(query) is not None


def _regional_office(session: Session) -> Agency | None:
    query = select(Agency).join(Region, Region.id == Agency.region_id)
    return session.scalars(query.where(Region.parent_id.is_(None), Agency.is_office, Agency.active)).first()


def _opens(row: SetUp, clock: Clock) -> bool:
    return row.closed_at is None and clock.now() < row.expires_at and row.failures < MOST_FAILURES


def _digest(code: str) -> bytes:
    return sha256(code.strip().encode()).digest()
