"""The file with the keys: outside the database and outside its backup, readable by the portal alone.

    {"format": 1, "active": 2, "keys": [{"number": 1, "cipher": "aes-256-gcm", "key": base64, "made_at": ...}],
     "digest": {"name": "hmac-sha256", "key": base64}}

Keys are added and another becomes active; none is taken out, because older backups need theirs.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from app.security.protection.ciphers import KEY_BYTES, CipherName
from config import SettingsError

FORMAT = 1
FINGERPRINT_OF = b"portal key"


class KeyFault(SettingsError):
    """The keys cannot be used; its text is a sentence for the operator."""


class DigestName(StrEnum):
    SHA256 = "hmac-sha256"
    SM3 = "hmac-sm3"


DIGEST_OF = {CipherName.AES: DigestName.SHA256, CipherName.SM4: DigestName.SM3}


@dataclass(frozen=True)
class Key:
    number: int
    cipher: CipherName
    secret: bytes
    made_at: str

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.secret)


@dataclass(frozen=True)
class KeyFile:
    """`digest_secret` makes the keyed digests; it stays when the keys change."""

    active: int
    keys: tuple[Key, ...]
    digest: DigestName
    digest_secret: bytes


def fingerprint(secret: bytes) -> str:
    """Tells keys apart without telling anything about them."""
    return hmac.digest(secret, FINGERPRINT_OF, hashlib.sha256).hex()[:32]


def make(path: Path, cipher: CipherName, now: datetime) -> bool:
    """A file with one key, unless there is one. Several processes may come at once: one file wins, all read it.

    :raises KeyFault: when it cannot be written
    """
    if path.exists():
        return False
    new = KeyFile(1, (new_key(1, cipher, now),), DIGEST_OF[cipher], secrets.token_bytes(32))
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(part, new)
        try:
            os.link(part, path)
            return True
        except FileExistsError:
            return False
        finally:
            part.unlink()
    except OSError as fault:
        raise KeyFault(f"The key file {path} cannot be made: {fault.strerror}.") from fault


def new_key(number: int, cipher: CipherName, now: datetime) -> Key:
    made_at = now.isoformat(timespec="seconds")
    return Key(number, cipher, secrets.token_bytes(KEY_BYTES[cipher]), made_at)


def read(path: Path) -> KeyFile:
    """:raises KeyFault: not there, open to others, or not a file of keys"""
    try:
        if path.stat().st_mode & 0o077:
            raise KeyFault(f"The key file {path} can be read by others; give it the mode 0600.")
        found = json.loads(path.read_text("ascii"))
        return _checked(path, found)
    except FileNotFoundError as fault:
        raise KeyFault(
            f"The key file {path} is missing. Bring it back from where keys are kept; on a new installation "
            "`python run.py keys` makes one."
        ) from fault
    except OSError as fault:
        raise KeyFault(f"The key file {path} cannot be read: {fault.strerror}.") from fault
    except (ValueError, KeyError, TypeError, binascii.Error) as fault:
        raise KeyFault(f"The key file {path} is damaged: it is not a list of keys.") from fault


def add_key(path: Path, cipher: CipherName, now: datetime) -> Key:
    """One more key, which becomes the active one."""
    with locked(path):
        known = read(path)
        key = new_key(max(k.number for k in known.keys) + 1, cipher, now)
        part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        _write_new(part, KeyFile(key.number, (*known.keys, key), known.digest, known.digest_secret))
        os.replace(part, path)
    return key


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with open(path.with_name(f"{path.name}.lock"), "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _checked(path: Path, found: Any) -> KeyFile:
    if found["format"] != FORMAT:
        raise KeyFault(f"The key file {path} was written by a newer portal.")
    keys = tuple(
        Key(
            int(k["number"]), CipherName(k["cipher"]), base64.b64decode(k["key"], validate=True), k["made_at"]
        )
        for k in found["keys"]
    )
    numbers = [key.number for key in keys]
    fits = all(len(key.secret) == KEY_BYTES[key.cipher] for key in keys)
    secret = base64.b64decode(found["digest"]["key"], validate=True)
    if not fits or len(set(numbers)) != len(numbers) or found["active"] not in numbers or len(secret) != 32:
        raise ValueError("keys")
    return KeyFile(found["active"], keys, DigestName(found["digest"]["name"]), secret)


def _write_new(path: Path, file: KeyFile) -> None:
    content = {
        "format": FORMAT,
        "active": file.active,
        "keys": [
            {"number": k.number, "cipher": k.cipher, "key": _text(k.secret), "made_at": k.made_at}
            for k in file.keys
        ],
        "digest": {"name": file.digest, "key": _text(file.digest_secret)},
    }
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as target:
        json.dump(content, target, indent=1)
        target.flush()
        os.fsync(target.fileno())


def _text(secret: bytes) -> str:
    return base64.b64encode(secret).decode("ascii")
