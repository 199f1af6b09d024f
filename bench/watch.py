"""What a stretch of work costs: seconds on the wall, and on the processors of this process and of the database."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from app.db import db


@dataclass
class Spent:
    """Seconds on the wall, on a processor in this process, and on a processor in the database."""

    wall: float
    process: float
    database: float

    @property
    def processors(self) -> float:
        return self.process + self.database

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall + other.wall, self.process + other.process, self.database + other.database)

    def __str__(self) -> str:
        return f"{self.wall:.1f} s (processors: {self.process:.1f} s here, {self.database:.1f} s in the database)"


class Watch:
    """What was spent since it was made."""

    def __init__(self) -> None:
        self._begun = time.perf_counter(), time.process_time(), _database_seconds()

    def read(self) -> Spent:
        wall, process, database = self._begun
        return Spent(
            time.perf_counter() - wall, time.process_time() - process, _database_seconds() - database
        )


def _database_seconds() -> float:
    """On a processor, by the backends of this database: they run on this machine, and connections stay open."""
    ticks = 0
    with db.engine.connect() as connection:
        query = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        pids = connection.execute(query).scalars().all()
    for pid in pids:
        place = Path(f"/proc/{pid}/stat")
        if place.exists():
            parts = place.read_text().rpartition(")")[2].split()
            ticks += int(parts[11]) + int(parts[12])
    return ticks / os.sysconf("SC_CLK_TCK")
