"""Functions of the database that searches need: immutable, in plpgsql alone, so that generated columns and
indexes over expressions are right whoever writes (ORM, COPY, SQL), on any PostgreSQL from 15.

- `pinyin_initials(text)`: `宁夏银行` is `nxyh nxyx`, one word per way to read it (`行` is hang or xing)
- `initial_grams(text)`: of such words what is found: the first letter and the first two, marked, and all threes
- `name_grams(text)`: characters and pairs of characters; one alone is looked for as well
- `code_grams(text)`: all fours of a code

Beside them stands `bigrams2(text)` of the first migration: pairs of characters.

plpgsql and not SQL: an SQL function would be inlined into the query and lose the index. `COST` says that the
comparison beside it comes first.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection

TABLE = Path(__file__).parent / "pinyin_initials.txt"
MOST_WAYS = 8
"""Ways to read one name that are kept; a polyphone beyond is read as it usually is."""

_BLOCK = 64
# Code points whose letters lie in one constant: the plane of everyday characters, and the rare ones above.
_RANGES = ((0x3400, 0xA000), (0x20000, 0x32400))


@lru_cache(maxsize=1)
def letters() -> tuple[dict[str, str], dict[str, str]]:
    """The committed table: the letter of each character, and the other letters of polyphones."""
    usual: dict[str, str] = {}
    other: dict[str, str] = {}
    blocks, _, readings = TABLE.read_text(encoding="utf-8").partition("readings\n")
    for line in blocks.splitlines():
        start, _, row = line.partition(" ")
        if len(row) == _BLOCK and not line.startswith("#"):
            first = int(start, 16)
            usual.update((chr(first + n), letter) for n, letter in enumerate(row) if letter != ".")
    for word in readings.split():
        other[word[0]] = word[1:]
    return usual, other


def _constant(first: int, end: int) -> str:
    """One byte per code point: its letter, as a capital where other readings exist, a dot for none."""
    usual, other = letters()
    row = (
        usual.get(char, ".").upper() if char in other else usual.get(char, ".")
        for char in map(chr, range(first, end))
    )
    return "".join(row)


def initials_sql() -> str:
    (low, low_end), (high, high_end) = _RANGES
    others = " ".join(f"{char}{more}" for char, more in sorted(letters()[1].items()))
    return f"""
CREATE OR REPLACE FUNCTION pinyin_initials(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
DECLARE
  letters text[] := string_to_array(lower(replace(value, '〇', '零')), NULL);
  ways text[] := ARRAY[''];
  grown text[];
  way text;
  word text := '';
  letter text;
  one text;
  more text;
  code int;
BEGIN
  FOREACH one IN ARRAY letters LOOP
    code := ascii(one);
    IF code < 128 THEN
      letter := CASE WHEN code BETWEEN 48 AND 57 OR code BETWEEN 97 AND 122 THEN one ELSE '' END;
    ELSIF code >= {low} AND code < {low_end} THEN
      letter := chr(get_byte('{_constant(low, low_end)}'::bytea, code - {low}));
    ELSIF code >= {high} AND code < {high_end} THEN
      letter := chr(get_byte('{_constant(high, high_end)}'::bytea, code - {high}));
    ELSE
      CONTINUE;
    END IF;
    IF letter BETWEEN 'A' AND 'Z' THEN
      more := lower(letter) || split_part(substr('{others}', strpos('{others}', one) + 1), ' ', 1);
      grown := '{{}}';
      FOREACH way IN ARRAY ways LOOP
        FOR i IN 1 .. CASE WHEN array_length(ways, 1) * length(more) > {MOST_WAYS} THEN 1 ELSE length(more) END LOOP
          grown := grown || (way || word || substr(more, i, 1));
        END LOOP;
      END LOOP;
      ways := grown;
      word := '';
    ELSIF letter <> '.' THEN
      word := word || letter;
    END IF;
  END LOOP;
  RETURN array_to_string(ways, word || ' ') || word;
END $$
"""  # noqa: S608 (letters of the committed table)


NAME_GRAMS_SQL = r"""
CREATE OR REPLACE FUNCTION name_grams(value text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
DECLARE
  letters text[] := string_to_array(lower(regexp_replace(value, '\s', '', 'g')), NULL);
  grams text[] := letters;
BEGIN
  FOR i IN 1 .. coalesce(array_length(letters, 1), 0) - 1 LOOP
    grams := grams || (letters[i] || letters[i + 1]);
  END LOOP;
  RETURN grams;
END $$
"""
INITIAL_GRAMS_SQL = """
CREATE OR REPLACE FUNCTION initial_grams(value text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
DECLARE
  grams text[] := '{}';
  word text;
BEGIN
  FOREACH word IN ARRAY string_to_array(value, ' ') LOOP
    grams := grams || ('^' || substr(word, 1, 1));
    grams := grams || ('^' || substr(word, 1, 2));
    FOR i IN 1 .. length(word) - 2 LOOP
      grams := grams || substr(word, i, 3);
    END LOOP;
  END LOOP;
  RETURN grams;
END $$
"""
CODE_GRAMS_SQL = """
CREATE OR REPLACE FUNCTION code_grams(value text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
DECLARE
  grams text[] := '{}';
BEGIN
  FOR i IN 1 .. length(value) - 3 LOOP
    grams := grams || substr(value, i, 4);
  END LOOP;
  RETURN grams;
END $$
"""
MADE = ("name_grams", "pinyin_initials", "initial_grams", "code_grams")


def install(connection: Connection) -> None:
    """What the columns and indexes of a migration call. Safe to repeat."""
    for statement in (NAME_GRAMS_SQL, initials_sql(), INITIAL_GRAMS_SQL, CODE_GRAMS_SQL):
        connection.exec_driver_sql(statement.replace("%", "%%"))


def remove(connection: Connection) -> None:
    """Take them away."""
    for name in MADE:
        connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {name}(text)")
