"""Fictional identifiers whose check digits are valid.

The organisation part begins with YY, which no register issues here: a demo code is recognised at sight.
"""

ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_USCC_VALUES = {char: value for value, char in enumerate(USCC_ALPHABET)}
SERIALS = 1_000_000
_STEP = 386_963  # coprime to SERIALS: neighbouring rows do not get neighbouring codes


def organisation_code(serial: int) -> str:
    """Nine characters, `YY`, six digits, check character (GB 11714). Distinct for 0 <= serial < SERIALS."""
    if not 0 <= serial < SERIALS:
        raise ValueError(f"serial {serial} is outside 0 to {SERIALS - 1}")
    body = f"YY{serial * _STEP % SERIALS:06d}"
    total = sum(int(char, 36) * weight for char, weight in zip(body, ORGANISATION_WEIGHTS, strict=True))
    return body + "0123456789X0"[11 - total % 11]


def social_credit_code(prefix: str, region: str, organisation: str) -> str:
    """Eighteen characters: authority and category, region, organisation code, check (GB 32100)."""
    body = prefix + region + organisation
    total = sum(_USCC_VALUES[char] * weight for char, weight in zip(body, USCC_WEIGHTS, strict=True))
    return body + USCC_ALPHABET[-total % 31]


def internal_code(region: str, serial: int) -> str:
    """A portal's own code for a target that has neither of the other two."""
    return f"YY{region}-{serial:06d}"
