"""Codes that identify a target: unified social credit code, organisation code, internal code (article 11).

Check digits after GB 32100-2015 and GB 11714-1997. A check answers with a value that names the wrong position
and the expected character; nothing is guessed, no letter is silently taken for a digit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from app.kernel.errors import Fault
from app.kernel.states import StateEnum

# GB 32100: digits and capital letters without I, O, S, V, Z.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# First character: the registration authority (5 civil affairs, 9 market supervision, A military,
# N agriculture, Y others, ...).
USCC_AUTHORITIES = "123456789ANY"

_USCC_LENGTH = 18
_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(_USCC_LENGTH - 1))
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_LENGTH = 9
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# No other kind has this length, and V occurs in no unified social credit code: the kinds cannot be mixed up.
_INTERNAL_PREFIX = "V"
_INTERNAL_LENGTH = 16
_DIGITS = "0123456789"

_HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_QUOTES = "'\u2018\u2019`\""
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_UPPER = {ord(letter): ord(letter) - 32 for letter in "abcdefghijklmnopqrstuvwxyz"}
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d{1,2}", re.ASCII)

MESSAGES = {
    "identifier_empty": "The code is missing.",
    "identifier_scientific": "A spreadsheet has made the number %(found)s of the code, its digits are lost.",
    "identifier_unknown_shape": (
        "%(length)s characters: a unified social credit code has 18, an organisation code 9."
    ),
    "identifier_length": "The code has %(length)s characters instead of %(expected)s.",
    "identifier_character": "Position %(position)s: %(found)s cannot stand here, only one of %(expected)s.",
    "identifier_check_digit": (
        "Position %(position)s: the check digit is %(found)s, the other characters demand %(expected)s."
    ),
}


class IdentifierKind(StateEnum):
    """The kinds of codes, the best first (article 11)."""

    USCC = "uscc", "Unified social credit code"
    ORGANISATION = "organisation", "Organisation code"
    INTERNAL = "internal", "Internal code"

    @property
    def rank(self) -> int:
        """1 for the code that comes first, 3 for the last resort."""
        return list(IdentifierKind).index(self) + 1

    def outranks(self, other: IdentifierKind) -> bool:
        return self.rank < other.rank


@dataclass(frozen=True, slots=True)
class Identifier:
    """What a text was found to be. Truthy when it is a valid code.

    `code` is the normalised text; `kind` is None when no kind has this shape; `fault` is None when valid,
    else a `Fault` with a code of `MESSAGES` and its facts (`position` counts from 1).
    """

    code: str
    kind: IdentifierKind | None
    fault: Fault | None = None

    def __bool__(self) -> bool:
        return self.fault is None

    @property
    def organisation_code(self) -> str | None:
        """The organisation code that a valid code is, or holds at its positions 9 to 17."""
        if not self or self.kind is IdentifierKind.INTERNAL:
            return None
        return self.code if self.kind is IdentifierKind.ORGANISATION else self.code[8:17]


def normalise(text: str) -> str:
    """The text as a code is stored: half-width capitals, without spaces, hyphens, quotes, invisible signs."""
    kept = (
        character
        for character in text.translate(_FULL_WIDTH).translate(_UPPER)
        if not character.isspace() and unicodedata.category(character) not in ("Cf", "Cc")
    )
    return "".join(kept).translate(dict.fromkeys(map(ord, _HYPHENS + _QUOTES)))


def uscc_check_digit(body: str) -> str:
    """The 18th character for 17 characters (GB 32100: weights 3^i, modulus 31). Raises `ValueError`."""
    if len(body) != _USCC_LENGTH - 1:
        raise ValueError(f"17 characters are needed, not {len(body)}")
    total = sum(USCC_ALPHABET.index(c) * weight for c, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def organisation_check_digit(body: str) -> str:
    """The ninth character for eight characters (GB 11714: modulus 11, X for 10). Raises `ValueError`."""
    if len(body) != _ORGANISATION_LENGTH - 1:
        raise ValueError(f"8 characters are needed, not {len(body)}")
    total = sum(
        _ORGANISATION_ALPHABET.index(c) * weight
        for c, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X"[-total % 11]


def _internal_check_digit(digits: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(digits, _USCC_WEIGHTS[1:15], strict=True))
    return USCC_ALPHABET[-total % 31]


def make_uscc(authority: str, kind: str, region: str, body: str) -> str:
    """A code with both check digits right, for directories of fictional targets.

    `authority` and `kind` are the first two characters, `region` six digits (GB/T 2260), `body` the first
    eight characters of the organisation code. Raises `ValueError` when no valid code comes out.
    """
    subject = body + organisation_check_digit(body)
    head = authority + kind + region + subject
    code = head + uscc_check_digit(head)
    if not check_uscc(code):
        raise ValueError(f"no unified social credit code begins with {head!r}")
    return code


def make_internal_code(region: str, serial: int) -> str:
    """The portal's own code: V, region (six digits), serial number (1 to 99999999), check character."""
    if not (len(region) == 6 and set(region) <= set(_DIGITS)):
        raise ValueError(f"a region has six digits, not {region!r}")
    if not 1 <= serial <= 99_999_999:
        raise ValueError(f"a serial number runs from 1 to 99999999, not {serial}")
    digits = f"{region}{serial:08d}"
    return f"{_INTERNAL_PREFIX}{digits}{_internal_check_digit(digits)}"


