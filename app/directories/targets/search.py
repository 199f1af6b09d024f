"""Finding Chinese names: a bigram index, because trigrams cannot serve words of two characters.

The first migration runs `BIGRAMS_SQL`; the generated column `target.search_grams` and its index use it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_

from app.directories.targets.models import Target
from app.kernel.identifiers import normalise

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

_CODE_BEGINNING = re.compile(r"[0-9A-Z]{4,18}", re.ASCII)
LONGEST_QUERY = 60


def like_pattern(text: str) -> str:
    """The text as the inner part of a LIKE pattern, its wildcards escaped with a backslash."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def is_code_beginning(query: str) -> bool:
    return bool(_CODE_BEGINNING.fullmatch(normalise(query)))


def matches(query: str, former: Sequence[int] = ()) -> ColumnElement[bool] | None:
    """The criterion of a search by name or code, None for an empty one.

    One character searches beginnings (a bigram needs two); figures and capitals search codes as well.
    Beginnings are ranges, which every collation by code point answers from the index.

    :param former: ids of targets that had this code before
    """
    text = query.strip()[:LONGEST_QUERY]
    if not text:
        return None
    table = Target.__table__.c
    if len(text) == 1:
        return _begins(table.name, text)
    by_name = table.search_grams.op("@>", is_comparison=True)(func.bigrams2(text)) & table.name.like(
        f"%{like_pattern(text)}%", escape="\\"
    )
    if not is_code_beginning(text):
        return by_name
    by_code = or_(by_name, _begins(table.code, normalise(text)))
    return or_(by_code, table.id.in_(former)) if former else by_code


def _begins(column: ColumnElement[str], beginning: str) -> ColumnElement[bool]:
    after = beginning[:-1] + chr(min(ord(beginning[-1]) + 1, 0x10FFFF))
    return (column >= beginning) & (column < after)
