"""Sealed values: authenticated encryption with the key's number in front.

    version 1 (1 byte) | cipher (1) | number of the key (4, big-endian) | nonce (12) | ciphertext | tag (16)

What is authenticated besides: these first six bytes and the place, `table.column`. The place and not the row,
so that rows can be merged, copied and moved between databases, while a value that is carried into another
column or table no longer opens.

AES-256-GCM after NIST SP 800-38D, SM4-GCM after GB/T 32907-2016 in the same mode (RFC 8998).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as BlockCipher
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
NONCE, TAG, HEAD = 12, 16, 6
SHORTEST = HEAD + NONCE + TAG

Seal = Callable[[bytes, bytes, bytes], bytes]


class CannotOpen(Exception):
    """The bytes are no sealed value, were changed, or belong to another place."""


class CipherName(StrEnum):
    AES = "aes-256-gcm"
    SM4 = "sm4-gcm"


CODES = {CipherName.AES: 1, CipherName.SM4: 2}
KEY_BYTES = {CipherName.AES: 32, CipherName.SM4: 16}


class Sealer:
    """One key at work."""

    def __init__(self, number: int, name: CipherName, key: bytes) -> None:
        self.head = bytes((VERSION, CODES[name])) + number.to_bytes(4, "big")
        self._seal, self._open = _aes(key) if name is CipherName.AES else _sm4(key)

    def seal(self, plain: bytes, place: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return self.head + nonce + self._seal(nonce, plain, self.head + place)

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """:raises CannotOpen: when it was changed or belongs elsewhere"""
        try:
            return self._open(sealed[HEAD : HEAD + NONCE], sealed[HEAD + NONCE :], sealed[:HEAD] + place)
        except InvalidTag:
            raise CannotOpen(f"a sealed value in {place.decode()} was changed or belongs elsewhere") from None


def key_number(sealed: bytes) -> int:
    """The number of the key that sealed the value.

    :raises CannotOpen: the bytes are no sealed value
    """
    if len(sealed) < SHORTEST or sealed[0] != VERSION:
        raise CannotOpen("a value that should be sealed is not")
    return int.from_bytes(sealed[2:HEAD], "big")


def _aes(key: bytes) -> tuple[Seal, Seal]:
    box = AESGCM(key)
    return box.encrypt, box.decrypt


def _sm4(key: bytes) -> tuple[Seal, Seal]:
    cipher = algorithms.SM4(key)

    def seal(nonce: bytes, plain: bytes, beside: bytes) -> bytes:
        encryptor = BlockCipher(cipher, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(beside)
        return encryptor.update(plain) + encryptor.finalize() + encryptor.tag

    def open_(nonce: bytes, sealed: bytes, beside: bytes) -> bytes:
        decryptor = BlockCipher(cipher, modes.GCM(nonce, sealed[-TAG:])).decryptor()
        decryptor.authenticate_additional_data(beside)
        return decryptor.update(sealed[:-TAG]) + decryptor.finalize()

    return seal, open_
