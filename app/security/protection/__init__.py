"""Personal data at rest and on screen: sealed columns, keyed digests beside them, masks, and who sees what.

`app.security.models` uses the column types, so nothing here at the top imports a table.
"""

from app.security.protection.columns import (
    Encrypted,
    EncryptedBytes,
    has_number,
    keep_digests,
    number_digest,
    number_tail,
    text_digest,
)
from app.security.protection.digests import digest_of, is_number, tail_of
from app.security.protection.keyring import KeyFault, Keyring, current_keyring
from app.security.protection.masks import mask, shown

__all__ = [
    "Encrypted",
    "EncryptedBytes",
    "KeyFault",
    "Keyring",
    "current_keyring",
    "digest_of",
    "has_number",
    "is_number",
    "keep_digests",
    "mask",
    "shown",
    "number_digest",
    "number_tail",
    "text_digest",
    "tail_of",
]
