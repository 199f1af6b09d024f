"""A spreadsheet of people: columns by their headings, rows as entries or faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import Actor
from app.kernel.errors import Fault
from app.kernel.spreadsheet import Column, SheetRow, read_rows
from app.people import area
from app.people.rules import Entry, clean_mail, clean_name, clean_phone, person_faults, split_roles, unique
from app.security.models import Account, Agency, Membership
from app.security.protection import digest_of
from app.security.roles.queries import actor_place, all_roles, place_of
from app.security.roles.rules import RoleFacts, may_grant

COLUMNS = (
    Column("name", ("姓名", "人员姓名", "name", "full name"), True),
    Column(
        "agency", ("单位", "成员单位", "所属单位", "部门", "单位名称", "单位代码", "agency", "agency code")
    ),
    Column("title", ("职务", "岗位", "职级", "title", "post")),
    Column("roles", ("角色", "权限角色", "系统角色", "roles", "role"), True),
    Column("phone", ("手机号", "手机", "手机号码", "联系电话", "电话", "phone", "mobile")),
    Column("mail", ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail", "mail")),
    Column("username", ("登录名", "账号", "用户名", "帐号", "account name", "username")),
)
LANGUAGES = ("zh_CN", "en")
CHUNK = 500


@dataclass
class Checked:
    """What a file holds: entries that could be invited, and every fault of the other rows."""

    rows: list[SheetRow] = field(default_factory=list)
    good: list[tuple[SheetRow, Entry]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def bad_rows(self) -> list[SheetRow]:
        wrong = {(fault.sheet, fault.row) for fault in self.faults}
        return [row for row in self.rows if (row.sheet, row.row) in wrong]

    def figures(self) -> dict[str, int]:
        return {"rows": len(self.rows), "good": len(self.good), "bad": len(self.bad_rows)}


@dataclass(frozen=True)
class Words:
    """Agencies of the area by code and name, and what may be given at each: word -> internal name."""

    agencies: Mapping[str, Agency]
    roles: Mapping[int, Mapping[str, str]]
    known_roles: frozenset[str]
    own: Agency | None


def check_file(session: Session, actor: Actor, content: bytes, file_name: str, reason: str) -> Checked:
    """Read and check every row against the area, the file itself and the accounts that exist. Seven queries and
    three for every five hundred rows.

    :raises Invalid: the file as a whole cannot be read
    """
    found = Checked(rows=read_rows(content, file_name, COLUMNS))
    words = _words(session, actor)
    entries: list[tuple[SheetRow, Entry, list[Fault]]] = []
    for row in found.rows:
        entry, faults = _entry(row, words, reason)
        entries.append((row, entry, faults))
    _twice(entries)
    _known(session, entries)
    for row, entry, faults in entries:
        if faults:
            found.faults.extend(_placed(row, faults))
        else:
            found.good.append((row, entry))
    return found


def _placed(row: SheetRow, faults: Iterable[Fault]) -> list[Fault]:
    return [
        row.fault(f.field, f.code, **{**f.facts, "value": f.value or row.cells.get(f.field, "")})
        for f in faults
    ]


def _words(session: Session, actor: Actor) -> Words:
    agencies = area.agencies(session, actor)
    own_place = actor_place(session, actor)
    roles = all_roles(session)
    labels = {role.name: _labels(role) for role in roles}
    offered = {
        agency.id: {
            word: role.name
            for role in roles
            if own_place is not None and may_grant(actor.roles, own_place, role, place_of(agency))
            for word in labels[role.name]
        }
        for agency in agencies
    }
    by_word = {word: agency for agency in agencies for word in (agency.code.casefold(), agency.name)}
    known = frozenset(word for found in labels.values() for word in found)
    return Words(by_word, offered, known, next((a for a in agencies if a.id == actor.agency_id), None))


def _labels(role: RoleFacts) -> set[str]:
    """Every way in which a role may be written: its code, its name in both languages."""
    words = {role.name.casefold(), str(role.label).casefold()}
    if not role.is_custom:
        for language in LANGUAGES:
            with force_locale(language):
                words.add(_(str(role.label)).casefold())
    return words


def _entry(row: SheetRow, words: Words, reason: str) -> tuple[Entry, list[Fault]]:
    cells = row.cells
    faults: list[Fault] = []
    wanted = clean_name(cells.get("agency", ""))
    agency = words.agencies.get(wanted.casefold()) or words.agencies.get(wanted) if wanted else words.own
    if agency is None:
        faults.append(Fault("agency", "agency_unknown" if wanted else "agency_missing", value=wanted))
    texts = {
        "name": clean_name(cells.get("name", "")),
        "title": clean_name(cells.get("title", "")),
        "phone": clean_phone(cells.get("phone", "")),
        "mail": clean_mail(cells.get("mail", "")),
        "username": cells.get("username", "").strip().casefold(),
    }
    faults += person_faults(texts)
    roles = []
    offered = words.roles.get(agency.id, {}) if agency is not None else {}
    for word in split_roles(cells.get("roles", "")):
        name = offered.get(word.casefold())
        if name is not None:
            roles.append(name)
        elif word.casefold() not in words.known_roles:
            faults.append(Fault("roles", "role_unknown", value=word))
        elif agency is not None:
            faults.append(Fault("roles", "role_not_yours", value=word))
    if not split_roles(cells.get("roles", "")):
        faults.append(Fault("roles", "roles_missing"))
    entry = Entry(
        agency_id=agency.id if agency is not None else 0, roles=unique(roles), reason=reason, **texts
    )
    return entry, faults


def _twice(entries: list[tuple[SheetRow, Entry, list[Fault]]]) -> None:
    """The same number, address or account name in two rows of the file."""
    first: dict[tuple[str, str], int] = {}
    for row, entry, faults in entries:
        for name in ("phone", "mail", "username"):
            value = getattr(entry, name)
            if not value:
                continue
            if (name, value) in first:
                faults.append(Fault(name, "duplicate_in_file", value=value, first=first[name, value]))
            first.setdefault((name, value), row.row)
        if not (entry.phone or entry.mail or entry.username):
            key = (f"name@{entry.agency_id}", entry.name)
            if key in first:
                faults.append(Fault("name", "duplicate_in_file", value=entry.name, first=first[key]))
            first.setdefault(key, row.row)


def _known(session: Session, entries: list[tuple[SheetRow, Entry, list[Fault]]]) -> None:
    """People who have an account already, and names that somebody at the same agency has."""
    users, member = Account.__table__, Membership.__table__
    for start in range(0, len(entries), CHUNK):
        part = entries[start : start + CHUNK]
        digests = {digest_of(e.phone, "ab_user.phone"): e.phone for _, e, _ in part if e.phone}
        phones = {
            digests[value]
            for value in session.scalars(
                select(users.c.phone_digest).where(users.c.phone_digest.in_(list(digests)))
            )
        }
        mails = _taken(session, func.lower(users.c.email), {e.mail for _, e, _ in part if e.mail})
        names = _taken(session, func.lower(users.c.username), {e.username for _, e, _ in part if e.username})
        twins = {
            (agency, name)
            for agency, name in session.execute(
                select(member.c.agency_id, users.c.display_name)
                .join(users, users.c.id == member.c.user_id)
                .where(
                    member.c.active,
                    users.c.left_at.is_(None),
                    users.c.display_name.in_({e.name for _, e, _ in part}),
                )
            )
        }
        for _row, entry, faults in part:
            for name, taken in (("phone", phones), ("mail", mails), ("username", names)):
                if getattr(entry, name) in taken:
                    faults.append(Fault(name, "person_has_account", value=getattr(entry, name)))
            if (entry.agency_id, entry.name) in twins:
                faults.append(Fault("name", "same_name_row", value=entry.name))


def _taken(session: Session, column: object, values: set[str]) -> set[str]:
    if not values:
        return set()
    return set(session.scalars(select(column).where(column.in_(values))))  # type: ignore[attr-defined,call-overload]
