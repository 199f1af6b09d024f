"""How far a job is, told on a connection of its own: pages see it before the job commits or if it fails."""

from __future__ import annotations

import time

from sqlalchemy import Connection, Engine
from sqlalchemy.dialects.postgresql import insert

from app.jobs.models import JobProgress
from app.kernel.clock import Clock

AT_MOST_EVERY = 0.5


class Reporter:
    """The `progress` that a job gets: writes at most twice a second, and the last value at the end."""

    def __init__(self, engine: Engine, outbox_id: int, clock: Clock) -> None:
        self._engine = engine.engine
        self._id = outbox_id
        self._clock = clock
        self._connection: Connection | None = None
        self._written_at = 0.0
        self._pending: tuple[int, int | None] | None = None

    def __call__(self, done: int, total: int | None = None) -> None:
        self._pending = (done, total)
        if done == total or time.monotonic() - self._written_at >= AT_MOST_EVERY:
            self._write()

    def close(self) -> None:
        if self._pending is not None:
            self._write()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _write(self) -> None:
        if self._pending is None:
            return
        if self._connection is None:
            self._connection = self._engine.connect()
        done, total = self._pending
        values = {"done": done, "total": total, "at": self._clock.now()}
        statement = insert(JobProgress).values(outbox_id=self._id, **values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["outbox_id"], set_=values))
        self._connection.commit()
        self._pending = None
        self._written_at = time.monotonic()
