"""Free ports on one host."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable

# Below the range that the system gives to outgoing connections, so that a kept port is still free at the
# next start.
_OURS = range(20000, 30000)


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now, tried the way servers do it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen(1)
        except OSError:
            return False
    return True


def free_port(kept: int | None = None, avoid: Iterable[int] = ()) -> int:
    """The port that was kept from the last start if it is free, else a free one."""
    if kept and is_free(kept):
        return kept
    taken = set(avoid)
    for port in random.SystemRandom().sample(_OURS, len(_OURS)):
        if port not in taken and is_free(port):
            return port
    raise OSError("no free port between 20000 and 29999")


def next_free_port(first: int, host: str) -> int:
    """The first free port from `first` on."""
    for port in range(first, min(first + 200, 65536)):
        if is_free(port, host):
            return port
    raise OSError(f"no free port from {first} on")
