"""Counters of a few minutes: in Redis, or in this process while Redis is away. Never a query, never a wait."""

from __future__ import annotations

import time
from threading import Lock

import structlog

from app.jobs.redis import Down, connect
from config import Settings

WAIT = 0.1
PAUSE = 30.0
MOST_KEPT = 20_000
log = structlog.get_logger()


class Counters:
    """`hit(key)` counts one more and gives the number. Keys carry their own window, and expire after it.

    Without Redis each process counts for itself: limits are then per process, which is less strict, and said
    in the log once per pause.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._own: dict[str, int] = {}
        self._away_until = 0.0

    def hit(self, settings: Settings, key: str, seconds: int) -> int:
        if settings.redis_url is not None and time.monotonic() >= self._away_until:
            try:
                pipe = connect(settings, WAIT).pipeline(transaction=False)
                pipe.incr(f"count:{key}")
                pipe.expire(f"count:{key}", seconds)
                return int(pipe.execute()[0])
            except Down:
                self._away_until = time.monotonic() + PAUSE
                log.warning("Redis is away, requests are counted per process")
        return self._hit_here(key)

    def _hit_here(self, key: str) -> int:
        with self._lock:
            if len(self._own) >= MOST_KEPT:
                self._own.clear()
            self._own[key] = self._own.get(key, 0) + 1
            return self._own[key]


counters = Counters()
