"""Who can see a record: the walls asked the other way round.

People with the same roles at the same unit see the same rows, so that each such group is asked once, many groups in
one statement; what is addressed to single persons is asked for all of them in one more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Integer, inspect, literal_column, select, text
from sqlalchemy.orm import Session

from app.kernel.errors import NotFound
from app.security.models import Account, Agency, Membership, Region
from app.security.queries import BUSINESS_ROLES
from app.security.rules import RoleName
from app.security.scope import Scope
from app.security.scoping import scoped_models, unscoped

LABELS = {
    "target": _l("Target"),
    "inspector": _l("Inspector"),
    "library": _l("Library"),
    "recusal": _l("Recusal"),
    "item_list": _l("List of items"),
    "item": _l("Item"),
    "plan": _l("Plan"),
    "plan_entry": _l("Plan entry"),
    "task": _l("Task"),
    "draw": _l("Draw"),
    "visit": _l("Visit"),
    "check_form": _l("Check form"),
    "follow_up": _l("Follow-up"),
    "publication": _l("Publication"),
    "dossier": _l("Dossier"),
}
ALIASES = {"form": "check_form", "entry": "plan_entry"}
PER_STATEMENT = 40
MOST_PERSONAL = 200
HELD_SQL = """
SELECT m.id, m.user_id, m.agency_id,
       array_agg(DISTINCT coalesce(b.base, r.name) ORDER BY coalesce(b.base, r.name)) AS roles
  FROM membership m
  JOIN ab_user u ON u.id = m.user_id AND u.active
  JOIN membership_role mr ON mr.membership_id = m.id AND (mr.until IS NULL OR mr.until >= :day)
  JOIN ab_role r ON r.id = mr.role_id
  LEFT JOIN custom_role c ON c.role_id = r.id
  LEFT JOIN LATERAL jsonb_array_elements_text(c.bases) AS b(base) ON true
 WHERE m.active AND m.agency_id IS NOT NULL
 GROUP BY m.id
"""
GROUPS_SQL = text(
    f"SELECT agency_id, roles, count(DISTINCT user_id) FROM ({HELD_SQL}) h GROUP BY agency_id, roles"  # noqa: S608
)
PEOPLE_SQL = text(
    "SELECT DISTINCT u.id, coalesce(nullif(u.display_name, ''), u.username), h.agency_id, h.roles "  # noqa: S608
    f"FROM ({HELD_SQL}) h JOIN ab_user u ON u.id = h.user_id "
    "WHERE h.agency_id = ANY(:agencies) ORDER BY h.agency_id, u.id LIMIT :most"
)


@dataclass(frozen=True)
class Record:
    kind: str
    label: Any
    model: type[Any]
    id: int
    title: str


@dataclass(frozen=True)
class Group:
    """People with the same roles at one unit who see the record, and by what."""

    agency_id: int
    agency: str
    roles: tuple[str, ...]
    count: int
    why: str


@dataclass(frozen=True)
class Seen:
    """`groups` see it by their unit; `persons` (user ids) because it is addressed to them."""

    groups: list[Group]
    persons: list[int]


class _AnyPerson(Scope):
    """A scope whose person is a column: one criterion for all people at once."""

    @property
    def person_id(self) -> Any:
        return literal_column("m.user_id", Integer)


def find_record(session: Session, subject: str) -> Record:
    """The record of `kind:key` within the person's own reach.

    :raises NotFound: an unknown kind, or a record that is not there or not within reach
    """
    kind, _colon, key = subject.strip().partition(":")
    kind = ALIASES.get(kind, kind)
    model = next((m for m in scoped_models() if m.__tablename__ == kind), None) if kind in LABELS else None
    if model is None:
        raise NotFound("not_in_scope")
    if key.isascii() and key.isdecimal() and len(key) <= 18:
        query = select(model).where(model.id == int(key))
    elif kind == "draw" and 0 < len(key) <= 40:
        query = select(model).where(model.draw_no == key)
    else:
        raise NotFound("not_in_scope")
    row = session.scalars(query.limit(1)).first()
    if row is None:
        raise NotFound("not_in_scope")
    title = next(
        (str(getattr(row, n)) for n in ("no", "draw_no", "name", "title") if getattr(row, n, None)), key
    )
    return Record(kind, LABELS[kind], model, row.id, title)


def who_sees(session: Session, record: Record, day: date) -> Seen:
    """Every group and person who reads the record, whatever the reach of who asks."""
    with unscoped(session, "who can see a record"):
        units = _units(session)
        groups = [
            (agency_id, tuple(roles), count)
            for agency_id, roles, count in session.execute(GROUPS_SQL, {"day": day})
            if agency_id in units
        ]
        scopes = [_scope(units, agency_id, roles) for agency_id, roles, _count in groups]
        reads = _reads(session, record, scopes)
        owners = _owners(session, record)
        found = [
            Group(agency_id, units[agency_id].name, roles, count, _why(units[agency_id], roles, owners))
            for (agency_id, roles, count), sees in zip(groups, reads, strict=True)
            if sees
        ]
        return Seen(sorted(found, key=lambda g: (g.agency, g.roles)), _personal(session, record))


def people_of(
    session: Session, agencies: Sequence[int], day: date, most: int
) -> list[tuple[int, str, int, tuple[str, ...]]]:
    """User id, name, unit and roles of people at some units, at most `most`."""
    rows = session.execute(PEOPLE_SQL, {"day": day, "agencies": list(agencies), "most": most})
    return [(user_id, name, agency_id, tuple(roles)) for user_id, name, agency_id, roles in rows]


@dataclass(frozen=True)
class _Unit:
    id: int
    name: str
    region_id: int
    path: str
    is_office: bool
    active: bool


def _units(session: Session) -> dict[int, _Unit]:
    """All units: an organisation's chart, of some hundreds of rows."""
    agency, region = Agency.__table__, Region.__table__
    columns = (
        agency.c.id,
        agency.c.name,
        agency.c.region_id,
        region.c.path,
        agency.c.is_office,
        agency.c.active,
    )
    rows = session.execute(select(*columns).join(region, region.c.id == agency.c.region_id))
    return {row.id: _Unit(*row) for row in rows}


