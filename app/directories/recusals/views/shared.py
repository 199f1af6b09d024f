"""What the pages of recusal share."""

from __future__ import annotations

from typing import Any

from flask import request
from sqlalchemy import or_, select

from app.db import db
from app.directories.inspectors.models import Inspector
from app.directories.inspectors.queries import get_inspector, of_user
from app.directories.recusals.rules import MOST_BYTES, MOST_FILES
from app.directories.recusals.services import KEEPERS
from app.directories.targets.queries import get_target, search
from app.directories.targets.search import like_pattern
from app.kernel.errors import DomainError
from app.security.context import person
from app.security.rules import BUSINESS, RoleName

READERS = BUSINESS - {RoleName.AUDITOR}
MOST_FOUND = 20
LONGEST_QUERY = 60


def mine() -> Inspector | None:
    """The inspector behind the account, for somebody who declares only for oneself."""
    who = person()
    if who is None or who.actor.roles & KEEPERS:
        return None
    return of_user(db.session(), who.account.id)


def own_agency_id() -> int:
    who = person()
    return (who.actor.agency_id if who else None) or 0


def key_of(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else 0


def offer(field: Any, kind: str) -> None:
    """The choices of a look-up: what is chosen, and what `?<field>_q=` finds for whoever has no scripts."""
    session = db.session()
    find = get_inspector if kind == "inspector" else get_target
    choices = [("", "")]
    if key_of(field.data):
        try:
            choices = [(str(field.data), str(find(session, key_of(field.data))))]
        except DomainError:
            field.data = ""
    text = request.args.get(f"{kind}_q", "").strip()[:LONGEST_QUERY]
    if text:
        choices += _inspectors(text) if kind == "inspector" else _targets(text)
    field.choices = choices


def _targets(text: str) -> list[tuple[str, str]]:
    rows = search(db.session(), text, limit=MOST_FOUND)
    return [(str(row.id), f"{row.name} · {row.code}") for row in rows]


def _inspectors(text: str) -> list[tuple[str, str]]:
    pattern = f"%{like_pattern(text)}%"
    rows = db.session.scalars(
        select(Inspector)
        .where(
            Inspector.active,
            or_(
                Inspector.name.like(pattern, escape="\\"), Inspector.certificate_no.like(pattern, escape="\\")
            ),
        )
        .order_by(Inspector.certificate_no)
        .limit(MOST_FOUND)
    )
    return [(str(row.id), f"{row.name} · {row.certificate_no}") for row in rows]


def given_files(name: str = "files") -> list[tuple[str, bytes]]:
    """Files of the request, by name and content; no more bytes of each than it takes to see that it is too big."""
    given = [file for file in request.files.getlist(name) if file.filename]
    return [(file.filename or "", file.stream.read(MOST_BYTES + 1)) for file in given[: MOST_FILES + 1]]
