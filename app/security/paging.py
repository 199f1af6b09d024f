"""Keyset pages, and their keys as tokens of a URL."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from flask import url_for
from sqlalchemy import Row, Select, tuple_
from sqlalchemy.orm import Session

Key = tuple[str, int]
LONGEST_TOKEN = 1200


def token(key: Key) -> str:
    text = f"{key[1]}:{key[0]}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def key_of(text: str | None) -> Key | None:
    """The key of a token; None for nothing or nonsense, which shows the first page."""
    if not text or len(text) > LONGEST_TOKEN:
        return None
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    number, _, name = decoded.partition(":")
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        return None
    return name, int(number)


def keyset_page(
    session: Session,
    statement: Select[Any],
    name: Any,
    number: Any,
    *,
    after: Key | None,
    before: Key | None,
    limit: int,
) -> tuple[list[Row[Any]], Key | None, Key | None]:
    """One page in the order of (name, number): rows, key before the first one, key after the last; None at an end.

    :param name, number: the columns of the order; the statement selects both
    """
    key = tuple_(name, number)
    if before is not None:
        statement = statement.where(key < before).order_by(name.desc(), number.desc())
    else:
        statement = statement.order_by(name, number)
        if after is not None:
            statement = statement.where(key > after)
    rows = list(session.execute(statement.limit(limit + 1)).all())
    more = len(rows) > limit
    rows = rows[:limit]
    if before is not None:
        rows.reverse()
    if not rows:
        return rows, None, None
    first, last = ((row._mapping[name], row._mapping[number]) for row in (rows[0], rows[-1]))
    has_before = more if before is not None else after is not None
    has_after = True if before is not None else more
    return rows, first if has_before else None, last if has_after else None


def page_urls(
    endpoint: str, kept: Mapping[str, str], before: Key | None, after: Key | None
) -> tuple[str | None, str | None]:
    """URLs of the previous and the next page with the filters kept."""
    previous = url_for(endpoint, **kept, before=token(before)) if before else None
    following = url_for(endpoint, **kept, after=token(after)) if after else None
    return previous, following
