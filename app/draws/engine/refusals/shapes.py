"""Shapes of single values in the terms."""

import re

from app.kernel.canonical import INTEGER_LIMIT

_IDENTIFIER = re.compile(r"[\x21-\x7e]+")
_HEX32 = re.compile(r"[0-9a-f]{64}")
STRATUM = re.compile(r"[A-Z0-9_]{1,16}")


def is_identifier(value: object) -> bool:
    """Printable ASCII without blanks."""
    return isinstance(value, str) and bool(_IDENTIFIER.fullmatch(value))


def is_text(value: object) -> bool:
    """Text that canonical JSON can hold, not blank."""
    return (
        isinstance(value, str) and bool(value.strip()) and not any("\ud800" <= c <= "\udfff" for c in value)
    )


def is_hex32(value: object) -> bool:
    """32 bytes in lower-case hex."""
    return isinstance(value, str) and bool(_HEX32.fullmatch(value))


def is_integer(value: object, least: int) -> bool:
    """An integer from `least` to below 2^53; booleans are none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < INTEGER_LIMIT