def check_uscc(text: str) -> Identifier:
    """Whether the text is a unified social credit code (GB 32100-2015)."""
    code = normalise(text)
    allowed = [USCC_AUTHORITIES, USCC_ALPHABET, *[_DIGITS] * 6, *[USCC_ALPHABET] * 10]
    fault = _shape_fault(code, allowed) or _check_digit_fault(code, uscc_check_digit)
    return Identifier(code, IdentifierKind.USCC, fault)


def check_organisation_code(text: str) -> Identifier:
    """Whether the text is an organisation code (GB 11714-1997), with or without its hyphen."""
    code = normalise(text)
    allowed = [*[_ORGANISATION_ALPHABET] * 8, _DIGITS + "X"]
    fault = _shape_fault(code, allowed) or _check_digit_fault(code, organisation_check_digit)
    return Identifier(code, IdentifierKind.ORGANISATION, fault)


def check_internal_code(text: str) -> Identifier:
    """Whether the text is a code that the portal issued."""
    code = normalise(text)
    allowed = [_INTERNAL_PREFIX, *[_DIGITS] * 14, USCC_ALPHABET]
    fault = _shape_fault(code, allowed) or _check_digit_fault(
        code, lambda body: _internal_check_digit(body[1:])
    )
    return Identifier(code, IdentifierKind.INTERNAL, fault)


def identify(text: str) -> Identifier:
    """What kind of code the text is, by its shape, and whether it is valid."""
    code = normalise(text)
    if not code:
        return Identifier(code, None, Fault("code", "identifier_empty", value=text))
    if _SCIENTIFIC.fullmatch(code):
        return Identifier(code, None, Fault("code", "identifier_scientific", value=text, found=code))
    if len(code) == _USCC_LENGTH:
        return check_uscc(code)
    if len(code) == _ORGANISATION_LENGTH:
        return check_organisation_code(code)
    if len(code) == _INTERNAL_LENGTH and code.startswith(_INTERNAL_PREFIX):
        return check_internal_code(code)
    return Identifier(code, None, Fault("code", "identifier_unknown_shape", value=text, length=len(code)))


def _shape_fault(code: str, allowed: list[str]) -> Fault | None:
    if not code:
        return Fault("code", "identifier_empty", value=code)
    if len(code) != len(allowed):
        return Fault("code", "identifier_length", value=code, length=len(code), expected=len(allowed))
    for position, (found, expected) in enumerate(zip(code, allowed, strict=True), start=1):
        if found not in expected:
            return Fault(
                "code", "identifier_character", value=code, position=position, found=found, expected=expected
            )
    return None


def _check_digit_fault(code: str, check_digit: Callable[[str], str]) -> Fault | None:
    expected = check_digit(code[:-1])
    if code[-1] == expected:
        return None
    return Fault(
        "code", "identifier_check_digit", value=code, position=len(code), found=code[-1], expected=expected
    )
