"""Processes by identity: a number alone may belong to somebody else by the time it is used."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_HAS_PROC = os.path.isdir("/proc/self")
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Process:
    """A process and the moment it began (clock ticks since boot; 0 where the system does not tell)."""

    pid: int
    began: int

    def is_alive(self) -> bool:
        return self.pid > 0 and began_at(self.pid) == self.began

    def send(self, number: signal.Signals) -> None:
        """Signal it, unless it has gone or its number now belongs to another process."""
        if self.is_alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def send_to_group(self, number: signal.Signals) -> None:
        """Signal the group that it leads: it and what it forked, also when it is itself gone."""
        if self.is_alive() or began_at(self.pid) is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def wait(self, seconds: float) -> bool:
        """Whether it was gone within that time."""
        return wait_until(lambda: not self.is_alive(), seconds)


def process(pid: int) -> Process | None:
    """The process that has this number now."""
    began = began_at(pid)
    return None if began is None else Process(pid, began)


def began_at(pid: int) -> int | None:
    """Start time in clock ticks since boot, None when there is no such process or it is only a zombie."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        if _HAS_PROC:
            return None
        return 0 if _answers_to_signals(pid) else None
    return None if after_name[0] in "ZX" else int(after_name[19])


def _answers_to_signals(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def works_in(pid: int, folder: Path) -> bool:
    """Whether that is its working directory; assumed where the system does not tell."""
    if not _HAS_PROC:
        return True
    try:
        return os.readlink(f"/proc/{pid}/cwd") == os.path.realpath(folder)
    except OSError:
        return False


def working_in(folder: Path) -> list[Process]:
    """Processes whose working directory is this folder: a server's orphans, which no number file names any
    more.
    """
    if not _HAS_PROC:
        return []
    numbers = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [one for number in numbers if works_in(number, folder) and (one := process(number))]


def group_in(leader: int, folder: Path) -> list[Process]:
    """The members of a process group who work in this folder, also when their leader is gone."""
    return [one for one in working_in(folder) if _group_of(one.pid) == leader]


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def end_all(those: list[Process], number: signal.Signals, seconds: float) -> bool:
    """Signal each, wait for all together, kill what is left; whether none had to be killed."""
    for one in those:
        one.send(number)
    in_time = wait_until(lambda: not any(one.is_alive() for one in those), seconds)
    for one in those:
        one.send(signal.SIGKILL)
        one.wait(5)
    return in_time


def wait_until(condition: Callable[[], bool], seconds: float, step: float = 0.05) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(step)
    return True


def dies_with_parent(
    number: signal.Signals = signal.SIGTERM, *, parent: int | None = None
) -> Callable[[], None]:
    """To be called in a child after the fork: it is signalled when its parent dies, however that dies.

    :param parent: the parent's number, when this is built only after the fork
    """
    expected = os.getpid() if parent is None else parent

    def before_exec() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
            if os.getppid() != expected:
                os._exit(1)

    return before_exec
