"""The portal's own processes as children of one: started together, brought back when they die, stopped
together.

A child never outlives its parent: it is signalled by the kernel when the parent dies, and the next start
ends what a kill of both left behind. Each leads a group of its own, so that Ctrl-C reaches only the parent,
which stops them in order.
"""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from app.supervisor.logs import rotate, tail
from app.supervisor.processes import Process, began_at, dies_with_parent, end_all, group_in, wait_until
from app.supervisor.runfile import RunFile

_GRACE_SECONDS = 15.0
_LONGEST_PAUSE = 30.0
# A child that lived this long is taken for healthy: its next death is a first one.
_HEALTHY_AFTER = 60.0
_LOOK_EVERY = 0.25
_ROTATE_EVERY = 60.0


@dataclass
class Child:
    """One part of the portal: a name, which is also its log's, and the command that runs it."""

    name: str
    command: Sequence[str]
    deaths: int = 0
    next_start: float = 0.0
    started: float = 0.0
    popen: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def pause(self) -> float:
        """Seconds to wait before the next start: half a second, doubled by each death, thirty at most."""
        return float(min(0.5 * 2 ** max(self.deaths - 1, 0), _LONGEST_PAUSE))


class Family:
    """Runs children until it is told to stop by `stop()`, Ctrl-C, SIGTERM or SIGHUP."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        home: Path,
        checkout: Path,
        environment: Callable[[], Mapping[str, str]],
        say: Callable[[str], None],
        before_each_look: Callable[[], None] = lambda: None,
    ) -> None:
        """`environment` is asked at every start of a child: the servers' ports may have changed meanwhile."""
        self._children = list(children)
        self._home = home
        self._checkout = checkout
        self._environment = environment
        self._say = say
        self._look = before_each_look
        self._run_file = RunFile(home)
        self._asked_to_stop = 0

    def end_leftovers(self) -> None:
        """End what a killed supervisor left: `run.json` names the groups, and they work in this folder."""
        for child in self._children:
            leader = self._run_file.section(child.name).get("pid")
            if isinstance(leader, int):
                end_all(group_in(leader, self._checkout), signal.SIGTERM, 5)

    def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Start all, call `ready`, then watch until asked to stop. Always stops all before it returns."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        try:
            for child in self._children:
                self._start(child)
            if not self._asked_to_stop:
                ready()
            self._watch()
        finally:
            self._stop_children()
            for number, handler in before.items():
                signal.signal(number, handler)

    def stop(self) -> None:
        self._asked_to_stop += 1

    def restart(self) -> None:
        """Let every child begin anew, with a fresh environment."""
        for child in self._children:
            if child.popen is not None:
                child.popen.terminate()

    @property
    def is_stopping(self) -> bool:
        return self._asked_to_stop > 0

    def _on_signal(self, _number: int, _frame: FrameType | None) -> Any:
        self.stop()

    def log(self, child: Child) -> Path:
        return self._home / "log" / f"{child.name}.log"

    def _start(self, child: Child) -> None:
        self.log(child).parent.mkdir(parents=True, exist_ok=True)
        with open(self.log(child), "ab") as log:
            child.popen = subprocess.Popen(
                child.command,
                cwd=self._checkout,
                env=dict(self._environment()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent(),
            )
        child.started = time.monotonic()
        self._run_file.update(**{child.name: {"pid": child.popen.pid, "began": began_at(child.popen.pid)}})

    def _watch(self) -> None:
        next_rotation = time.monotonic() + _ROTATE_EVERY
        while not self._asked_to_stop:
            now = time.monotonic()
            self._look()
            for child in self._children:
                self._revive(child, now)
            if now >= next_rotation:
                rotate(self._home / "log")
                next_rotation = now + _ROTATE_EVERY
            time.sleep(_LOOK_EVERY)

    def _revive(self, child: Child, now: float) -> None:
        if child.popen is None:
            if now >= child.next_start:
                self._start(child)
            return
        code = child.popen.poll()
        if code is None:
            return
        # What it forked would hold its port and its jobs.
        Process(child.popen.pid, -1).send_to_group(signal.SIGKILL)
        child.popen = None
        child.deaths = 1 if now - child.started > _HEALTHY_AFTER else child.deaths + 1
        child.next_start = now + child.pause()
        self._say(
            f"{child.name} ended ({_how(code)}); starting it again in {child.pause():g} s. "
            f"Log: {self.log(child)}"
        )
        if child.deaths == 1 and code > 0:
            self._say(tail(self.log(child), 6))

    def _stop_children(self) -> None:
        living = [child.popen for child in self._children if child.popen is not None]
        for popen in living:
            popen.terminate()
        wait_until(
            lambda: all(p.poll() is not None for p in living) or self._asked_to_stop > 1, _GRACE_SECONDS
        )
        for popen in living:
            if popen.poll() is None:
                popen.kill()
                popen.wait()
            Process(popen.pid, -1).send_to_group(signal.SIGKILL)
        self._run_file.update(**{child.name: None for child in self._children})


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
