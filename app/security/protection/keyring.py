"""The keys in this process. A key that another process added is found in the file when it is first needed."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC

from app.security.protection import keyfile
from app.security.protection.ciphers import Sealer, key_number
from app.security.protection.keyfile import DigestName, KeyFault, KeyFile

__all__ = ["KeyFault", "Keyring", "current_keyring", "install"]

LOOK_AGAIN = 2.0
"""Seconds after which a process looks whether another one has changed the file."""
DIGEST_BYTES = 16


class Keyring:
    """Seals with the active key, opens with the one that a value names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._load()

    def _load(self) -> None:
        status = self.path.stat() if self.path.exists() else None
        file = keyfile.read(self.path)
        self._sealers = {key.number: Sealer(key.number, key.cipher, key.secret) for key in file.keys}
        self.file: KeyFile = file
        self._active = self._sealers[file.active]
        self._version = (status.st_mtime_ns, status.st_ino) if status else None
        self._looked = time.monotonic()

    @property
    def active(self) -> int:
        return self.file.active

    @property
    def head(self) -> bytes:
        """How values begin that are sealed with the active key."""
        return self._active.head

    def seal(self, plain: str, place: str) -> bytes:
        """Sealed for `place`, `table.column`; an empty text stays empty and tells only that."""
        return self.seal_bytes(plain.encode(), place)

    def seal_bytes(self, plain: bytes, place: str) -> bytes:
        if not plain:
            return b""
        if time.monotonic() - self._looked > LOOK_AGAIN:
            self._look_again()
        return self._active.seal(plain, place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """:raises CannotOpen: no sealed value, changed, or of another place
        :raises KeyFault: its key is not in the file
        """
        return self.open_bytes(sealed, place).decode()

    def open_bytes(self, sealed: bytes, place: str) -> bytes:
        if not sealed:
            return b""
        return self._sealer(key_number(sealed)).open(sealed, place.encode())

    def digest(self, text: str, purpose: str) -> bytes:
        """A keyed digest of 128 bits; the same text has another one for another purpose."""
        secret, message = self.file.digest_secret, f"{purpose}\0{text}".encode()
        if self.file.digest is DigestName.SHA256:
            return hmac.digest(secret, message, hashlib.sha256)[:DIGEST_BYTES]
        mac = HMAC(secret, hashes.SM3())
        mac.update(message)
        return mac.finalize()[:DIGEST_BYTES]

    def refresh(self) -> None:
        """Read the file again."""
        with self._lock:
            self._load()

    def _sealer(self, number: int) -> Sealer:
        found = self._sealers.get(number)
        if found is None:
            self.refresh()
            found = self._sealers.get(number)
        if found is None:
            raise KeyFault(
                f"Key {number} is not in the key file {self.path}; values sealed with it stay shut."
            )
        return found

    def _look_again(self) -> None:
        self._looked = time.monotonic()
        status = self.path.stat()
        if (status.st_mtime_ns, status.st_ino) != self._version:
            self.refresh()


_current: Keyring | None = None


def install(path: Path) -> Keyring:
    """Make the keys of this file those of the process.

    :raises KeyFault: the file is missing or cannot be used
    """
    global _current
    if _current is None or _current.path != path:
        _current = Keyring(path)
    else:
        _current.refresh()
    return _current


def current_keyring() -> Keyring:
    """:raises KeyFault: before `install`"""
    if _current is None:
        raise KeyFault("The keys of protected data are not loaded; build the application first.")
    return _current
