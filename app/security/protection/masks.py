"""What stays visible of a protected value. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from app.regulation import implements
from app.security.protection.rules import Kind, Sight

COVER = "****"
SHORTEST_COVERED = 11
"""Dates are shorter, phone numbers with their area and identity numbers are not."""
_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\+?[0-9][0-9 -]{5,18}[0-9Xx])(?![0-9A-Za-z])")


@implements("R-30.1")
def mask(kind: Kind | str, value: str | None) -> str:
    """`139****5678` of a phone, `6401**********1234` of an identity number, the area of an address."""
    text = (value or "").strip()
    return _MASKS[Kind(kind)](text) if text else ""


def shown(kind: Kind | str, value: str | None, how: Sight, *, revealed: bool = False) -> str | None:
    """The value as somebody sees it, None where there is nothing to see of it.

    :param revealed: this person has asked for it a moment ago
    """
    if how is Sight.ABSENT:
        return None
    return (value or "") if how is Sight.CLEAR or revealed else mask(kind, value)


def cover_numbers(text: str) -> str:
    """A text that somebody typed, with everything that may be a phone or identity number covered."""
    return _NUMBER.sub(_covered, text)


def _covered(found: re.Match[str]) -> str:
    bare = re.sub(r"[ -]", "", found.group(1))
    return _phone(bare) if len(bare) >= SHORTEST_COVERED else found.group(1)


def _phone(number: str) -> str:
    if len(number) < 8:
        return "*" * max(len(number) - 2, 1) + number[-2:]
    return f"{number[:3]}{COVER}{number[-4:]}"


def _identity_number(number: str) -> str:
    if len(number) < 12:
        return "*" * max(len(number) - 2, 1) + number[-2:]
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}"


def _address(text: str) -> str:
    """The first six characters, never more than half; street and number are covered."""
    return f"{text[: min(6, len(text) // 2)]}******"


def _nothing(text: str) -> str:
    return COVER


_MASKS: dict[Kind, Callable[[str], str]] = {
    Kind.PHONE: _phone,
    Kind.ACCOUNT_PHONE: _phone,
    Kind.IDENTITY_NUMBER: _identity_number,
    Kind.HOME_ADDRESS: _address,
    Kind.RISK_CLASS: _nothing,
}
