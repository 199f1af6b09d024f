"""Finding targets: by name or part of it, pinyin initials, code or part of it, address, telephone number.

Words of two characters are looked up by pairs of characters, which trigrams cannot serve. All indexes lie over
expressions of `search_functions`, so that they are right whoever writes, and no row is longer for them. Beside
each stands the plain comparison: it is what is meant, and comes first where a row is looked at.
The first migration runs `BIGRAMS_SQL`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlalchemy import ARRAY, ColumnElement, Text, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from app.directories.listing.ways import Way, any_way
from app.directories.targets.models import Target, TargetCode
from app.kernel.identifiers import normalise
from app.security.protection import has_number, is_number

# plpgsql and not SQL: an SQL function would be inlined into the query and lose the index.
BIGRAMS_SQL = r"""
CREATE OR REPLACE FUNCTION bigrams2(value text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  letters text[] := regexp_split_to_array(lower(regexp_replace(value, '\s', '', 'g')), '');
  grams text[] := '{}';
BEGIN
  FOR i IN 1 .. coalesce(array_length(letters, 1), 0) - 1 LOOP
    grams := grams || (letters[i] || letters[i + 1]);
  END LOOP;
  RETURN grams;
END $$
"""
DROP_BIGRAMS_SQL = "DROP FUNCTION IF EXISTS bigrams2(text)"

LONGEST_QUERY = 60
FORMER_AT_MOST = 200
SHORTEST_ADDRESS = 3
"""Two characters of an address are a county's name, which stands in the addresses of all its targets."""
_PART_OF_CODE = re.compile(r"[0-9A-Z]{4,18}", re.ASCII)
_INITIALS = re.compile(r"[a-z0-9]{2,20}", re.ASCII)


def like_pattern(text: str) -> str:
    """The text as the inner part of a LIKE pattern, its wildcards escaped with a backslash."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def is_part_of_code(query: str) -> bool:
    """Four characters and more that a code can hold."""
    return bool(_PART_OF_CODE.fullmatch(normalise(query)))


def as_initials(query: str) -> str:
    """What may be pinyin initials, in small letters; empty where there is no letter, or anything else."""
    text = query.strip().lower()
    return text if _INITIALS.fullmatch(text) and not text.isdecimal() else ""


def search(session: Session, query: str, phones: bool = False) -> ColumnElement[bool] | None:
    """The criterion of a search, None for an empty one. One query, where the text may be a former code.

    :param phones: the text may be a telephone number as well, the whole one or its last four figures
    """
    text = query.strip()[:LONGEST_QUERY]
    former = former_holders(session, text) if is_part_of_code(text) else []
    return matches(text, former, [has_number(Target, text)] if phones and is_number(text) else ())


def former_holders(session: Session, text: str) -> list[int]:
    """Ids of the targets that had this code before, or one that begins so (R-11.5)."""
    table = TargetCode.__table__.c
    wanted = select(table.target_id).where(_begins(table.code, normalise(text))).limit(FORMER_AT_MOST)
    return list(session.scalars(wanted))


def matches(
    query: str, former: Sequence[int] = (), others: Sequence[ColumnElement[bool]] = ()
) -> ColumnElement[bool] | None:
    """The criterion of a search by words, code or initials, None for an empty one.

    Several words must all be found, each in the name, the address, the code or the initials.

    :param former: ids of targets that had this code before
    :param others: what finds a target as well, by an index
    """
    text = query.strip()[:LONGEST_QUERY]
    words = text.split()
    if not words:
        return None
    known = [Target.__table__.c.id.in_(former)] if former else []
    whole = [Way(one, one, True) for one in (*known, *others)]
    if len(words) == 1:
        return any_way([*_ways(text), *whole])
    every = and_(*(any_way(_ways(word)) for word in words))
    return or_(every, *(way.plain for way in whole)) if whole else every


def _ways(text: str) -> Iterator[Way]:
    """The ways to find a word: what is compared, and what an index answers."""
    table = Target.__table__.c
    plain, grams = _contains(table.name, text), func.name_grams(table.name)
    if len(text) == 1:
        yield Way(plain, _has(grams, _texts([text.lower()])), exact=True)
        return
    pairs = func.bigrams2(text)
    yield Way(plain, _has(grams, pairs), exact=len(text) == 2)
    if len(text) >= SHORTEST_ADDRESS:
        yield Way(_contains(table.address, text), _has(func.bigrams2(table.address), pairs), exact=False)
    code, initials = normalise(text), as_initials(text)
    if is_part_of_code(text):
        fours = _has(func.code_grams(table.code), func.code_grams(code))
        yield Way(_like(table.code, code), fours, exact=len(code) == 4)
    if initials:
        yield _read_as(initials)


def _read_as(initials: str) -> Way:
    """Two letters are looked for at the beginning, more anywhere."""
    column = Target.__table__.c.search_initials
    if len(initials) == 2:
        begins = or_(column.startswith(initials, autoescape=True), column.contains(f" {initials}"))
        return Way(begins, _has(func.initial_grams(column), _texts(["^" + initials])), exact=True)
    grams = sorted({initials[n : n + 3] for n in range(len(initials) - 2)})
    found = _has(func.initial_grams(column), _texts(grams))
    return Way(_like(column, initials), found, exact=len(initials) == 3)


def _contains(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Capitals and small letters are the same; Chinese has none, and is compared as it stands."""
    return _like(func.lower(column), text.lower()) if text.lower() != text.upper() else _like(column, text)


def _like(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    return column.like(f"%{like_pattern(text)}%", escape="\\")


def _has(column: ColumnElement[list[str]], grams: ColumnElement[list[str]]) -> ColumnElement[bool]:
    return column.op("@>", is_comparison=True)(grams)


def _texts(values: list[str]) -> ColumnElement[list[str]]:
    return bindparam(None, values, type_=ARRAY(Text))


def _begins(column: ColumnElement[str], beginning: str) -> ColumnElement[bool]:
    after = beginning[:-1] + chr(min(ord(beginning[-1]) + 1, 0x10FFFF))
    return (column >= beginning) & (column < after)
