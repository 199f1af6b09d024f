"""Files that jobs write and people fetch: outside the web root, under names that cannot be guessed, for 30 days."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from flask import current_app

KEPT = timedelta(days=30)
CSV = "text/csv; charset=utf-8"


def folder() -> Path:
    """Outside the web root and the uploads of others."""
    return Path(current_app.extensions["settings"].home) / "exports"


@contextmanager
def new_file(label: str, kind: str) -> Iterator[tuple[str, BinaryIO]]:
    """A new file, its name and where to write; a half-written one is removed.

    :param label: begins the name, `12` or `target-12`
    """
    name = f"{label}-{token_hex(8)}.{kind}"
    place = folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with (place / name).open("wb") as target:
            yield name, target
    except BaseException:
        (place / name).unlink(missing_ok=True)
        raise


def kept_file(name: str, done_at: datetime | None, now: datetime) -> Path | None:
    """The file while it is kept; None before it is done, after thirty days, or when it is not there."""
    if not name or done_at is None or done_at + KEPT < now:
        return None
    path = folder() / name
    return path if path.is_file() else None


def drop_old_files(now: datetime) -> int:
    """Files older than thirty days go."""
    limit = (now - KEPT).timestamp()
    old = [path for path in folder().glob("*-*") if path.is_file() and path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
