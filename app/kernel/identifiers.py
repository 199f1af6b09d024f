"""Codes that identify a target: unified social credit code, organisation code, internal code (article 11).

Check digits after GB 32100-2015 and GB 11714-1997. A check answers with a value that names the wrong position
and the expected character; nothing is guessed, no letter is silently taken for a digit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import mul

from app.kernel.errors import Fault
from app.kernel.states import StateEnum

# GB 32100: digits and capital letters without I, O, S, V, Z.
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# First character: the registration authority (5 civil affairs, 9 market supervision, A military,
# N agriculture, Y others, ...).
USCC_AUTHORITIES = "123456789ANY"

_USCC_LENGTH = 18
_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(_USCC_LENGTH - 1))
_USCC_VALUES = {character: value for value, character in enumerate(USCC_ALPHABET)}
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
# What is read or typed for what: letters that never occur, and letters where only digits stand.
_CONFUSED = {"O": "0", "I": "1", "S": "5", "Z": "2"}
_CONFUSED_WITH_DIGITS = {**_CONFUSED, "D": "0", "Q": "0", "L": "1", "G": "6", "B": "8"}
_NEVER = "IOSVZ"
# What stands in place of a code when the portal is asked to issue one.
_ASKING = frozenset({"NEW", "内部编码", "申请内部编码", "发放内部编码", "申请编码", "无代码"})
# Right in its shape: nothing remains to be said but its check digits.
_USCC = re.compile(f"[{USCC_AUTHORITIES}][{USCC_ALPHABET}][0-9]{{6}}[{USCC_ALPHABET}]{{10}}", re.ASCII)
_USCC_ALLOWED = (USCC_AUTHORITIES, USCC_ALPHABET, *[_DIGITS] * 6, *[USCC_ALPHABET] * 10)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d{1,2}", re.ASCII)

MESSAGES = {
    "identifier_empty": "The code is missing.",
    "identifier_scientific": "A spreadsheet has made the number %(found)s of the code, its digits are lost.",
    "identifier_unknown_shape": (
        "%(length)s characters: a unified social credit code has 18, an organisation code 9."
    ),
    "identifier_length": "The code has %(length)s characters instead of %(expected)s.",
    "identifier_character": "Position %(position)s: %(found)s cannot stand here, only one of %(expected)s.",
    "identifier_never": (
        "Position %(position)s: %(found)s never occurs in a unified social credit code, nor do %(others)s."
    ),
    "identifier_confused": "Position %(position)s: %(found)s cannot stand here. Is it %(meant)s?",
    "identifier_confused_code": (
        "Position %(position)s: %(found)s cannot stand here. With %(meant)s the code would be right: %(right)s."
    ),
    "identifier_check_digit": (
        "Position %(position)s: the check digit is %(found)s, the other characters demand %(expected)s."
    ),
    "identifier_inner": (
        "The mistake is among positions 9 to 17, the organisation code: position 17 is %(found)s, the eight "
        "characters before it demand %(expected)s."
    ),
    "identifier_swapped": (
        "The check digit does not fit. With positions %(position)s and %(next)s exchanged the code would be right: "
        "%(right)s."
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
    if text.isascii() and text.isalnum():
        return text.upper()
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
    try:
        total = sum(map(mul, map(_USCC_VALUES.__getitem__, body), _USCC_WEIGHTS))
    except KeyError as error:
        raise ValueError(f"no unified social credit code holds {error}") from error
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
    fault = None if _USCC.fullmatch(code) else _shape_fault(code, _USCC_ALLOWED)
    fault = fault or _uscc_fault(code)
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


def asks_for_code(text: str) -> bool:
    """Whether the text asks the portal for an internal code, in a cell or a field of an interface."""
    return normalise(text) in _ASKING


def _shape_fault(code: str, allowed: Sequence[str]) -> Fault | None:
    if not code:
        return Fault("code", "identifier_empty", value=code)
    if len(code) != len(allowed):
        return Fault("code", "identifier_length", value=code, length=len(code), expected=len(allowed))
    for position, (found, expected) in enumerate(zip(code, allowed, strict=True), start=1):
        if found not in expected:
            return _character_fault(code, position, allowed)
    return None


def _character_fault(code: str, position: int, allowed: Sequence[str]) -> Fault:
    """What is wrong with one character, with the character that was probably meant."""
    found, expected = code[position - 1], allowed[position - 1]
    meant = _meant(found, expected)
    if meant is not None:
        repaired = "".join(_meant(c, a) or c for c, a in zip(code, allowed, strict=True))
        if len(code) == _USCC_LENGTH and _fits(repaired):
            return Fault(
                "code", "identifier_confused_code", value=code, position=position, found=found, meant=meant,
                right=repaired,
            )  # fmt: skip
        return Fault("code", "identifier_confused", value=code, position=position, found=found, meant=meant)
    if expected == USCC_ALPHABET and found in _NEVER:
        others = ", ".join(_NEVER.replace(found, ""))
        return Fault("code", "identifier_never", value=code, position=position, found=found, others=others)
    return Fault(
        "code", "identifier_character", value=code, position=position, found=found, expected=_ranges(expected)
    )


def _meant(found: str, expected: str) -> str | None:
    if found in expected:
        return None
    meant = (_CONFUSED_WITH_DIGITS if expected == _DIGITS else _CONFUSED).get(found)
    return meant if meant is not None and meant in expected else None


def _fits(code: str) -> bool:
    """Whether 18 characters that may all stand where they stand have the right check digit."""
    return set(code) <= set(USCC_ALPHABET) and uscc_check_digit(code[:-1]) == code[-1]


def _ranges(characters: str) -> str:
    """`0-9 A-H J-N`: neighbours drawn together, as a person reads them."""
    runs: list[str] = []
    for character in characters:
        if runs and ord(runs[-1][-1]) + 1 == ord(character) and character.isdigit() == runs[-1][-1].isdigit():
            runs[-1] += character
        else:
            runs.append(character)
    return " ".join(run if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def _check_digit_fault(code: str, check_digit: Callable[[str], str]) -> Fault | None:
    expected = check_digit(code[:-1])
    if code[-1] == expected:
        return None
    return Fault(
        "code", "identifier_check_digit", value=code, position=len(code), found=code[-1], expected=expected
    )


def _uscc_fault(code: str) -> Fault | None:
    """Where the mistake is: the organisation code within has a check digit of its own."""
    fault = _check_digit_fault(code, uscc_check_digit)
    if fault is None:
        return None
    expected = organisation_check_digit(code[8:16])
    if code[16] == expected:
        return fault
    swapped = [(i, s) for i in range(9, 17) if code[i] != code[i - 1] and _is_whole(s := _swap(code, i))]
    if len(swapped) == 1:
        position, meant = swapped[0]
        return Fault(
            "code", "identifier_swapped", value=code, position=position, next=position + 1, right=meant
        )
    return Fault("code", "identifier_inner", value=code, position=17, found=code[16], expected=expected)


def _swap(code: str, i: int) -> str:
    """The code with its characters at `i - 1` and `i`, counted from 0, exchanged."""
    return code[: i - 1] + code[i] + code[i - 1] + code[i + 1 :]


def _is_whole(code: str) -> bool:
    """Both check digits right, and a region of figures."""
    return _fits(code) and code[2:8].isdigit() and organisation_check_digit(code[8:16]) == code[16]
