"""The connection to Redis, which may be gone at any time: nobody may wait for it."""

from __future__ import annotations

import functools

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from config import Settings

Down = (RedisError, OSError)
QUEUES = ("default", "mail")


def connect(settings: Settings, wait: float = 0.5) -> Redis:
    """A client that gives up after `wait` seconds, without trying again.

    :raises RuntimeError: when no server is named
    """
    if settings.redis_url is None:
        raise RuntimeError("no Redis is named in the settings")
    return _client(settings.redis_url, wait)


@functools.lru_cache(maxsize=8)
def _client(url: str, wait: float) -> Redis:
    return Redis.from_url(
        url, socket_connect_timeout=min(wait, 1.0), socket_timeout=wait, retry=Retry(NoBackoff(), 0)
    )


def ping(settings: Settings) -> bool:
    """Whether Redis answers within half a second."""
    if settings.redis_url is None:
        return False
    try:
        return bool(connect(settings).ping())
    except Down:
        return False
