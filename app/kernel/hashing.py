"""SHA-256 and SM3 (GB/T 32905) by name, with a fast path for many messages that share a prefix."""

import hashlib
from collections.abc import Callable
from typing import Protocol, Self

from cryptography.hazmat.primitives import hashes

DIGEST_SIZE = 32
DRAW_NAMESPACE = "evenhand-draw/1"


class _State(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def copy(self) -> Self: ...
    def digest(self) -> bytes: ...


class CryptographySm3:
    """SM3 from `cryptography`, for builds of Python whose OpenSSL leaves SM3 out of `hashlib`."""

    def __init__(self, state: hashes.Hash | None = None) -> None:
        self._state = state or hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._state.update(data)

    def copy(self) -> "CryptographySm3":
        return CryptographySm3(self._state.copy())

    def digest(self) -> bytes:
        return self._state.copy().finalize()


def _new_sm3() -> _State:
    try:
        return hashlib.new("sm3")
    except ValueError:
        return CryptographySm3()


class Hash:
    """A hash function with 32-byte digests. `digest(data)` hashes one message; `name` is the plan's name
    for it."""

    __slots__ = ("_empty", "digest", "name")

    def __init__(self, name: str, empty: _State) -> None:
        self.name = name
        self._empty = empty
        self.digest: Callable[[bytes], bytes] = self.from_prefix(b"")

    def from_prefix(self, prefix: bytes) -> Callable[[bytes], bytes]:
        """A function x -> H(prefix || x) that hashes the prefix once. Copying a state also beats creating
        one."""
        start = self._empty.copy()
        start.update(prefix)
        copy = start.copy

        def digest(rest: bytes) -> bytes:
            state = copy()
            state.update(rest)
            return state.digest()

        return digest

    def repeat(self, data: bytes, times: int) -> bytes:
        """H applied `times` times; the data itself for 0."""
        for _ in range(times):
            data = self.digest(data)
        return data

    def __repr__(self) -> str:
        return f"Hash({self.name!r})"

    def __reduce__(self) -> tuple[Callable[[str], "Hash"], tuple[str]]:
        return by_name, (self.name,)


SHA256 = Hash("sha256", hashlib.sha256())
SM3 = Hash("sm3", _new_sm3())
_BY_NAME = {"sha256": SHA256, "sm3": SM3}
NAMES = tuple(_BY_NAME)


def by_name(name: str) -> Hash:
    """The hash of that name. Raises KeyError for any name outside `NAMES`."""
    return _BY_NAME[name]


def enc(data: bytes) -> bytes:
    """Length of the data as 4 bytes big-endian, then the data: makes concatenations unambiguous."""
    return len(data).to_bytes(4, "big") + data


def tag(purpose: str) -> bytes:
    """The prefix that keeps the hashes of one purpose apart from those of every other: T(s) of the draw
    protocol."""
    return enc(f"{DRAW_NAMESPACE}/{purpose}".encode())
