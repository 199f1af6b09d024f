"""Homes of their own for servers that are started, killed and started again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.supervisor import EmbeddedServers

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def make_servers() -> Iterator[Callable[..., EmbeddedServers]]:
    """Servers in a home, stopped and erased at the end (their data may lie outside the home)."""
    made: list[EmbeddedServers] = []

    def make(home: Path, **options: str | bool | None) -> EmbeddedServers:
        servers = EmbeddedServers(home, CHECKOUT, **{"durable": False, **options})  # type: ignore[arg-type]
        made.append(servers)
        return servers

    yield make
    for servers in made:
        servers.stop()
    for servers in made:
        if servers.is_needed and servers.placement().base.exists():
            servers.erase()
