"""Reads of the security log: keyset pages, each filter by an index of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from app.ops.security_log.filters import LogFilter
from app.security.models import Account, Agency, Membership, SecurityLog

PAGE = 50
COUNTED_UP_TO = 5_000
CHUNK = 2_000
_WORD = re.compile(r"\w+")
_WORDS = "to_tsvector('simple'::regconfig, security_log.subject)"


@dataclass(frozen=True)
class LogPage:
    """`after` is the number of the last line, where there is a next page."""

    lines: list[SecurityLog]
    after: int | None


def filtered(session: Session, found: LogFilter) -> Select[Any]:
    """All lines within reach that fit, in no order yet."""
    query = select(SecurityLog)
    if found.person:
        query = query.where(SecurityLog.user_id.in_(_people(session, found.person)))
    if found.action:
        query = query.where(SecurityLog.action == found.action)
    if found.outcome:
        query = query.where(SecurityLog.outcome == found.outcome)
    if found.address:
        query = query.where(SecurityLog.address == found.address)
    if found.agency.isdecimal() and len(found.agency) < 18:
        query = query.where(SecurityLog.agency_id == int(found.agency))
    if found.begins is not None:
        query = query.where(SecurityLog.at >= found.begins)
    if found.ends is not None:
        query = query.where(SecurityLog.at < found.ends)
    words = _WORD.findall(found.text)
    if words:
        asked = " & ".join(f"'{word}':*" for word in words[:6])
        query = query.where(text(f"{_WORDS} @@ to_tsquery('simple', :words)").bindparams(words=asked))
    return query


def _people(session: Session, wanted: str) -> list[int]:
    """Accounts by number, log-in name, or the beginning of the name; [-1] where nobody fits."""
    number = wanted[1:] if wanted[:1] == "u" else wanted
    clauses: list[Any] = [
        Account.username == wanted,
        Account.display_name.startswith(wanted, autoescape=True),
    ]
    if number.isascii() and number.isdecimal() and len(number) < 10:
        clauses.append(Account.id == int(number))
    return list(session.scalars(select(Account.id).where(or_(*clauses)).limit(200))) or [-1]


def _newest_first(query: Select[Any], before: int | None, session: Session) -> Select[Any]:
    if before is not None:
        at = session.scalar(select(SecurityLog.at).where(SecurityLog.id == before))
        if at is None:
            return query.where(SecurityLog.id < 0)
        query = query.where(tuple_(SecurityLog.at, SecurityLog.id) < tuple_(at, before))
    return query.order_by(SecurityLog.at.desc(), SecurityLog.id.desc())


def page(session: Session, found: LogFilter, before: int | None = None, limit: int = PAGE) -> LogPage:
    """A page of the log, the newest first, of the lines older than the line `before`."""
    query = _newest_first(filtered(session, found), before, session).limit(limit + 1)
    rows = list(session.scalars(query))
    return LogPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def count(session: Session, found: LogFilter, most: int = COUNTED_UP_TO) -> int:
    """Lines that fit, counted no further than one above `most`."""
    inner = filtered(session, found).with_only_columns(SecurityLog.id).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(inner)) or 0


def newest(session: Session) -> int:
    return session.scalar(select(func.max(SecurityLog.id))) or 0


def stream(session: Session, found: LogFilter, upto: int) -> Iterator[list[SecurityLog]]:
    """All lines that fit up to the line `upto`, the oldest first, in pieces."""
    last: tuple[Any, int] | None = None
    base = filtered(session, found).where(SecurityLog.id <= upto)
    while True:
        query = base
        if last is not None:
            query = query.where(tuple_(SecurityLog.at, SecurityLog.id) > tuple_(*last))
        rows = list(session.scalars(query.order_by(SecurityLog.at, SecurityLog.id).limit(CHUNK)))
        if not rows:
            return
        last = (rows[-1].at, rows[-1].id)
        yield rows
        session.expunge_all()


def names(session: Session, lines: Iterable[SecurityLog]) -> Mapping[str, str]:
    """`account:12`, `agency:3`, `membership:7` -> a name; of everybody and everything the lines speak of."""
    people: set[int] = set()
    agencies: set[int] = set()
    hats: set[int] = set()
    for line in lines:
        people |= {line.user_id} if line.user_id else set()
        agencies |= {line.agency_id} if line.agency_id else set()
        kind, _, key = line.subject.partition(":")
        if key.isdecimal() and len(key) < 10:
            {"account": people, "agency": agencies, "membership": hats}.get(kind, set()).add(int(key))
    found: dict[str, str] = {}
    if hats:
        rows = session.execute(
            select(Membership.id, Account.display_name, Account.username)
            .join(Account, and_(Account.id == Membership.user_id))
            .where(Membership.id.in_(hats))
        )
        found |= {f"membership:{key}": shown or name for key, shown, name in rows}
    if people:
        columns = select(Account.id, Account.display_name, Account.username).where(Account.id.in_(people))
        for key, shown, name in session.execute(columns):
            found[f"account:{key}"], found[f"name:{key}"] = shown or name, name
    if agencies:
        rows = session.execute(select(Agency.id, Agency.name).where(Agency.id.in_(agencies)))
        found |= {f"agency:{key}": name for key, name in rows}
    return found
