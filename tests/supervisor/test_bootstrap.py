"""A clone makes its environment once, wherever it lies, and asks nobody the second time."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.supervisor.conftest import CHECKOUT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    folder = tmp_path / "一 clone"
    (folder / ".ci").mkdir(parents=True, mode=0o700)
    shutil.copy(CHECKOUT / ".ci" / "bootstrap.py", folder / ".ci")
    (folder / "requirements.txt").write_text("")
    (folder / "requirements-dev.txt").write_text("-r requirements.txt\n")
    return folder


def bootstrap(clone: Path, *arguments: str, python: str = sys.executable, **environ: str):  # type: ignore[no-untyped-def]
    return subprocess.run(
        [python, str(clone / ".ci" / "bootstrap.py"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(clone), **environ},
    )


def test_the_environment_is_made_once(clone: Path) -> None:
    first = bootstrap(clone)
    assert first.returncode == 0, first.stderr
    assert "installed requirements.txt" in first.stdout
    again = bootstrap(clone, PIP_INDEX_URL="file:///nowhere")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert bootstrap(clone, "--dev").stdout.startswith("installing requirements-dev.txt")
    python = clone / ".venv" / "bin" / "python"
    assert subprocess.run([python, "-c", "pass"], check=False).returncode == 0


def test_what_tests_need_includes_what_runs(clone: Path) -> None:
    assert "installed requirements-dev.txt" in bootstrap(clone, "--dev").stdout
    assert bootstrap(clone).stdout == ""
    assert bootstrap(clone, "--dev").stdout == ""


def test_changed_requirements_are_installed_again(clone: Path) -> None:
    bootstrap(clone)
    (clone / "requirements.txt").write_text("# changed\n")
    assert "installing requirements.txt" in bootstrap(clone).stdout


def test_a_package_that_cannot_be_had_stops_with_a_sentence_and_no_stamp(clone: Path) -> None:
    (clone / "requirements.txt").write_text("./no-such-package.whl\n")
    done = bootstrap(clone)
    assert done.returncode == 1
    assert "The packages in requirements.txt could not be installed" in done.stderr
    assert not list((clone / ".venv").glob("*.stamp"))


def test_an_environment_whose_python_is_gone_is_made_anew(clone: Path) -> None:
    bootstrap(clone)
    python = clone / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert "making .venv" in bootstrap(clone).stdout
    assert subprocess.run([python, "-c", "pass"], check=False).returncode == 0


def test_an_old_python_says_so_or_steps_aside(clone: Path) -> None:
    text = (clone / ".ci" / "bootstrap.py").read_text()
    (clone / ".ci" / "bootstrap.py").write_text(text.replace("OLDEST = (3, 11)", "OLDEST = (9, 9)"))
    done = bootstrap(clone)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer" in done.stderr
    assert not (clone / ".venv").exists()
