"""Under which account the embedded servers run, and where their programs and data lie.

Started by root, PostgreSQL refuses to run; both servers then run under an unprivileged account. That
account cannot enter folders of mode 0700 (a home, a temporary folder, a CI clone). Where that is so,
programs and data go below `/var/lib/evenhand/`; the mode of a folder that was not made here is never
changed.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.supervisor.errors import SupervisorError
from app.supervisor.programs import (
    copied_postgres,
    copied_redis,
    installed_postgres,
    installed_redis,
    make_open_folder,
)

OUTSIDE = Path("/var/lib/evenhand")
CLEAN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


@dataclass(frozen=True)
class Account:
    """Who runs the servers; None as ids: whoever starts them."""

    uid: int | None
    gid: int | None

    def popen_options(self) -> dict[str, Any]:
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


@dataclass(frozen=True)
class Placement:
    """Programs and data folders that `account` can reach."""

    account: Account
    postgres_programs: Path
    redis_program: Path
    base: Path
    """Holds `postgres` and `redis`; made here, so its mode is ours."""
    outside: bool
    """Whether `base` lies outside PORTAL_HOME."""

    def folder(self, name: str) -> Path:
        """A folder below `base` that only the account can read."""
        path = self.base / name
        if not path.exists():
            path.mkdir(mode=0o700)
            self.account.own(path)
        return path


def place(home: Path, checkout: Path) -> Placement:
    """Choose account, programs and data folders; makes what is missing, changes nothing that was there."""
    postgres, redis = installed_postgres(), installed_redis()
    outside = OUTSIDE / _short_hash(checkout)
    base = outside / f"data-{_short_hash(home)}"
    inside = home / "servers"
    account = _account(inside if inside.exists() else base)
    if not base.exists():
        make_open_folder(inside)
        if can_run(account, postgres / "bin" / "initdb", inside) and can_run(account, redis, inside):
            return Placement(account, postgres, redis, inside, outside=False)
        try:
            inside.rmdir()
        except OSError:
            raise SupervisorError(
                f"The account that the servers run under can no longer reach the data in {inside}: "
                "a folder above it, or above .venv, was closed. Open it again, or move the folder."
            ) from None
        make_open_folder(base)
    return Placement(
        account, copied_postgres(postgres, outside), copied_redis(redis, outside), base, outside=True
    )


def _account(base: Path) -> Account:
    """Whoever owns the data already, when root starts what another user made."""
    if os.geteuid() != 0:
        return Account(None, None)
    try:
        owner = (base / "postgres").stat()
    except OSError:
        return unprivileged_account()
    return Account(owner.st_uid, owner.st_gid) if owner.st_uid else unprivileged_account()


def unprivileged_account() -> Account:
    """An account without rights for servers that root starts; its name must be known, initdb asks for it."""
    for name in ("nobody", "daemon", "bin"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise SupervisorError(
        "The embedded PostgreSQL does not run as root, and this machine has no unprivileged account "
        "(nobody, daemon or bin). Start the portal as another user, or set DATABASE_URL and REDIS_URL."
    )


def can_run(account: Account, program: Path, folder: Path) -> bool:
    """Whether the account reaches both the program and the folder. Tried, not guessed from modes."""
    script = 'cd "$1" && exec "$2" --version'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", str(folder), str(program)],
        cwd="/",
        env=CLEAN_ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        **account.popen_options(),
    )
    return done.returncode == 0


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:16]
