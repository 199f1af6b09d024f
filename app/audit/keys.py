"""The key that signs the log's heads: a file outside the database, made at the first use."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

NAME = "log_ed25519.pem"


class KeyMissing(Exception):
    """There is no key file; its text names the place."""


@dataclass(frozen=True)
class LogKey:
    """`directory` also holds the published heads."""

    private: Ed25519PrivateKey
    directory: Path

    @property
    def public(self) -> bytes:
        """32 bytes."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, text: bytes) -> bytes:
        return self.private.sign(text)


def log_key(directory: Path) -> LogKey:
    """The key of this installation; when two processes come first together, both get the same one.

    :raises OSError: when the directory cannot be written
    """
    path = directory / NAME
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(path)
    return read_key(directory)


def read_key(directory: Path) -> LogKey:
    """The key, which must be there.

    :raises KeyMissing: when it is not, or is none
    """
    path = directory / NAME
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as fault:
        raise KeyMissing(f"there is no key at {path}") from fault
    except ValueError as fault:
        raise KeyMissing(f"{path} is no key") from fault
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyMissing(f"{path} is no Ed25519 key")
    return LogKey(private, directory)


def _make(path: Path) -> None:
    made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(text)
        target.flush()
        os.fsync(target.fileno())
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()
