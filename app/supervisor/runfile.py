"""`run.json` in PORTAL_HOME: what runs where, with the ports, passwords and places that the next start
keeps.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.supervisor.errors import SupervisorError
from app.supervisor.processes import Process


class RunFile:
    """Sections by name (`postgres`, `redis`, `web`, ...), each a flat object. Holds passwords: mode 0600."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / "run.json"

    def read(self) -> dict[str, Any]:
        """What is written; empty when there is nothing usable, for everything in it can be found again."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
        except PermissionError:
            raise SupervisorError(
                f"{self.path} belongs to another user; start the portal as that user, or set PORTAL_HOME."
            ) from None
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def section(self, name: str) -> dict[str, Any]:
        found = self.read().get(name)
        return found if isinstance(found, dict) else {}

    def update(self, **sections: dict[str, Any] | None) -> None:
        """Merge into the named sections; None takes a section out. Whole or not at all, also when killed."""
        with locked(self.home / "run.json.lock"):
            content = self.read()
            for name, values in sections.items():
                if values is None:
                    content.pop(name, None)
                else:
                    content[name] = {**content.get(name, {}), **values}
            content["home"] = str(self.home)
            handle, temporary = tempfile.mkstemp(prefix="run.json.", dir=self.home)
            with open(handle, "w", encoding="utf-8") as target:
                json.dump(content, target, ensure_ascii=False, indent=2)
                target.write("\n")
                target.flush()
                os.fsync(target.fileno())
            os.replace(temporary, self.path)

    def process(self, name: str) -> Process | None:
        """The process written in that section, when it is still the same one and alive."""
        values = self.section(name)
        if not isinstance(values.get("pid"), int):
            return None
        one = Process(values["pid"], values.get("began", 0))
        return one if one.is_alive() else None

    def forget_what_was_copied(self) -> None:
        """A copied clone must not take the original's ports, processes or data outside the clone for its
        own.
        """
        before = self.read().get("home")
        if before and before != str(self.home) and (Path(before) / "run.json").exists():
            kept = {name: {"password": self.section(name).get("password")} for name in ("postgres", "redis")}
            self.path.unlink()
            self.update(**{name: values for name, values in kept.items() if values["password"]})


@contextmanager
def locked(path: Path, seconds: float | None = None, refusal: str | None = None) -> Iterator[None]:
    """Alone among all processes that take this lock; the system gives it back when a process dies.

    :raises SupervisorError: when somebody else held it all the time, with the sentence `refusal`
    """
    with open(path, "a", encoding="ascii") as handle:
        end = None if seconds is None else time.monotonic() + seconds
        while end is not None:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    sentence = refusal or f"Another process holds {path}; try again when it is done."
                    raise SupervisorError(sentence) from None
                time.sleep(0.05)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class Presence:
    """A shared lock that everybody holds who uses the servers, so that the last one to leave can tell."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: Any = None

    @property
    def is_held(self) -> bool:
        return self._handle is not None

    def enter(self) -> None:
        if self._handle is None:
            self._handle = open(self._path, "a", encoding="ascii")  # noqa: SIM115 - held until leave()
            fcntl.flock(self._handle, fcntl.LOCK_SH)

    def is_alone(self) -> bool:
        """Whether nobody else holds it. Call it only where nobody can enter meanwhile."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._handle, fcntl.LOCK_SH)
            return False
        return True

    def leave(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None
