"""The list of people of an area: filter, pages by key, figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta, timezone
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.notifications.services import WITHOUT_MAIL
from app.people import area
from app.people.models import Invitation, MoveRequest
from app.people.rules import ENDS_SOON, InvitationState, LastLogIn, MoveState, PersonState, person_state
from app.security.models import Account, Agency, Membership, MembershipRole
from app.security.paging import keyset_page
from app.security.protection import has_number

PAGE = 50
COUNTED_UP_TO = 10_000
CHUNK = 1_000

_U = Account.__table__.c
_M = Membership.__table__
_L = MembershipRole.__table__
_I = Invitation.__table__


@dataclass(frozen=True)
class PeopleFilter:
    """What the list is narrowed to, as it stands in the address. Without `state` those who left are left out."""

    q: str = ""
    agency: str = ""
    role: str = ""
    state: str = ""
    last: str = ""
    ends: str = ""


FILTERS = tuple(part.name for part in fields(PeopleFilter))


@dataclass(frozen=True)
class Area:
    """Whose list, at what moment. `ids`: the agencies of the area."""

    ids: frozenset[int]
    now: datetime
    day: date


@dataclass(frozen=True)
class Line:
    """One person as the list shows it. `places`: the memberships within the area."""

    id: int
    name: str
    username: str
    phone: str
    mail: str
    state: PersonState
    last_login: datetime | None
    places: Sequence[Membership]


@dataclass(frozen=True)
class Page:
    """One page of a keyset list; `before`, `after` are keys where something lies beyond."""

    rows: list[Line]
    before: tuple[str, int] | None
    after: tuple[str, int] | None


@dataclass(frozen=True)
class Figures:
    """`found`: how many the filter leaves, counted no further than one above `COUNTED_UP_TO`; `moves`: how many
    wait for an answer of the area.
    """

    found: int
    moves: int
    people: int
    invited: int
    locked: int
    silent: int
    ending: int


def criteria(where: Area, wanted: PeopleFilter) -> list[ColumnElement[bool]]:
    found = [area.within(where.ids)]
    if wanted.q:
        found.append(_matches(wanted.q))
    if wanted.agency.isascii() and wanted.agency.isdecimal() and len(wanted.agency) < 18:
        found.append(_at(where, _M.c.agency_id == int(wanted.agency)))
    elif wanted.agency:
        found.append(_at(where, _M.c.agency_id == -1))
    if wanted.role:
        found.append(_holds(where, Role.__table__.c.name == wanted.role))
    if wanted.ends:
        found.append(_ends_soon(where))
    found.append(_state(where, wanted.state))
    if wanted.last:
        found.append(_last(where, wanted.last))
    return found


def _matches(text: str) -> ColumnElement[bool]:
    """Name or account name contains it, mail begins with it, phone is it or ends with it."""
    pattern = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    parts: list[Any] = [
        _U.display_name.like(f"%{pattern}%", escape="\\"),
        _U.username.like(f"%{pattern.lower()}%", escape="\\"),
        and_(
            func.lower(_U.email).like(f"{pattern.lower()}%", escape="\\"),
            ~_U.email.endswith(WITHOUT_MAIL),
        ),
    ]
    if sum(sign.isdecimal() for sign in text) >= 4:
        parts.append(has_number(Account, text))
    return or_(*parts)


def _at(where: Area, *narrower: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_M.c.user_id == _U.id, _M.c.agency_id.in_(where.ids), *narrower)


def _holds(where: Area, *narrower: ColumnElement[bool]) -> ColumnElement[bool]:
    """A role held now under an active membership of the area."""
    role = Role.__table__
    return exists(
        select(_M.c.id)
        .join(_L, _L.c.membership_id == _M.c.id)
        .join(role, role.c.id == _L.c.role_id)
        .where(
            _M.c.user_id == _U.id,
            _M.c.agency_id.in_(where.ids),
            _M.c.active,
            or_(_L.c.until.is_(None), _L.c.until >= where.day),
            *narrower,
        )
        .correlate(Account.__table__)
    )


def _ends_soon(where: Area) -> ColumnElement[bool]:
    return _holds(where, _L.c.until <= where.day + ENDS_SOON)


def _invited() -> ColumnElement[bool]:
    return exists().where(_I.c.user_id == _U.id, _I.c.state == InvitationState.OPEN.value)


def _state(where: Area, wanted: str) -> ColumnElement[bool]:
    here = _U.left_at.is_(None)
    locked = or_(~_U.active & ~_invited(), _U.locked_until > where.now)
    return {
        PersonState.ACTIVE.value: and_(
            here, _U.active, or_(_U.locked_until.is_(None), _U.locked_until <= where.now)
        ),
        PersonState.INVITED.value: and_(here, ~_U.active, _invited()),
        PersonState.LOCKED.value: and_(here, locked),
        PersonState.LEFT.value: _U.left_at.is_not(None),
    }.get(wanted, here)


def _last(where: Area, wanted: str) -> ColumnElement[bool]:
    before = {LastLogIn.OVER_30.value: 30, LastLogIn.OVER_90.value: 90}.get(wanted)
    if before is None:
        return _U.last_login.is_(None)
    return _U.last_login < (where.now - timedelta(days=before)).replace(tzinfo=None)


def _columns() -> Select[Any]:
    return select(
        _U.id,
        _U.display_name,
        _U.username,
        _U.phone,
        _U.email,
        _U.active,
        _U.left_at,
        _U.locked_until,
        _U.last_login,
        _invited().label("invited"),
    )


def page(
    session: Session,
    where: Area,
    wanted: PeopleFilter,
    *,
    after: tuple[str, int] | None = None,
    before: tuple[str, int] | None = None,
    limit: int = PAGE,
) -> Page:
    """One page in the order of names. `after` and `before` are (name, id) of a person. Four queries."""
    statement = _columns().where(*criteria(where, wanted))
    rows, first, last = keyset_page(
        session, statement, _U.display_name, _U.id, after=after, before=before, limit=limit
    )
    return Page(_lines(session, where, rows) if rows else [], first, last)


def _lines(session: Session, where: Area, rows: Sequence[Row[Any]]) -> list[Line]:
    places: dict[int, list[Membership]] = defaultdict(list)
    query = (
        select(Membership)
        .where(Membership.user_id.in_([row.id for row in rows]), Membership.agency_id.in_(where.ids))
        .options(joinedload(Membership.agency).joinedload(Agency.region))
        .order_by(Membership.active.desc(), Membership.id)
    )
    for membership in session.scalars(query):
        places[membership.user_id].append(membership)
    return [
        Line(
            id=row.id,
            name=row.display_name or row.username,
            username=row.username,
            phone=row.phone or "",
            mail=shown_mail(row.email),
            state=person_state(
                active=bool(row.active),
                left_at=row.left_at,
                locked_until=row.locked_until,
                invited=row.invited,
                now=where.now,
            ),
            last_login=row.last_login.replace(tzinfo=timezone.utc) if row.last_login else None,
            places=_present(places[row.id]),
        )
        for row in rows
    ]


def _present(places: list[Membership]) -> list[Membership]:
    """The active ones; of somebody who has left, those that were."""
    active = [membership for membership in places if membership.active]
    return active or places


def shown_mail(address: str | None) -> str:
    """The address, without the hidden one of accounts that have none."""
    return "" if not address or address.endswith(WITHOUT_MAIL) else address


def everyone(session: Session, where: Area, wanted: PeopleFilter) -> Iterator[Line]:
    """All rows that the filter leaves, a thousand at a time: for the export."""
    after = None
    while True:
        found = page(session, where, wanted, after=after, limit=CHUNK)
        yield from found.rows
        if found.after is None:
            return
        after = found.after
        session.expunge_all()


def figures(session: Session, where: Area, wanted: PeopleFilter) -> Figures:
    """The numbers above and below the list, in one query."""
    inner = select(_U.id).where(*criteria(where, wanted)).limit(COUNTED_UP_TO + 1).subquery()
    found = select(func.count()).select_from(inner).scalar_subquery()
    asked = MoveRequest.__table__.c
    moves = select(func.count(asked.id)).where(
        asked.to_agency_id.in_(where.ids), asked.state == MoveState.ASKED.value
    )
    long_ago = (where.now - timedelta(days=90)).replace(tzinfo=None)
    people = (
        select(
            _U.id,
            (~_U.active & _invited()).label("invited"),
            _state(where, PersonState.LOCKED.value).label("locked"),
            (_U.active & (_U.last_login < long_ago)).label("silent"),
            _ends_soon(where).label("ending"),
        )
        .where(area.within(where.ids), _U.left_at.is_(None))
        .subquery()
    )
    row = session.execute(
        select(
            found,
            moves.scalar_subquery(),
            func.count(),
            func.count().filter(people.c.invited),
            func.count().filter(people.c.locked),
            func.count().filter(people.c.silent),
            func.count().filter(people.c.ending),
        ).select_from(people)
    ).one()
    return Figures(*(int(number) for number in row))
