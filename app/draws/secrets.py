"""The three secrets of a draw: from the system's generator, sealed at rest, opened by the draw alone.

AES-256-GCM under a key in a file outside the database; the number of the draw is bound in, so that a sealed
value cannot be moved to another row.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.draws.engine import Secrets

NAME = "draw_secrets.key"
SIZE = 32
NONCE_SIZE = 12


class SecretsLost(Exception):
    """The secrets cannot be opened: the key file is missing or another one, or the row was changed."""


def new_secrets() -> Secrets:
    """Fresh secrets; the only place where chance enters a draw on the operator's side."""
    return Secrets(*(secrets.token_bytes(SIZE) for _ in range(3)))


def seal(value: Secrets, draw_no: str, directory: Path) -> bytes:
    """The secrets as the row keeps them. Makes the key file at the first use."""
    nonce = os.urandom(NONCE_SIZE)
    plain = value.operator + value.list + value.chain
    return nonce + AESGCM(_key(directory, make=True)).encrypt(nonce, plain, draw_no.encode())


def unseal(sealed: bytes, draw_no: str, directory: Path) -> Secrets:
    """:raises SecretsLost: when they are not what this installation has sealed for this draw"""
    try:
        plain = AESGCM(_key(directory)).decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], draw_no.encode())
    except (InvalidTag, ValueError) as fault:
        raise SecretsLost(f"the secrets of draw {draw_no} do not open") from fault
    return Secrets(plain[:SIZE], plain[SIZE : 2 * SIZE], plain[2 * SIZE :])


def _key(directory: Path, make: bool = False) -> bytes:
    path = directory / NAME
    if not path.exists():
        if not make:
            raise SecretsLost(f"there is no key at {path}")
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(path)
    return path.read_bytes()


def _make(path: Path) -> None:
    """Written whole under another name first: two processes that come together get the same key."""
    made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        target.write(secrets.token_bytes(SIZE))
        target.flush()
        os.fsync(target.fileno())
    try:
        os.link(made, path)
    except FileExistsError:
        return
    finally:
        made.unlink()
