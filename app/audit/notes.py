"""Signed heads as text: C2SP tlog-checkpoint in a signed note. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ORIGIN = "evenhand.portal/log"
ED25519 = b"\x01"


class BadNote(ValueError):
    """The text is no checkpoint of this log, or its signature does not hold."""


@dataclass(frozen=True)
class Checkpoint:
    """`size` leaves with `root` (32 bytes)."""

    size: int
    root: bytes


def key_id(name: str, public: bytes) -> bytes:
    """The first four bytes of SHA-256(name, newline, 01, key)."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def write(size: int, root: bytes, sign: Callable[[bytes], bytes], public: bytes, origin: str = ORIGIN) -> str:
    """The signed note of a head."""
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = base64.b64encode(key_id(origin, public) + sign(text.encode())).decode()
    return f"{text}\n\u2014 {origin} {signature}\n"


def read(note: str, public: bytes, origin: str = ORIGIN) -> Checkpoint:
    """The head of a note that `public` has signed; other signatures may stand beside it.

    :raises BadNote: when the form is wrong or our signature is missing or false
    """
    text, blank, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not blank or len(lines) < 3 or lines[0] != origin or not lines[1].isdecimal():
        raise BadNote("not a checkpoint of this log")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except binascii.Error as fault:
        raise BadNote("the root is not base64") from fault
    own = key_id(origin, public)
    prefix = f"\u2014 {origin} "
    for line in signatures.splitlines():
        if not line.startswith(prefix):
            continue
        try:
            data = base64.b64decode(line.removeprefix(prefix), validate=True)
        except binascii.Error:
            continue
        if data[:4] == own:
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(data[4:], (text + "\n").encode())
            except InvalidSignature as fault:
                raise BadNote("the signature is false") from fault
            return Checkpoint(int(lines[1]), root)
    raise BadNote("not signed by this key")
