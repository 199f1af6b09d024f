"""Reference rows of the organisation and the calendar, and the demo's accounts. Idempotent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.security.models import (
    Account,
    Agency,
    CalendarDay,
    LineOfBusiness,
    MeetingMember,
    Membership,
    MembershipRole,
    Region,
)

Rows = Iterable[Mapping[str, str]]
FOUNDED = date(2022, 11, 1)


def upsert(session: Session, model: type[Any], key: str, rows: list[dict[str, Any]]) -> None:
    """Insert or bring up to date by one unique column."""
    if not rows:
        return
    statement = insert(model.__table__).values(rows)
    changes = {name: statement.excluded[name] for name in rows[0] if name != key}
    session.execute(statement.on_conflict_do_update(index_elements=[key], set_=changes))


def load_regions(session: Session, rows: Rows) -> None:
    """Parents first; a zone stands under the region it lies in."""
    ids: dict[str, int] = {}
    paths: dict[str, str] = {}
    pending = [dict(row) for row in rows]
    while pending:
        ready = [r for r in pending if not _parent(r) or _parent(r) in ids]
        if not ready:
            raise ValueError(f"regions without a parent: {[r['code'] for r in pending]}")
        for row in ready:
            parent = _parent(row)
            paths[row["code"]] = f"{paths[parent]}/{row['code']}" if parent else row["code"]
        upsert(
            session,
            Region,
            "code",
            [
                {
                    "code": r["code"],
                    "name": r["name"],
                    "name_en": r["name_en"],
                    "level": r["level"],
                    "parent_id": ids.get(_parent(r)),
                    "path": paths[r["code"]],
                }
                for r in ready
            ],
        )
        ids = dict(session.execute(select(Region.code, Region.id)).all())
        pending = [r for r in pending if r not in ready]


def _parent(row: Mapping[str, str]) -> str:
    return row["parent"] or row["located_in"]


def load_agencies(session: Session, lines: Rows, agencies: Rows) -> None:
    """Lines, agencies, and who sits in which joint meeting: all agencies of a region in the region's own."""
    upsert(session, LineOfBusiness, "code", [dict(r) for r in lines])
    region_ids = dict(session.execute(select(Region.code, Region.id)).all())
    upsert(
        session,
        Agency,
        "code",
        [
            {
                "code": r["code"],
                "name": r["name"],
                "name_en": r["name_en"],
                "region_id": region_ids[r["region"]],
                "line_code": r["line"],
                "is_office": r["line"] == "office",
            }
            for r in agencies
        ],
    )
    table = Agency.__table__
    office = table.alias()
    pairs = session.execute(
        select(office.c.id, table.c.id).where(
            office.c.is_office, table.c.region_id == office.c.region_id, ~table.c.is_office
        )
    ).all()
    session.execute(
        insert(MeetingMember.__table__)
        .values([{"office_id": o, "agency_id": a, "joined_on": FOUNDED} for o, a in pairs])
        .on_conflict_do_nothing()
    )


def load_calendar(session: Session, rows: Rows) -> None:
    days: dict[str, dict[str, Any]] = {}
    for r in rows:
        days[r["date"]] = {
            "day": date.fromisoformat(r["date"]),
            "kind": r["type"],
            "name": r["name"],
            "paper_year": int(r["paper_year"]),
        }
    upsert(session, CalendarDay, "day", list(days.values()))


def load_accounts(session: Session, rows: Iterable[Mapping[str, Any]], password_hash: str) -> dict[str, int]:
    """Accounts with one membership each; returns user ids by name. Existing ones are left alone."""
    agency_ids = dict(session.execute(select(Agency.code, Agency.id)).all())
    role_ids = dict(session.execute(select(Role.name, Role.id)).all())
    wanted = {row["username"]: row for row in rows}
    users = Account.__table__
    session.execute(
        insert(users)
        .values(
            [
                {
                    "username": name,
                    "first_name": row["display_name"],
                    "last_name": "",
                    "display_name": row["display_name"],
                    "email": row["email"],
                    "password": password_hash,
                    "active": True,
                    "locale": "zh_CN",
                }
                for name, row in wanted.items()
            ]
        )
        .on_conflict_do_nothing()
    )
    ids = dict(
        session.execute(select(users.c.username, users.c.id).where(users.c.username.in_(wanted))).all()
    )
    members = Membership.__table__
    session.execute(
        insert(members)
        .values(
            [
                {"user_id": ids[n], "agency_id": agency_ids[r["agency_code"]], "active": True}
                for n, r in wanted.items()
            ]
        )
        .on_conflict_do_nothing()
    )
    by_user = dict(session.execute(select(members.c.user_id, members.c.id)).all())
    session.execute(
        insert(MembershipRole.__table__)
        .values(
            [
                {"membership_id": by_user[ids[n]], "role_id": role_ids[role]}
                for n, r in wanted.items()
                for role in r["roles"]
            ]
        )
        .on_conflict_do_nothing()
    )
    return ids