def _scope(units: dict[int, _Unit], agency_id: int, roles: tuple[str, ...]) -> Scope:
    """What `queries.scope_for` gives to these roles at this unit."""
    unit, held = units[agency_id], frozenset(roles)
    if not unit.active or not held & BUSINESS_ROLES:
        return Scope(roles=held)
    below = [u for u in units.values() if u.path == unit.path or u.path.startswith(unit.path + "/")]
    watches = unit.is_office or RoleName.AUDITOR in held
    return Scope(
        agency_ids=frozenset({agency_id}),
        watch_agency_ids=frozenset(u.id for u in below) if watches else frozenset(),
        region_ids=frozenset(u.region_id for u in below),
        roles=held,
    )


def _reads(session: Session, record: Record, scopes: list[Scope]) -> list[bool]:
    """For each scope whether it reads the record; many in one statement."""
    answers: list[bool] = []
    for part in _parts(scopes):
        row = session.execute(select(*(_reading(record, scope) for scope in part))).one()
        answers.extend(bool(value) for value in row)
    return answers


def _reading(record: Record, scope: Scope) -> ColumnElement[bool]:
    """Over an alias of the table, so that walls that look at the table again stay theirs."""
    model, wall = record.model, scoped_models()[record.model]
    key = inspect(model).primary_key[0]
    return select(key).where(key == record.id, wall.read(model, scope)).exists()


def _personal(session: Session, record: Record) -> list[int]:
    """Who reads it because it is addressed to the person."""
    reading = _reading(record, _AnyPerson(roles=frozenset()))
    held, account = Membership.__table__.alias("m"), Account.__table__
    query = (
        select(held.c.user_id)
        .join(account, account.c.id == held.c.user_id)
        .where(held.c.active, account.c.active, reading)
        .distinct()
        .limit(MOST_PERSONAL)
    )
    return list(session.scalars(query))


def _parts(scopes: list[Scope]) -> Iterator[list[Scope]]:
    for start in range(0, len(scopes), PER_STATEMENT):
        yield scopes[start : start + PER_STATEMENT]


def _owners(session: Session, record: Record) -> frozenset[int]:
    row = session.get(record.model, record.id)
    found = {getattr(row, name, None) for name in ("agency_id", "initiator_id")}
    return frozenset(value for value in found if isinstance(value, int))


def _why(unit: _Unit, roles: tuple[str, ...], owners: frozenset[int]) -> str:
    if unit.id in owners:
        return "own"
    if unit.is_office:
        return "office"
    if RoleName.AUDITOR in roles:
        return "auditor"
    return "shared"
