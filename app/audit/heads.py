"""The signed heads outside the database: one JSON line each in `heads.jsonl`, only appended."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Engine, select

from app.audit.models import LogHead

NAME = "heads.jsonl"
TAIL = 65_536


@dataclass(frozen=True)
class PublishedHead:
    size: int
    root: str
    note: str
    at: str


def publish_heads(engine: Engine, directory: Path) -> int:
    """Append every stored head that is larger than the last line, and sync; gives how many.

    What a killed process did not write is written by the next one. A line that was torn off is written anew.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(directory / NAME) as file, engine.connect() as connection:
        last = _last_size(file)
        table = LogHead.__table__
        rows = connection.execute(select(table).where(table.c.size > last).order_by(table.c.size)).all()
        for row in rows:
            line = {"size": row.size, "root": row.root.hex(), "note": row.note, "at": row.at.isoformat()}
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        if rows:
            file.flush()
            os.fsync(file.fileno())
        return len(rows)


def published_heads(directory: Path) -> Iterator[PublishedHead]:
    """All lines in order.

    :raises ValueError: naming the line that is no head
    """
    path = directory / NAME
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                fields = json.loads(line)
                yield PublishedHead(
                    int(fields["size"]), str(fields["root"]), str(fields["note"]), str(fields["at"])
                )
            except (ValueError, KeyError, TypeError) as fault:
                raise ValueError(f"line {number} of {NAME} is no head") from fault


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _last_size(file: BinaryIO) -> int:
    """Size in the last whole line; leaves the file at its end, without a torn line."""
    end = file.seek(0, os.SEEK_END)
    start = max(0, end - TAIL)
    file.seek(start)
    tail = file.read()
    whole = tail.rfind(b"\n") + 1
    if whole < len(tail):
        file.truncate(start + whole)
    file.seek(0, os.SEEK_END)
    lines = tail[:whole].splitlines()
    return int(json.loads(lines[-1])["size"]) if lines else 0
