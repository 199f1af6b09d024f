"""The processes of the portal: brought back when they die, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.supervisor.family import Child, Family
from app.supervisor.logs import LARGEST, rotate, tail
from app.supervisor.processes import group_in, process, wait_until
from app.supervisor.runfile import RunFile
from tests.supervisor.conftest import CHECKOUT

# A child with a child of its own, as Gunicorn and RQ have.
NEST = "import os, time; pid = os.fork(); print('up', os.environ['TURN'], flush=True); time.sleep(60)"
PARENT = f"""
import sys; from pathlib import Path; from app.supervisor.family import Child, Family
children = [Child(name, [sys.executable, "-c", {NEST!r}]) for name in ("web", "worker")]
home = Path(sys.argv[1])
family = Family(children, home=home, checkout=home, environment=lambda: {{"TURN": "1"}},
                say=lambda text: print(text, flush=True))
family.end_leftovers()
family.run(lambda: print("ready", flush=True))
print("stopped", flush=True)
"""


def start(home: Path, already_up: int = 0) -> subprocess.Popen[str]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(home)], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    assert wait_until(lambda: tail(home / "log" / "worker.log").count("up 1") == already_up + 2, 20)
    return parent


def pids(home: Path) -> list[int]:
    return [RunFile(home).section(name)["pid"] for name in ("web", "worker")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_in_order(number: signal.Signals, tmp_path: Path) -> None:
    parent = start(tmp_path)
    children = pids(tmp_path)
    assert all(len(group_in(pid, tmp_path)) == 2 for pid in children)
    parent.send_signal(number)
    out, _ = parent.communicate(timeout=20)
    assert out.endswith("stopped\n")
    assert not any(group_in(pid, tmp_path) for pid in children)
    assert RunFile(tmp_path).section("web") == {}


def test_a_killed_child_comes_back_without_its_old_family(tmp_path: Path) -> None:
    parent = start(tmp_path)
    before = pids(tmp_path)
    os.kill(before[0], signal.SIGKILL)
    assert wait_until(lambda: RunFile(tmp_path).section("web")["pid"] != before[0], 10)
    after = pids(tmp_path)
    assert after[1] == before[1]
    assert not group_in(before[0], tmp_path)
    assert len(group_in(after[0], tmp_path)) >= 1
    parent.terminate()
    out, _ = parent.communicate(timeout=20)
    assert "web ended (signal SIGKILL); starting it again in 0.5 s" in out


def test_a_killed_supervisor_leaves_no_children(tmp_path: Path) -> None:
    parent = start(tmp_path)
    children = [process(pid) for pid in pids(tmp_path)]
    parent.kill()
    parent.communicate()
    assert all(child and child.wait(10) for child in children)
    # What they had forked is ended by the next start at the latest.
    second = start(tmp_path, already_up=2)
    assert not any(group_in(child.pid, tmp_path) for child in children if child)
    second.terminate()
    second.communicate(timeout=20)


def test_pauses_grow_to_half_a_minute() -> None:
    pauses = [Child("web", [], deaths=deaths).pause() for deaths in (1, 2, 3, 7, 50)]
    assert pauses == [0.5, 1.0, 2.0, 30.0, 30.0]


def test_a_child_that_cannot_start_is_shown_with_its_last_lines(tmp_path: Path) -> None:
    said: list[str] = []
    family: Family

    def say(text: str) -> None:
        said.append(text)
        if "in 1 s" in text:
            family.stop()

    family = Family(
        [Child("web", [sys.executable, "-c", "raise SystemExit('the reason')"])],
        home=tmp_path,
        checkout=tmp_path,
        environment=dict,
        say=say,
    )
    began = time.monotonic()
    family.run()
    assert time.monotonic() - began < 10
    assert said[0].startswith("web ended (exit code 1); starting it again in 0.5 s. Log: ")
    assert said[1] == "the reason"


def test_a_log_that_grew_is_moved_while_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "web.log"
    with open(path, "ab") as writer:
        writer.write(b"x" * (LARGEST + 1))
        writer.flush()
        rotate(tmp_path)
        writer.write(b"after\n")
    assert path.read_bytes() == b"after\n"
    assert (tmp_path / "web.log.1").stat().st_size == LARGEST + 1
    assert tail(tmp_path / "missing.log").startswith("(nothing in")
