"""Log files under PORTAL_HOME/log: one per process, kept small."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LARGEST = 20 * 1024 * 1024
_TAIL = 64 * 1024


def rotate(folder: Path) -> None:
    """Move what has grown too large to `<name>.1`. The writers append, so they go on in the emptied file."""
    for path in folder.glob("*.log"):
        if path.stat().st_size > LARGEST:
            shutil.copyfile(path, path.with_name(path.name + ".1"))
            os.truncate(path, 0)


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, for a message."""
    try:
        with open(log, "rb") as source:
            source.seek(max(0, log.stat().st_size - _TAIL))
            text = source.read().decode("utf-8", errors="replace")
    except OSError:
        return f"(nothing in {log})"
    return "\n".join(text.splitlines()[-lines:])
