"""Secrets of a draw, and the nonces and salts that the list secret makes. In open mode both are empty of
meaning."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.kernel.hashing import Hash, enc, tag

SEALED, OPEN = "sealed", "open"
MODES = (SEALED, OPEN)
SALT_SIZE = 16
LONGEST_ID = 40
OPEN_NONCE = "0" * 32


@dataclass(frozen=True, slots=True)
class Secrets:
    """Three secrets of 32 bytes from the system's generator: x0 (operator), xs (list), xc (chain of
    codes)."""

    operator: bytes = field(repr=False)
    list: bytes = field(repr=False)
    chain: bytes = field(repr=False)


def nonce(algorithm: Hash, mode: str, list_secret: bytes, purpose: str, *parts: str) -> str:
    """The 32 hex digits in a file's first line: for `frame`, `drawn` (batch), `roster` and `recusals`
    (agency)."""
    if mode == OPEN:
        return OPEN_NONCE
    message = tag(purpose) + enc(list_secret) + b"".join(enc(part.encode()) for part in parts)
    return algorithm.digest(message)[:SALT_SIZE].hex()


def salts(algorithm: Hash, mode: str, list_secret: bytes, purpose: str, ids: Iterable[bytes]) -> bytes:
    """The salts of the ids, one after another, 16 bytes each; nothing in open mode. Purpose `salt` or
    `result-salt`."""
    if mode == OPEN:
        return b""
    digest = algorithm.from_prefix(tag(purpose) + enc(list_secret))
    length = [size.to_bytes(4, "big") for size in range(LONGEST_ID + 1)]
    return b"".join([digest(length[len(target_id)] + target_id)[:SALT_SIZE] for target_id in ids])


def row_leaves(algorithm: Hash, row_salts: bytes, rows: Iterable[bytes]) -> list[bytes]:
    """Leaf hashes H(00 || enc(salt) || row without LF), in the order of the rows."""
    if not row_salts:
        digest = algorithm.from_prefix(b"\x00" + enc(b""))
        return [digest(row) for row in rows]
    digest = algorithm.from_prefix(b"\x00" + SALT_SIZE.to_bytes(4, "big"))
    starts = range(0, len(row_salts), SALT_SIZE)
    return [digest(row_salts[at : at + SALT_SIZE] + row) for at, row in zip(starts, rows, strict=True)]
