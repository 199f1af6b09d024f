"""Digests that make sealed numbers findable: of the whole number, and of its last four characters.

They are keyed, so that nobody without the key file can try all numbers; and bound to the place, so that the
same number in two tables does not show. Whoever reads the table still sees which rows share their last four.
"""

from __future__ import annotations

import re
import unicodedata

from app.security.protection.keyring import current_keyring

TAIL = 4
SHORTEST = 5
_TYPED = re.compile(r"\+?[0-9][0-9 ()-]{2,24}")
_SIGNS = re.compile(r"[^0-9A-Za-z]")


def normal_number(text: str) -> str:
    """`+86 139-1234 5678` is `13912345678`: width, signs, case and the country's prefix do not count."""
    if not text:
        return ""
    plain = unicodedata.normalize("NFKC", text).strip()
    bare = _SIGNS.sub("", plain).upper()
    if plain.startswith("+86"):
        return bare[2:]
    return bare[4:] if bare.startswith("0086") and len(bare) > 11 else bare


def is_number(text: str) -> bool:
    """Whether somebody who types this may look for a telephone number: four figures, or seven and more."""
    return bool(_TYPED.fullmatch(text.strip())) and (
        len(normal_number(text)) == TAIL or len(normal_number(text)) > 6
    )


def digest_of(value: str | None, place: str) -> bytes | None:
    """Of the whole number as it stands in `place`, `table.column`; None where there is none."""
    number = normal_number(value or "")
    return current_keyring().digest(number, place) if number else None


def tail_of(value: str | None, place: str) -> bytes | None:
    """Of the last four characters; None for a number too short to have a rest."""
    number = normal_number(value or "")
    return current_keyring().digest(number[-TAIL:], f"{place}/tail") if len(number) >= SHORTEST else None


def sought(text: str, place: str) -> tuple[str, bytes | None]:
    """What a search for `text` compares: ("tail", digest) for four characters, else ("digest", digest)."""
    number = normal_number(text)
    if len(number) == TAIL:
        return "tail", current_keyring().digest(number, f"{place}/tail")
    return "digest", digest_of(text, place)


def text_digest_of(value: str | None, place: str) -> bytes | None:
    """Of a text as it is: says whether an address changed without saying what it is."""
    return current_keyring().digest(value, place) if value else None
