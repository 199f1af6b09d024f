"""Another key: everything sealed anew in batches, stopped and gone on with, the old key retired at the end."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.db import Actor, db, unit_of_work
from app.directories.targets.models import Target
from app.jobs.registry import find_job
from app.kernel.errors import Refused
from app.ops.keys.jobs import JOB, one_batch
from app.security.models import SecurityLog
from app.security.protection import keyring, rotation
from app.security.protection.ciphers import CipherName
from app.security.protection.keyring import KeyFault, current_keyring
from app.security.protection.models import DataKey
from app.security.protection.start import check_keys, install_keys
from app.security.scope import Scope


@pytest.fixture
def own_keys(own_app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """An own database with an own copy of its key file."""
    before = current_keyring().path
    copy = tmp_path / "keys" / "data_keys.json"
    copy.parent.mkdir(exist_ok=True)
    shutil.copy2(before, copy)
    own_app.extensions["settings"] = replace(own_app.extensions["settings"], data_key_file=copy)
    keyring.install(copy)
    yield own_app
    keyring.install(before)


def unit(app: Flask):
    return unit_of_work(Actor.system("cli"), Scope.system("test"), app.extensions["clock"])


def _sample() -> list[tuple[str, str]]:
    session = db.session()
    session.info["scope"] = Scope.system("test")
    table = Target.__table__.c
    rows = session.execute(
        select(table.code, table.phone, table.home_address).order_by(table.id).limit(300)
    ).all()
    session.rollback()
    return [tuple(row) for row in rows]


def test_every_value_moves_to_the_new_key_and_reads_as_before(own_keys: Flask) -> None:
    before, history = _sample(), _history()
    with unit(own_keys) as u:
        number = rotation.begin(u, CipherName.SM4)
        enqueued = sum(rotation.left(u.session).values())
    assert enqueued > 20_000
    seen: list[tuple[int, int | None]] = []
    with unit(own_keys) as u:
        find_job(JOB).run(u, {"key": number}, lambda done, total=None: seen.append((done, total)))
    assert seen[-1] == (enqueued, enqueued)
    assert len(seen) > 20
    with unit(own_keys) as u:
        assert set(rotation.left(u.session).values()) == {0}
        states = {key["code"]: key["state"] for key in rotation.described(u.session)}
        assert states == {"key:1": "retired", f"key:{number}": "active", "digest": "active"}
        notes = u.session.scalars(
            select(SecurityLog.subject).where(SecurityLog.action == "key_rotated").order_by(SecurityLog.id)
        ).all()
        assert notes == [f"key:{number}", "key:1"]
    assert _sample() == before
    assert _history() == history


def _history() -> int:
    with db.engine.connect() as connection:
        return connection.execute(
            text(
                "SELECT count(*) FROM row_history WHERE table_name IN ('target', 'inspector', 'expert', 'ab_user')"
            )
        ).scalar_one()


def test_a_stopped_change_goes_on_where_it_was(own_keys: Flask) -> None:
    with unit(own_keys) as u:
        number = rotation.begin(u, CipherName.AES)
        whole = sum(rotation.left(u.session).values())
    with pytest.raises(KeyboardInterrupt), unit(own_keys) as u:
        reached: dict[str, object] = {}
        for _ in range(3):
            one_batch(u, reached)
        raise KeyboardInterrupt
    with unit(own_keys) as u:
        rest = sum(rotation.left(u.session).values())
        assert 0 < rest <= whole - 1000
        with pytest.raises(Refused, match="keys_being_changed"):
            rotation.begin(u, CipherName.AES)
        assert rotation.retire(u) == []
    runner = own_keys.test_cli_runner()
    answer = runner.invoke(args=["keys", "rotate", "--now"])
    assert answer.exit_code == 0, answer.output
    assert f"key:{number} is the active one." in answer.output
    assert f"{rest} rows sealed anew; retired: key:1" in answer.output
    listed = json.loads(runner.invoke(args=["keys", "list", "--json"]).output)
    assert listed["left"] == 0
    assert "key" not in {name for key in listed["keys"] for name in key}


def test_only_the_operation_changes_keys(own_keys: Flask) -> None:
    clerk = Actor(code="u1", roles=frozenset({"clerk", "security_admin"}))
    acting = unit_of_work(clerk, Scope.system("test"), own_keys.extensions["clock"])
    with pytest.raises(Refused, match="role_missing"), acting as u:
        rotation.begin(u, CipherName.AES)


@pytest.mark.parametrize("missing", ["other keys", "no file"])
def test_a_start_without_the_right_keys_ends_with_a_sentence(
    own_keys: Flask, missing: str, tmp_path: Path
) -> None:
    settings = replace(own_keys.extensions["settings"], data_key_file=tmp_path / "elsewhere" / "k.json")
    now = own_keys.extensions["clock"].now()
    if missing == "no file":
        with pytest.raises(KeyFault, match=r"k\.json is missing.*\.$"):
            install_keys(replace(settings, env="production"), now)
        assert not settings.data_key_file.exists(), "in production no file is made by itself"
    else:
        install_keys(settings, now)
        with pytest.raises(KeyFault, match=r"does not fit this database: it lacks digest, key:1\..*\.$"):
            check_keys(db.session())


def test_the_database_holds_fingerprints_and_no_key(own_keys: Flask) -> None:
    secrets = [key.secret.hex() for key in current_keyring().file.keys]
    db.session().info["scope"] = Scope.system("test")
    for row in db.session.scalars(select(DataKey)):
        assert len(row.fingerprint) == 32
        assert all(row.fingerprint not in secret for secret in secrets)
    assert db.session.scalar(select(func.count()).select_from(DataKey)) == 2
